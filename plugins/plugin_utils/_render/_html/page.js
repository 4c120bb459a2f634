"use strict";
// Search and filters over the table of results. The page says everything without this script too.
(() => {
  const form = document.getElementById("filters");
  if (!form) return;
  const [search, cause, shown] = ["search", "cause", "shown"].map((id) => document.getElementById(id));
  const boxes = [...form.elements.namedItem("status").length ? form.elements.namedItem("status") : [form.elements.namedItem("status")]];
  const rows = [...document.querySelectorAll("table.results tbody tr")];
  let texts;

  const apply = () => {
    texts = texts || rows.map((row) => row.textContent.toLowerCase());
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const statuses = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const wanted = cause ? cause.value : "";
    let count = 0;
    rows.forEach((row, number) => {
      const matches = statuses.has(row.cells[0].className)
        && (!wanted || row.dataset.cause === wanted)
        && words.every((word) => texts[number].includes(word));
      if (row.hidden === matches) row.hidden = !matches;
      count += matches;
    });
    const all = rows.length.toLocaleString("en");
    shown.textContent = count === rows.length ? `All ${all} shown` : count ? `${count.toLocaleString("en")} of ${all} shown` : `None of ${all} matches`;
  };

  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });

  for (const button of document.querySelectorAll("button[data-cause]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      form.reset();
      if (cause) cause.value = button.dataset.cause;
      for (const box of boxes) box.checked = box.value === "F";
      apply();
      document.getElementById("results").scrollIntoView();
      search.focus({ preventScroll: true });
    });
  }
  form.hidden = false;
  shown.textContent = `All ${rows.length.toLocaleString("en")} shown`;
})();
