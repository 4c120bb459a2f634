# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a real browser: how it looks, reads and is used, and that no text of strangers runs in it."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.once
pytest.importorskip("playwright", reason="playwright is not installed in this environment")

from integration.helpers.report_browser import AXE, CACHE, SIZES, rows_of

from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule

to_html = FilterModule().filters()["to_html"]

LOOKS = [(size, scheme) for size in sorted(SIZES) for scheme in ("light", "dark")]


@pytest.mark.parametrize("name", ["small", "wide"])
def test_it_fits_the_screen_loads_nothing_and_complains_about_nothing(shown, pages, name):
    opened = shown(pages / f"{name}.html")
    folder = CACHE / "report-pages"
    folder.mkdir(parents=True, exist_ok=True)
    for size, scheme in LOOKS:
        opened.look(size, scheme)
        for part in ("causes", "map", "results"):
            opened.script(f"document.getElementById('{part}').scrollIntoView()")
            opened.page.wait_for_timeout(100)
            opened.page.screenshot(path=folder / f"{name}-{size}-{scheme}-{part}.png")
            assert opened.beyond() == 0, (size, scheme, part)
        ground = opened.script("getComputedStyle(document.body).backgroundColor")
        bright = sum(int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")) > 3 * 128
        assert bright == (scheme == "light"), (size, scheme)
    assert opened.complaints == []
    assert opened.requests == [(pages / f"{name}.html").as_uri()]


def test_an_accessibility_checker_finds_nothing(shown, pages):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: there was no npm when this environment was made")
    opened = shown(pages / "mixed.html")
    opened.script("document.querySelectorAll('details').forEach((part) => part.open = true)")
    opened.script(AXE.read_text())
    for size, scheme in LOOKS:
        opened.look(size, scheme)
        found = opened.script("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
        assert len(found["passes"]) > 20
        violations = [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found["violations"]]
        assert violations == [], (size, scheme)
        print(size, scheme, [(one["id"], len(one["nodes"])) for one in found["incomplete"]])


def test_it_is_used_with_the_keyboard_alone(shown, pages):
    opened = shown(pages / "mixed.html")
    keys = opened.page.keyboard
    focused = "document.activeElement"

    def tab_to(condition, most=400):
        for _step in range(most):
            keys.press("Tab")
            if opened.script(f"{focused}.matches({condition!r})"):
                seen = f"{focused}.closest('td') || {focused}"
                assert opened.script(f"getComputedStyle({seen}).outlineStyle") == "solid", condition
                return
        pytest.fail(f"The Tab key does not lead to {condition}.")

    keys.press("Tab")
    assert opened.script(f"{focused}.getBoundingClientRect().left") >= 0
    keys.press("Enter")
    assert opened.script("location.hash") == "#results"
    opened.page.goto((pages / "mixed.html").as_uri())
    tab_to("#all-accounts")
    keys.press("Space")
    assert opened.script("document.getElementById('all-accounts').checked")
    assert opened.lines() == 60
    tab_to("td a")
    cause = opened.script(f"{focused}.dataset.cause")
    keys.press("Enter")
    assert opened.script("location.hash") == f"#cause-{cause}"
    tab_to("summary")
    is_open = f"{focused}.parentElement.open"
    before = opened.script(is_open)
    keys.press("Enter")
    assert opened.script(is_open) is not before
    tab_to("button[data-cause]")
    keys.press("Enter")
    opened.until(f"{focused}.id == 'cause'")
    of_cause = opened.visible_rows()
    assert 0 < of_cause < 20
    keys.press("Shift+Tab")
    keys.type("us-east-1")
    opened.until("document.querySelectorAll('table.results tbody tr:not([hidden])').length < " + str(of_cause))
    assert "us-east-1" in opened.script("document.querySelector('table.results tbody tr:not([hidden])').textContent")
    tab_to("button[type=reset]")
    keys.press("Enter")
    opened.shows("No filter: 240 results")
    assert opened.visible_rows() == 38
    tab_to("details.group:not([open]) summary")
    keys.press("Enter")
    assert opened.visible_rows() == 240


def test_search_and_filters_show_what_they_say(shown, pages):
    rows = rows_of(pages, "wide")
    failed = [row for row in rows if row["status"] == "FAILED"]
    opened = shown(pages / "wide.html")
    page = opened.page

    def shows(number, said=None, visible=None):
        opened.shows(said or f"{number:,} of 2,000 results match")
        assert opened.visible_rows() == (number if visible is None else visible)

    no_filter = {"said": "No filter: 2,000 results", "visible": 160}
    shows(2000, **no_filter)
    page.fill("#search", "EU-west-1 bucket")
    shows(sum(row["region"] == "eu-west-1" and "bucket" in row["status_reason"] for row in failed))
    account = failed[0]["account"]
    page.fill("#search", account)
    of_account = [row["status"] for row in rows if row["account"] == account]
    # Those that succeeded are few enough to be read now.
    shows(len(of_account))
    numbers = "[...document.querySelectorAll('.group .number')].map((number) => number.textContent)"
    counted = ((of_account.count(name), all_of) for name, all_of in (("FAILED", 100), ("CANCELLED", 60)))
    texts = [f"{number} of {all_of} results" for number, all_of in counted]
    assert opened.script(numbers) == [*texts, f"{of_account.count('SUCCEEDED')} of 1,840 results"]
    page.fill("#search", f"{account} {failed[0]['region']}")
    shows(1, "1 of 2,000 results matches")
    page.fill("#search", "no such text")
    shows(0)
    page.click("button[type=reset]")
    shows(2000, **no_filter)
    page.fill("#search", "-")
    # Too many of those that succeeded.
    shows(2000, visible=160)
    page.click("button[type=reset]")
    page.select_option("#cause", "2")
    of_cause = opened.script("document.querySelectorAll('table.map [data-cause=\"2\"]').length")
    assert of_cause > 25
    shows(of_cause)
    page.fill("#search", "x")
    page.click("#cause-1 button")
    shows(opened.script("document.querySelectorAll('table.map [data-cause=\"1\"]').length"))
    assert opened.complaints == []


def test_a_page_of_20000_results_fits_the_screen_and_is_searched(shown, pages):
    failed = [row for row in rows_of(pages, "large") if row["status"] == "FAILED"]
    opened = shown(pages / "large.html", "phone")
    assert opened.beyond() == 0
    opened.shows("No filter: 20,000 results")
    opened.page.fill("#search", "EU-west-1 bucket")
    found = sum(row["region"] == "eu-west-1" and "bucket" in row["status_reason"] for row in failed)
    opened.shows(f"{found} of 20,000 results match")
    assert opened.visible_rows() == found
    assert opened.beyond() == 0
    assert opened.complaints == []
    assert opened.requests == [(pages / "large.html").as_uri()]


def test_a_large_map_shows_accounts_in_trouble_and_all_when_asked_for(shown, pages):
    rows = rows_of(pages, "wide")
    troubled = {row["account"] for row in rows if row["status"] != "SUCCEEDED"}
    opened = shown(pages / "wide.html")
    assert opened.lines() == len(troubled) < 200
    opened.page.check("#all-accounts")
    assert opened.lines() == 200
    opened.page.uncheck("#all-accounts")
    assert opened.lines() == len(troubled)
    assert opened.page.inner_text("label[for=all-accounts]").startswith(f"Also show the {200 - len(troubled)} accounts")


@pytest.mark.parametrize(("name", "size"), [("wide", "phone"), ("wide", "desktop"), ("mixed", "desktop")])
def test_the_map_keeps_its_heads_in_sight(shown, pages, name, size):
    opened = shown(pages / f"{name}.html", size)
    heads = "document.querySelector('table.map thead th').getBoundingClientRect()"
    if size == "phone":
        opened.script("box = document.querySelector('.box.map'); box.scrollTop = 1000; box.scrollLeft = 50")
        assert opened.script("[box.scrollTop, box.scrollLeft]") == [1000, 50]
        place = opened.script("box.getBoundingClientRect().toJSON()")
        line = "[...document.querySelectorAll('table.map tbody tr:not(.unit)')].filter((row) => row.offsetHeight)[40]"
        assert abs(opened.script(f"{line}.querySelector('th').getBoundingClientRect().left") - place["left"]) <= 2
    else:
        # It fits, so that all of it is on the page.
        assert opened.script("getComputedStyle(document.querySelector('.box.map')).overflow") == "visible"
        opened.script("document.querySelectorAll('table.map tr:not(.unit, .fine)')[9].scrollIntoView()")
        place = {"top": 0}
    assert abs(opened.script(f"{heads}.top") - place["top"]) <= 2


def test_few_regions_are_read_from_left_to_right_and_cells_have_words(shown, pages):
    opened = shown(pages / "small.html")
    style = "getComputedStyle(document.querySelector('{}')).{}"
    head = style.format("table.map thead span", "writingMode")
    words = style.format("table.map td.F a", "fontSize")
    assert opened.script(head) == "horizontal-tb"
    assert float(opened.script(words).removesuffix("px")) > 10
    assert opened.script("document.querySelector('table.map').offsetWidth > 900")
    opened.look("phone", "light")
    assert opened.script(head) == "vertical-rl"
    opened = shown(pages / "wide.html")
    assert opened.script(head) == "vertical-rl"
    assert opened.script(words) == "0px"


def test_each_status_has_a_sign_of_its_own_beside_its_colour(shown, pages):
    opened = shown(pages / "mixed.html")
    signs = opened.script(
        "Object.fromEntries([...document.querySelectorAll('table.map tbody td:not(:empty)')].map((cell) =>"
        " [cell.className, `${getComputedStyle(cell, '::before').content},${getComputedStyle(cell).background}`]))"
    )
    assert set(signs) == set("FCRPS")
    assert len({sign.split(",")[0] for sign in signs.values()}) == 5
    assert len({sign.split(",", 1)[1] for sign in signs.values()}) == 5


HARM = [
    "<script>window.hit=1;alert(1)</script>",
    "<img src=x onerror=\"window.hit=1;alert(2)\">",
    "\"><svg onload=window.hit=1;alert(3)>",
    "' autofocus onfocus='window.hit=1;alert(4)' x='",
    "</td></tr></table></script></style><script>window.hit=1;alert(5)</script>",
    "javascript:window.hit=1;alert(6)//",
    "</title><iframe srcdoc=\"<script>parent.hit=1</script>\"></iframe>",
    "<a href=javascript:window.hit=1>x</a><style>*{display:none}</style><meta http-equiv=refresh content=0;url=x>",
    "{{constructor.constructor('window.hit=1')()}}${window.hit=1}",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
]  # fmt: skip


def hostile_page(text):
    gate = {"status": "FAILED", "status_reason": text}
    targets = [(text, text), ("000000000002", text), (text, "eu-west-1"), ("000000000003", "eu-west-1")]
    rows = [
        {
            **{"account": account, "region": region, "status": status, "status_reason": text},
            **{"account_gate_result": gate, "organizational_unit_id": text},
        }
        for number, (account, region) in enumerate(targets)
        for status in (["FAILED", text, "FAILED", "CANCELLED"][number],)
    ]
    fields = (
        "operation_id",
        "action",
        "status",
        "status_reason",
        "creation_timestamp",
        "end_timestamp",
        "stack_set_id",
    )
    result = {"operation_results": rows, "operation": dict.fromkeys(fields, text), "failed": True, "msg": text}
    names = {"000000000002": text, "000000000003": text}
    return to_html(result, account_names=names, stack_set_name=text, region="eu-west-1")


# With the page's own policy switched off: the escaping has to hold by itself.
@pytest.mark.parametrize(
    ("harm", "bypass_csp"),
    [*((harm, True) for harm in HARM), (" ".join(HARM), False)],
    ids=[*map(str, range(len(HARM))), "all, with the policy"],
)
def test_no_text_of_strangers_runs_in_any_field(shown, tmp_path, harm, bypass_csp):
    file = tmp_path / "report.html"
    file.write_text(hostile_page(harm))
    opened = shown(file, bypass_csp=bypass_csp)
    page = opened.page
    page.click("#cause-1 button")
    page.fill("#search", harm)
    opened.until("[...document.querySelectorAll('table.results tbody tr')].some((row) => row.hidden)")
    assert opened.visible_rows() >= 1
    page.mouse.move(300, 300)
    assert opened.script("window.hit") is None
    assert opened.complaints == []
    assert opened.requests == [file.as_uri()]
    assert len(opened.page.query_selector_all("script")) == 1
    assert (
        page.inner_text("h1") == "2 of 4 results failed, 1 was cancelled, 1 has not ended; other results were not read"
    )
    assert page.inner_text("table.results tbody tr:not([hidden])").count("hit=1") >= 2


def test_the_pages_policy_stops_what_would_get_through(shown, pages, tmp_path):
    """Should the escaping fail once: a page with harm put into it as it is."""
    file = tmp_path / "report.html"
    harm = "<script>window.hit=1</script><img src=x onerror=window.hit=1><img src=https://evil.example/x.png>"
    file.write_text((pages / "small.html").read_text().replace("</h1>", f"{harm}</h1>"))
    opened = shown(file)
    opened.until("document.images.length == 2 && [...document.images].every((image) => image.complete)")
    assert opened.script("window.hit") is None
    refused = [complaint for complaint in opened.complaints if "Content Security Policy" in complaint]
    assert len(refused) >= 3
    assert opened.refused["https://evil.example/x.png"] == "csp"
