# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report in a real browser: how it looks, reads and is used, and that no text of strangers runs in it."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.once
pytest.importorskip("playwright", reason="playwright is not installed in this environment")

from emulator.client import operation
from integration.helpers.report_browser import AXE, CACHE, CHROMIUM, SIZES, chromium, read

from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule

to_html = FilterModule().filters()["to_html"]
UNITS = ["ou-ab12-1a2b3c4d", "ou-ab12-5e6f7a8b", "ou-cd34-9c0d1e2f"]
REASONS = [
    "Account {account} should have 'Stacks' role with trust relationship to Role 'Admin'.",
    "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:User is not authorized",
    "The bucket already exists",
]
SMALL = {"accounts": 5, "regions": 3, "failed": 3, "cancelled": 1, "reasons": REASONS}
# All statuses, and several units.
MIXED = {
    **{"accounts": 60, "regions": 4, "failed": 20, "cancelled": 9, "running": 4, "pending": 5},
    **{"reasons": REASONS, "organizational_units": UNITS},
}
# What does not fit a screen in either direction, and one that a browser has to work for.
WIDE = {
    **{"accounts": 200, "regions": 10, "failed": 100, "cancelled": 60},
    **{"reasons": REASONS, "organizational_units": UNITS},
}
LARGE = {**WIDE, "accounts": 2000, "failed": 400, "cancelled": 250}


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian's package chromium has one)")
    with chromium() as started:
        if started is None:
            pytest.skip(f"{CHROMIUM} does not start on this machine")
        yield started


@pytest.fixture(scope="module")
def pages(server, made_once):
    """Results of operations as the emulator lists them, as JSON, and their reports."""

    def make(folder):
        for name, generate in {"small": SMALL, "mixed": MIXED, "wide": WIDE, "large": LARGE}.items():
            status = "RUNNING" if name == "mixed" else "SUCCEEDED"
            server.stack_set(f"org-{name}", [operation(f"op-{name}", status, generate=generate)])
            result = read(server, f"org-{name}", f"op-{name}")
            (folder / f"{name}.json").write_text(json.dumps(result))
            accounts = sorted({row["account"] for row in result["operation_results"]})
            names = {account: f"team {number}" for number, account in enumerate(accounts) if number % 3}
            (folder / f"{name}.html").write_text(to_html(result, account_names=names, region="eu-west-1"))

    return made_once("pages", make)


def rows_of(pages, name):
    return json.loads((pages / f"{name}.json").read_text())["operation_results"]


class Shown:
    """A page that is open, and what it complained about."""

    def __init__(self, page):
        self.page = page
        self.forget()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.refused.update({request.url: request.failure}))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def forget(self):
        self.complaints, self.requests, self.refused = [], [], {}

    def look(self, size, scheme):
        self.page.set_viewport_size(SIZES[size])
        self.page.emulate_media(media="screen", color_scheme=scheme)

    def script(self, text):
        return self.page.evaluate(text)

    def until(self, condition):
        """Wait until this holds: filters wait for the end of a word, and a machine may be slow."""
        for _step in range(300):
            if self.script(condition):
                return
            self.page.wait_for_timeout(50)
        pytest.fail(f"It does not come to pass: {condition}")

    def shows(self, text):
        self.until(f"document.getElementById('shown').textContent.startsWith({text!r})")

    def visible_rows(self):
        return self.script(
            "[...document.querySelectorAll('table.results tbody tr')].filter((row) => !row.hidden).length"
        )


@pytest.fixture(scope="module")
def shown(browser):
    """Show a file, in a window that those with the same options share: a new one takes a second."""
    windows = {}

    def shown(file, size="desktop", scheme="light", **options):
        key = frozenset(options.items())
        if key not in windows:
            windows[key] = Shown(browser.new_context(**options).new_page())
        opened = windows[key]
        # Away from what was shown before, so that nothing of it is taken for the file's.
        opened.page.goto("about:blank")
        opened.page.mouse.move(0, 0)
        opened.look(size, scheme)
        opened.forget()
        opened.page.goto(file.as_uri())
        return opened

    yield shown
    for opened in windows.values():
        opened.page.context.close()


LOOKS = [(size, scheme) for size in sorted(SIZES) for scheme in ("light", "dark")]


@pytest.mark.parametrize("name", ["small", "wide"])
def test_it_fits_the_screen_loads_nothing_and_complains_about_nothing(shown, pages, name):
    opened = shown(pages / f"{name}.html")
    folder = CACHE / "report-pages"
    folder.mkdir(parents=True, exist_ok=True)
    for size, scheme in LOOKS:
        opened.look(size, scheme)
        for part in ("counts", "map", "causes", "results"):
            opened.script(f"document.getElementById('{part}').scrollIntoView()")
            opened.page.wait_for_timeout(100)
            opened.page.screenshot(path=folder / f"{name}-{size}-{scheme}-{part}.png")
            beyond = opened.script("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond == 0, (size, scheme, part)
        ground = opened.script("getComputedStyle(document.body).backgroundColor")
        bright = sum(int(part) for part in ground.removeprefix("rgb(").rstrip(")").split(",")) > 3 * 128
        assert bright == (scheme == "light"), (size, scheme)
    assert opened.complaints == []
    assert opened.requests == [(pages / f"{name}.html").as_uri()]


def test_an_accessibility_checker_finds_nothing(shown, pages):
    if not AXE.exists():
        pytest.skip("axe-core is not installed: there was no npm when this environment was made")
    opened = shown(pages / "mixed.html")
    # What is skipped until it is near would not be looked at.
    opened.script(
        "document.querySelectorAll('.long, .box').forEach((part) => part.style.contentVisibility = 'visible')"
    )
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
    tab_to("#only-trouble")
    keys.press("Space")
    assert opened.script("document.getElementById('only-trouble').checked")
    tab_to(".box.tall")
    keys.press("ArrowDown")
    opened.until(f"{focused}.scrollTop > 0")
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
    opened.until(f"{focused}.id == 'search'")
    of_cause = opened.visible_rows()
    assert 0 < of_cause < 20
    keys.type("us-east-1")
    opened.until("document.querySelectorAll('table.results tbody tr:not([hidden])').length < " + str(of_cause))
    assert "us-east-1" in opened.script("document.querySelector('table.results tbody tr:not([hidden])').textContent")
    tab_to("button[type=reset]")
    keys.press("Enter")
    opened.shows("All 240 shown")
    assert opened.visible_rows() == 240


def test_search_and_filters_show_what_they_say(shown, pages):
    rows = rows_of(pages, "wide")
    failed = [row for row in rows if row["status"] == "FAILED"]
    opened = shown(pages / "wide.html")
    page = opened.page

    def shows(number):
        said = "All 2,000 shown" if number == len(rows) else f"{number:,} of 2,000 shown"
        opened.shows(said if number else "None of 2,000 matches")
        assert opened.visible_rows() == number

    shows(2000)
    page.fill("#search", "EU-west-1 bucket")
    shows(sum(row["region"] == "eu-west-1" and "bucket" in row["status_reason"] for row in failed))
    page.fill("#search", "team 7")
    page.fill("#search", failed[0]["account"])
    shows(sum(row["account"] == failed[0]["account"] for row in rows))
    page.fill("#search", "no such text")
    shows(0)
    page.click("button[type=reset]")
    shows(2000)
    page.uncheck("input[name=status][value=S]")
    shows(160)
    page.uncheck("input[name=status][value=F]")
    shows(60)
    page.uncheck("input[name=status][value=C]")
    shows(0)
    page.click("button[type=reset]")
    page.select_option("#cause", "2")
    number = int(page.get_attribute("#cause-2 button", "data-cause"))
    of_cause = opened.script(f"document.querySelectorAll('table.map [data-cause=\"{number}\"]').length")
    assert of_cause > 25
    shows(of_cause)
    page.click("#cause-1 button")
    shows(opened.script("document.querySelectorAll('table.map [data-cause=\"1\"]').length"))
    assert opened.complaints == []


def test_a_page_of_20000_results_fits_the_screen_and_is_searched(shown, pages):
    failed = [row for row in rows_of(pages, "large") if row["status"] == "FAILED"]
    opened = shown(pages / "large.html", "phone")
    assert opened.script("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    opened.shows("All 20,000 shown")
    opened.page.fill("#search", "EU-west-1 bucket")
    found = sum(row["region"] == "eu-west-1" and "bucket" in row["status_reason"] for row in failed)
    opened.shows(f"{found} of 20,000 shown")
    assert opened.visible_rows() == found
    assert opened.script("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert opened.complaints == []
    assert opened.requests == [(pages / "large.html").as_uri()]


def test_the_map_hides_accounts_without_trouble_and_keeps_its_heads_in_sight(shown, pages):
    rows = rows_of(pages, "wide")
    troubled = {row["account"] for row in rows if row["status"] != "SUCCEEDED"}
    opened = shown(pages / "wide.html", "phone")
    lines = "[...document.querySelectorAll('table.map tbody tr:not(.unit)')].filter((row) => row.offsetHeight)"
    opened.script("document.getElementById('map').scrollIntoView()")
    opened.page.wait_for_timeout(200)
    assert opened.script(f"{lines}.length") == 200
    opened.page.check("#only-trouble")
    assert opened.script(f"{lines}.length") == len(troubled) < 200
    opened.script("box = document.querySelector('.box.tall'); box.scrollTop = 1000; box.scrollLeft = 100")
    opened.page.wait_for_timeout(200)
    assert opened.script("[box.scrollTop, box.scrollLeft]") == [1000, 100]
    top, left = opened.script("[box.getBoundingClientRect().top, box.getBoundingClientRect().left]")
    head = opened.script("box.querySelector('thead th').getBoundingClientRect().top")
    assert abs(head - top) <= 2
    account = f"{lines}[40].querySelector('th').getBoundingClientRect().left"
    assert abs(opened.script(account) - left) <= 2


def test_each_status_has_a_sign_of_its_own_beside_its_colour(shown, pages):
    opened = shown(pages / "mixed.html")
    signs = opened.script(
        "Object.fromEntries([...document.querySelectorAll('table.map tbody td:not(:empty)')].map((cell) =>"
        " [cell.className, `${getComputedStyle(cell, '::before').content},${getComputedStyle(cell).background}`]))"
    )
    assert set(signs) == set("FCRPS")
    assert len({sign.split(",")[0] for sign in signs.values()}) == 5
    assert len({sign.split(",", 1)[1] for sign in signs.values()}) == 5


def test_it_is_read_without_a_script(shown, pages):
    opened = shown(pages / "mixed.html", java_script_enabled=False)
    page = opened.page
    assert page.locator("table.results tbody tr").count() == 240
    assert page.locator("table.results tbody tr").first.is_visible()
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#cause-1 button").is_visible()
    assert page.locator("table.map tbody td.F").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_light_and_nothing_is_cut_off(shown, pages, scheme):
    opened = shown(pages / "mixed.html", scheme=scheme)
    opened.page.emulate_media(media="print")
    assert opened.script("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not opened.page.locator("#filters").is_visible()
    box = "document.querySelector('.box.tall')"
    assert opened.script(f"{box}.scrollHeight - {box}.clientHeight") <= 1
    assert len(opened.page.pdf()) > 20_000
    printed = "[...document.querySelectorAll('table.results tbody tr')].filter((row) => row.offsetHeight)"
    assert opened.script(f"{printed}.length") == 38
    assert opened.page.locator(".paper").is_visible()
    opened.page.emulate_media(media="screen")
    assert opened.script(f"{printed}.length") == 240
    assert not opened.page.locator(".paper").is_visible()


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


# Also with the page's own policy switched off: the escaping has to hold by itself.
@pytest.mark.parametrize("bypass_csp", [False, True], ids=["policy", "no policy"])
@pytest.mark.parametrize("harm", HARM, ids=range(len(HARM)))
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
    assert page.inner_text("h1") == "2 of 4 results failed, 1 was cancelled, 1 has not ended"
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
