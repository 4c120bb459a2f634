"use strict";
// The search, the buttons of the causes, and copying. The page says everything without this script too.
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  if (!form) return;
  const [search, cause, shown] = ["search", "cause", "shown"].map(byId);
  const counted = (number, things = "result") => `${number.toLocaleString("en")} ${things}${number === 1 ? "" : "s"}`;
  const groups = [...document.querySelectorAll("details.group")].map((group) => ({
    group,
    most: Number(group.dataset.most),
    number: group.querySelector(".number"),
    rows: [...group.querySelectorAll("tbody tr")],
  }));
  const total = groups.reduce((sum, { rows }) => sum + rows.length, 0);

  // What is shown is a function of the fields alone. A group is open where few enough of its rows match.
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = cause ? cause.value : "";
    const filtered = wanted || words.length;
    let found = 0;
    for (const one of groups) {
      if (words.length) one.texts = one.texts || one.rows.map((row) => row.textContent.toLowerCase());
      let count = 0;
      one.rows.forEach((row, at) => {
        const matches = (!wanted || row.dataset.cause === wanted) && words.every((word) => one.texts[at].includes(word));
        if (row.hidden === matches) row.hidden = !matches;
        count += matches;
      });
      const all = counted(one.rows.length);
      one.number.textContent = filtered ? `${count.toLocaleString("en")} of ${all}` : all;
      one.group.open = count > 0 && count <= one.most;
      found += count;
    }
    const verb = found === 1 ? "matches" : "match";
    shown.textContent = filtered ? `${found.toLocaleString("en")} of ${counted(total)} ${verb}` : `No filter: ${counted(total)}`;
  };

  let waiting;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(apply, 120); };
  form.addEventListener("input", soon);
  form.addEventListener("reset", soon);
  form.addEventListener("submit", (event) => { event.preventDefault(); apply(); });
  // Browsers put values back into fields, some of them after this script has run; or they keep the whole page.
  addEventListener("pageshow", (event) => event.persisted || apply());

  for (const button of document.querySelectorAll("button[data-cause]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      search.value = "";
      cause.value = button.dataset.cause;
      apply();
      byId("results").scrollIntoView();
      cause.focus({ preventScroll: true });
    });
  }
  form.hidden = false;

  const copy = byId("copy");
  if (!copy) return;
  const commands = byId("commands");
  const text = [...commands.querySelectorAll("code")].map((code) => code.textContent).join("\n");
  // Where there is no clipboard to write to, as in a page that came over plain HTTP.
  const copySelected = () => {
    commands.open = true;
    getSelection().selectAllChildren(commands.querySelector("ol"));
    const put = (event) => { event.clipboardData.setData("text/plain", text); event.preventDefault(); };
    document.addEventListener("copy", put);
    const done = document.execCommand("copy");
    document.removeEventListener("copy", put);
    return done;
  };
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    let done = true;
    try { await navigator.clipboard.writeText(text); } catch { done = copySelected(); }
    byId("copied").textContent = done ? "Copied" : "Not copied. Copy the selected text manually.";
  });
})();
