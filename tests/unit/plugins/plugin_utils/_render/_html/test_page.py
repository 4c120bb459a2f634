# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as an HTML page: what is on it, that nothing foreign becomes markup, and that it needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest

pytest.importorskip("ansible.errors")

from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import (
    FILTERS,
    MIXED,
    OPERATION_ID,
    operation,
    reported,
    result,
    row,
)

to_html = FILTERS["to_html"]


def said(page):
    return " ".join(" ".join(page.words).split())


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text, that of style and script apart."""

    VOID = {"meta", "link", "input", "rect", "wbr"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words, self.code = [], [], [], {"style": "", "script": ""}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.open and self.open[-1] in self.code:
            self.code[self.open[-1]] += data
        elif data.strip():
            self.words.append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_it_tells_everything_in_the_order_of_importance():
    about = operation("FAILED", failed=9, status_reason="Too many")
    page = Page(to_html(result(MIXED, about), account_names={"000000000003": "payments"}, region="eu-west-1"))
    text = said(page)
    order = [
        "4 of 11 results failed, 1 was cancelled, 3 have not ended",
        "AWS status FAILED",
        "2026-11-02 08:42:31 UTC (took 27 min 31 s)",
        OPERATION_ID,
        "Too many",
        "AWS counts 5 more failed stack instances than these results show.",
        "11 results in 6 accounts and 2 Regions",
        "4 FAILED 1 CANCELLED 1 RUNNING 1 PENDING 1 SLEEPING 3 SUCCEEDED",
        "Causes of failure",
        "Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.",
        "2 results in 2 accounts and 1 Region: eu-west-1",
        "Example: Account 000000000002 should have",
        "2 accounts 000000000002 000000000003 payments",
        "1 result in 1 account and 1 Region: us-east-1",
        "Account 000000000005",
        "Accounts by Region Region FAILED",
        "eu-west-1 2 0 0 1 1 2",
        "ou-b 5 accounts: 4 FAILED, 1 CANCELLED, 1 RUNNING, 1 PENDING, 1 SLEEPING, 1 SUCCEEDED",
        "000000000003 payments FAILED, cause 1 FAILED, cause 3",
        "ou-a 1 account: 2 SUCCEEDED",
        "FAILED 4 results Account , FAILED Region Organizational unit Reason",
        "000000000002 eu-west-1 ou-b Account 000000000002 should have",
        "000000000005 us-east-1 ou-b Account gate: No",
        "CANCELLED 1 result Account",
        "SUCCEEDED 3 results Account",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert page.all("title") == [{}]
    assert any(link.get("href", "").startswith("https://eu-west-1.console.aws.amazon.com/") for link in page.all("a"))


def test_every_result_is_in_the_table_of_its_status_and_in_the_map():
    text = to_html(result(MIXED))
    tables = re.findall(r'<table class="results".*?aria-label="(.*?)">.*?<tbody>(.*?)</table>', text, re.DOTALL)
    assert [(name, rows.count("<tr")) for name, rows in tables] == [
        *(("FAILED", 4), ("CANCELLED", 1), ("RUNNING", 1), ("PENDING", 1), ("SLEEPING", 1), ("SUCCEEDED", 3))
    ]
    (drawn,) = re.findall(r'<table class="map".*?</table>', text, re.DOTALL)
    # One account has no result in one Region.
    assert len(re.findall(r'<td class="[FCRPSU]"', drawn)) == len(MIXED)
    assert drawn.count("<td></td>") == 2


def test_links_from_the_map_lead_to_their_causes():
    page = Page(to_html(result(MIXED)))
    ids = {attributes["id"] for _tag, attributes in page.tags if "id" in attributes}
    links = {link["href"] for link in page.all("a")}
    assert {"#cause-1", "#cause-2", "#cause-3"} < links
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    labelled = {attributes["aria-labelledby"] for _tag, attributes in page.tags if "aria-labelledby" in attributes}
    assert labelled <= ids


def test_a_report_without_results_says_so():
    page = Page(to_html(result([])))
    text = " ".join(page.words)
    assert "There are no results" in text
    assert "The operation has ended without results" in text
    assert page.all("table") == []


def test_without_units_there_is_no_column_for_them():
    assert "rganizational unit" not in to_html(result([row()]))


def many(accounts, status="SUCCEEDED", failed=1):
    return [row(f"{number:012}", status="FAILED" if number < failed else status) for number in range(accounts)]


def test_a_large_map_has_a_switch_for_the_accounts_without_trouble_that_is_off():
    assert 'id="all-accounts"' not in to_html(result(many(50)))
    assert 'id="all-accounts"' not in to_html(result(many(60, failed=60)))
    page = Page(to_html(result(many(51))))
    (switch,) = [attributes for attributes in page.all("input") if attributes.get("id") == "all-accounts"]
    assert switch["type"] == "checkbox" and "checked" not in switch
    assert "Also show the 50 accounts in which everything succeeded" in said(page)
    assert "Show the 51 accounts in which everything succeeded" in said(Page(to_html(result(many(51, failed=0)))))
    assert "Also show the 1 account in which" in said(Page(to_html(result(many(51, failed=50)))))


def test_a_table_of_results_is_open_where_it_can_be_read_to_its_end():
    def opened(*given):
        return ["open" in one for one in Page(to_html(result(many(*given)))).all("details") if "data-most" in one]

    assert opened(200, "SUCCEEDED", 0) == [True]
    assert opened(201, "SUCCEEDED", 0) == [False]
    assert opened(1001, "CANCELLED", 1) == [True, True]
    assert opened(1002, "CANCELLED", 1) == [True, False]


def test_singular_and_plural():
    one = said(Page(to_html(result([row(status="FAILED", reason="Denied")]), region="eu-west-1")))
    assert re.findall(r"\b1 (?:result|account|Region|command)s\b", one) == []
    assert "1 result in 1 account and 1 Region: eu-west-1 Show this result" in one
    assert "This AWS CLI command starts" in one and "Copy the command" in one and "1 command " in one
    rows = [row(f"{number:012}", region, "FAILED", "Denied", f"ou-{number}") for number in (1, 2) for region in "ab"]
    two = said(Page(to_html(result(rows), region="eu-west-1")))
    assert "4 results in 2 accounts and 2 Regions: a, b Show these results" in two
    assert "Each of these AWS CLI commands" in two and "Copy all" in two and "2 commands " in two


def test_what_it_says_where_not_all_was_read_and_where_aws_is_satisfied():
    rows = [row(status="FAILED", reason="Denied")]
    about = operation(failed=1, operation_preferences={"failure_tolerance_count": 5})
    page = Page(to_html(result(rows, about)))
    assert "AWS reports SUCCEEDED although 1 result failed" in said(page)
    part = to_html(result(rows, about, complete=False, row_statuses=["FAILED"]))
    (title,), (headline,) = re.findall("<title>(.*?)</title>", part), re.findall("<h1>(.*?)</h1>", part)
    assert "not read" in headline
    assert title == f"{headline}: org-baseline"


def test_the_commands_that_retry_are_whole_and_in_order():
    rows = [row(f"{number:012}", "eu-west-1", "FAILED", unit="ou-a") for number in range(40)]
    report = reported(result(rows), region="eu-west-1")
    (code,) = re.findall("<code>(.*?)</code>", to_html(result(rows), region="eu-west-1"))
    assert "<wbr>" in code
    assert [html.unescape(code.replace("<wbr>", ""))] == list(report.retry_commands)
    assert "<code>" not in to_html(result(rows))


def test_a_long_word_can_break_and_is_still_the_same_word():
    words = ["x" * 100, "arn:aws:iam::111122223333:role/" + "y" * 60, "<" * 50, "short"]
    text = to_html(result([row(status="FAILED", reason=" ".join(words))]))
    (cell,) = re.findall(r"<tr data-cause.*<td>(.*?)</td></tr>", text)
    assert html.unescape(cell.replace("<wbr>", "")) == " ".join(words)
    assert max(len(html.unescape(part)) for part in re.split(r"<wbr>| ", cell)) <= 40
    assert "arn:aws:iam::111122223333:role/<wbr>yyy" in cell


@pytest.mark.parametrize(
    ("end", "took"),
    [
        *(("08:15:00", "0 s"), ("08:15:09", "9 s"), ("08:20:00", "5 min"), ("08:20:03", "5 min 3 s")),
        *(("09:20:03", "1 h 5 min"), ("10:15:59", "2 h"), ("08:14:00", ""), ("never", "")),
    ],
)
def test_how_long_it_took(end, took):
    page = Page(to_html(result([row()], operation(end_timestamp=f"2026-11-02T{end}+00:00"))))
    assert re.findall(r"\((took .*?)\)", said(page)) == ([f"took {took}"] if took else [])


def test_what_needs_the_style_or_the_script_is_hidden_without_them():
    """Jenkins shows a page without both by default, and mail programs do."""
    page = Page(to_html(result(many(51)), region="eu-west-1"))
    for tag in ("form", "button", "input"):
        for attributes in page.all(tag):
            inside = attributes.get("id") == "search" or attributes.get("type") == "reset"
            assert inside or "hidden" in attributes, (tag, attributes)
    hidden = {one.get("class") for _tag, one in page.tags if "hidden" in one}
    assert {"styled", "paper"} <= hidden
    for _tag, attributes in page.tags:
        assert "hidden" in attributes or attributes.get("class") not in ("styled", "paper")
    assert all({"width", "height"} <= set(bar) for bar in page.all("svg"))
    assert all(part["fill"].startswith("#") for part in page.all("rect"))
    cells = [cell for cell in page.all("td") if cell.get("class") in ("F", "C", "U")]
    assert cells and all("bgcolor" in cell for cell in cells)


def test_it_needs_nothing_else_and_runs_nothing_else():
    text = to_html(result(MIXED))
    page = Page(text)
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    hashes = {
        name: "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        for name, code in page.code.items()
    }
    assert policy == (
        f"default-src 'none'; img-src data:; style-src '{hashes['style']}'; script-src '{hashes['script']}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert [attributes for _tag, attributes in page.tags if "src" in attributes or "style" in attributes] == []
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    assert "@import" not in page.code["style"] and "url(" not in page.code["style"]
    assert [word for word in ("fetch", "XMLHttp", "innerHTML", "eval", "import") if word in page.code["script"]] == []


def test_the_same_rows_give_the_same_page():
    assert to_html(result(MIXED)) == to_html(result(MIXED[::-1]))


HARM = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "{{ 7 * 7 }}{% for x in range(9) %}x{% endfor %}",
    "javascript:alert(1)",
    "&lt;b&gt;",
    "<!--",
    "]]>",
]


@pytest.mark.parametrize("harm", HARM)
def test_foreign_text_is_text_in_every_field(harm):
    def written(text):
        gate = {"status": "FAILED", "status_reason": text}
        rows = [
            row(text, text, "FAILED", text, text, gate),
            row("000000000002", text, text, text, text),
            row("000000000003", "eu-west-1", "FAILED", text + " 2", text),
        ]
        about = operation(
            **dict.fromkeys(
                (
                    "status",
                    "action",
                    "operation_id",
                    "status_reason",
                    "creation_timestamp",
                    "end_timestamp",
                    "stack_set_id",
                ),
                text,
            )
        )
        value = result(rows, {**about, "status_details": {"failed_stack_instances_count": 5}}, failed=True, msg=text)
        names = {"000000000002": text, "000000000003": text}
        return Page(to_html(value, stack_set_name=text, account_names=names, region="eu-west-1"))

    # It sorts among accounts and Regions as the harmful one does.
    letter = "!" if harm < "0" else "A" if harm < "eu-west-1" else "z"
    page, harmless = written(harm), written(f"{letter} harmless")
    assert [tag for tag, _attributes in page.tags] == [tag for tag, _attributes in harmless.tags]
    assert [list(attributes) for _tag, attributes in page.tags] == [
        list(attributes) for _tag, attributes in harmless.tags
    ]
    assert page.code == harmless.code
    assert len([word for word in page.words if harm in word]) > 15
    for link in page.all("a"):
        assert link["href"].startswith(("#", "https://eu-west-1.console.aws.amazon.com/"))


def test_a_bar_shows_what_is_rare_and_is_full():
    rows = [row(f"{number:012}") for number in range(2000)] + [row("9" * 12, status="FAILED", reason="Denied")]
    (first, *_others) = re.findall(r'<svg class="bar".*?</svg>', to_html(result(rows)), re.DOTALL)
    parts = re.findall(r'<rect class="(.)" x="([\d.]+)%" width="([\d.]+)%"', first)
    assert [name for name, _begin, _width in parts] == ["F", "S"]
    assert float(parts[0][2]) > 0.9
    assert float(parts[0][1]) == 0
    assert float(parts[1][1]) == float(parts[0][2])
    assert round(float(parts[0][2]) + float(parts[1][2]), 2) == 100
