# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTML report on paper, in a picture of the whole page, without its script or style, and gone back to."""

from __future__ import annotations

import base64
import re

import pytest

pytestmark = pytest.mark.once
pytest.importorskip("playwright", reason="playwright is not installed in this environment")

from integration.helpers.report_browser import Shown, rows_of

from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule

to_html = FilterModule().filters()["to_html"]
# A4 without the page's margins, in CSS pixels.
PAPER = {"width": 703, "height": 1047}
# What the HTML Publisher of Jenkins sends, unless it is told otherwise.
JENKINS = "sandbox; default-src 'none'; img-src 'self'; style-src 'self';"


@pytest.fixture(scope="module")
def served(browser):
    """Show a page as a web server sends it over plain HTTP, with this policy."""
    context = browser.new_context()
    opened = Shown(context.new_page())

    def served(text, policy=None):
        headers = {
            "content-type": "text/html; charset=utf-8",
            **({"content-security-policy": policy} if policy else {}),
        }
        opened.page.unroute_all()
        opened.page.route("**", lambda route: route.fulfill(headers=headers, body=text))
        opened.page.goto("http://reports.example/report.html")
        return opened

    yield served
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_it_is_light_and_shows_what_did_not_succeed(shown, pages, scheme):
    rows = rows_of(pages, "mixed")
    troubled = {row["account"] for row in rows if row["status"] != "SUCCEEDED"}
    opened = shown(pages / "mixed.html", scheme=scheme)
    opened.page.check("#all-accounts")
    opened.script("document.querySelectorAll('.group').forEach((group) => { group.open = true })")
    assert (opened.lines(), opened.visible_rows()) == (60, 240)
    assert not opened.page.locator("p.paper").is_visible()
    opened.page.emulate_media(media="print")
    assert (opened.lines(), opened.visible_rows()) == (len(troubled), 38)
    assert opened.page.locator("p.paper").is_visible()
    assert opened.script("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert opened.script("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
    for control in ("#filters", "#all-accounts", "button[data-cause]"):
        assert not opened.page.locator(control).first.is_visible()


def test_on_paper_a_table_that_is_folded_says_so(shown, pages):
    opened = shown(pages / "mixed.html")
    opened.script("document.querySelector('.group').open = false")
    opened.page.emulate_media(media="print")
    said = "getComputedStyle(document.querySelectorAll('.group > summary')[{}], '::after').content"
    assert "not printed" in opened.script(said.format(0))
    assert opened.script(said.format(1)) == "none"


def test_4500_results_with_12_causes_are_few_pages_and_the_causes_come_first(shown, pages):
    opened = shown(pages / "stopped.html")
    opened.page.emulate_media(media="print")
    pages_printed = re.findall(rb"/Type /Page\b", opened.page.pdf(format="A4", prefer_css_page_size=True))
    assert 3 < len(pages_printed) <= 10
    opened.page.set_viewport_size(PAPER)
    tops = opened.script(
        "[...document.querySelectorAll('#causes, .causes > li')].map((part) => part.getBoundingClientRect().top)"
    )
    assert len(tops) == 13
    heading, *causes = tops
    assert heading < PAPER["height"] / 2
    assert causes[5] < PAPER["height"]
    assert causes[-1] < 2 * PAPER["height"]


def test_a_picture_of_the_whole_page_shows_all_of_it(shown, pages):
    """Neither the last account in the map nor the last result is blank in it."""
    opened = shown(pages / "wide.html")
    places = opened.script(
        """['table.map td.F', 'table.results[aria-label=CANCELLED] td:last-child'].map((cells) => {
          const { x, y, width, height } = [...document.querySelectorAll(cells)].at(-1).getBoundingClientRect();
          return [x, y + scrollY, width, height];
        })"""
    )
    assert places[1][1] > 5000
    picture = base64.b64encode(opened.page.screenshot(full_page=True)).decode()
    opened.page.goto("about:blank")
    colours = opened.page.evaluate(
        """async ([picture, places]) => {
          const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes]));
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
          canvas.drawImage(bitmap, 0, 0);
          return places.map((place) => new Set(new Uint32Array(canvas.getImageData(...place).data.buffer)).size);
        }""",
        [picture, places],
    )
    assert min(colours) > 5


def test_it_is_read_without_a_script(shown, pages):
    opened = shown(pages / "mixed.html", java_script_enabled=False)
    page = opened.page
    assert page.locator("table.results tbody tr").count() == 240
    assert page.locator("table.results tbody tr").first.is_visible()
    assert not page.locator("#filters").is_visible()
    assert not page.locator("#cause-1 button").is_visible()
    lines = page.locator("table.map tbody tr:not(.unit)")
    assert (lines.first.is_visible(), lines.last.is_visible()) == (True, False)
    page.locator("#all-accounts").check()
    assert lines.last.is_visible()
    page.locator("summary", has_text="SUCCEEDED").click()
    assert page.locator("table.results tbody tr").last.is_visible()


def test_without_its_style_nothing_is_false_dead_or_huge(served, pages):
    text = (pages / "mixed.html").read_text()
    opened = served(text, JENKINS)
    page = opened.page
    page.set_viewport_size({"width": 1280, "height": 900})
    assert opened.script("getComputedStyle(document.body).marginTop") == "8px"
    for hidden in ("input", "button", "select", "form", ".styled", ".paper", "style", "script"):
        assert [one for one in page.locator(hidden).all() if one.is_visible()] == [], hidden
    said = page.inner_text("body")
    assert "Also show" not in said and "printed" not in said
    bars = opened.script("[...document.querySelectorAll('svg')].map((bar) => [bar.clientWidth, bar.clientHeight])")
    assert len(bars) == 5
    assert all(width <= 300 and height <= 20 for width, height in bars)
    fills = opened.script("[...document.querySelectorAll('svg rect')].map((part) => getComputedStyle(part).fill)")
    assert "rgb(0, 0, 0)" not in fills
    assert opened.lines() == 60
    page.locator("summary", has_text="SUCCEEDED").click()
    assert opened.visible_rows() == 240
    assert opened.beyond() == 0


def test_without_its_style_long_words_break(served):
    word = "arn:aws:iam::111122223333:role/" + "x" * 900
    row = {
        **{"account": "111122223333", "region": "eu-west-1", "status": "FAILED", "status_reason": word},
        **{"account_gate_result": {"status": "FAILED", "status_reason": word}, "organizational_unit_id": word},
    }
    operation = {
        **{"operation_id": word, "action": "UPDATE", "status": "FAILED", "status_reason": word},
        **{"stack_set_id": f"{word}:1", "status_details": {"failed_stack_instances_count": 1}},
    }
    result = {"operation": operation, "operation_results": [row], "truncated": False, "complete": True}
    opened = served(to_html(result, region="eu-west-1", account_names={"111122223333": word}), JENKINS)
    opened.page.set_viewport_size({"width": 1280, "height": 900})
    opened.script("document.querySelectorAll('details').forEach((part) => { part.open = true })")
    assert opened.page.locator("code").count() == 1
    assert opened.beyond() == 0


def test_what_a_browser_puts_back_into_the_fields_is_applied(shown, pages):
    """Chromium without its cache of pages, as Playwright starts it."""
    file = pages / "wide.html"
    opened = shown(file)
    page = opened.page
    page.select_option("#cause", "2")
    page.check("#all-accounts")
    opened.until("document.getElementById('shown').textContent.includes('of 2,000')")
    said, rows = page.inner_text("#shown"), opened.visible_rows()
    assert 0 < rows < 160
    page.goto("about:blank")
    page.go_back()
    assert opened.requests == [file.as_uri()] * 2
    opened.until("document.getElementById('cause').value === '2'")
    opened.shows(said)
    assert opened.visible_rows() == rows
    assert page.is_checked("#all-accounts")
    assert opened.lines() == 200


# Two operations: what one copied stays in the clipboard.
@pytest.mark.parametrize(("how", "name"), [("file", "stopped"), ("plain HTTP", "wide")])
def test_all_commands_that_retry_are_copied_with_one_click(shown, served, pages, how, name):
    file = pages / f"{name}.html"
    opened = shown(file) if how == "file" else served(file.read_text())
    page = opened.page
    commands = opened.script("[...document.querySelectorAll('#commands code')].map((code) => code.textContent)")
    assert len(commands) > 1
    assert opened.script("navigator.clipboard === undefined") == (how != "file")
    page.click("#copy")
    opened.until("document.getElementById('copied').textContent === 'Copied'")
    field = "document.body.append(Object.assign(document.createElement('textarea'), { id: 'pasted' }))"
    opened.script(f"void {field}")
    page.focus("#pasted")
    page.keyboard.press("Control+V")
    assert page.input_value("#pasted") == "\n".join(commands)
