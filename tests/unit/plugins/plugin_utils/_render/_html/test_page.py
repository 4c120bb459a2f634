# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as an HTML page: what is on it, that nothing foreign becomes markup, and that it needs nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

pytest.importorskip("ansible.errors")

from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import (
    FILTERS,
    MIXED,
    OPERATION_ID,
    operation,
    result,
    row,
)

to_html = FILTERS["to_html"]


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text, that of style and script apart."""

    VOID = {"meta", "link", "input", "rect"}

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
    text = " ".join(" ".join(page.words).split())
    order = [
        "4 of 11 results failed, 1 was cancelled, 3 have not ended",
        "AWS calls it FAILED",
        "2026-11-02 08:42:31 UTC after 27 min 31 s",
        OPERATION_ID,
        "Too many",
        "AWS counts 5 more failed stack instances than these results show.",
        "11 results in 6 accounts and 2 Regions",
        "Accounts by Regions",
        "ou-b 5 accounts, 4 FAILED, 1 CANCELLED, 1 RUNNING, 1 PENDING, 1 SLEEPING, 1 SUCCEEDED",
        "000000000003 payments FAILED, cause 1 FAILED, cause 3",
        "ou-a 1 account, 2 SUCCEEDED",
        "Causes of failure",
        "Account <account> should have 'Stacks' role with trust relationship to Role 'Admin'.",
        "For instance: Account 000000000002 should have",
        "Status Account Region Organizational unit Reason",
        "FAILED 000000000002 eu-west-1 ou-b Account 000000000002 should have",
        "FAILED 000000000005 us-east-1 ou-b Account gate: No",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert page.all("title") == [{}]
    assert any(link.get("href", "").startswith("https://eu-west-1.console.aws.amazon.com/") for link in page.all("a"))


def test_every_result_is_in_the_table_and_in_the_map():
    text = to_html(result(MIXED))
    (table,) = re.findall(r'<table class="results">.*?</table>', text, re.DOTALL)
    (drawn,) = re.findall(r'<table class="map">.*?</table>', text, re.DOTALL)
    assert table.count("<tr") == len(MIXED) + 1
    # One account has no result in one Region.
    assert len(re.findall(r'<td class="[FCRPSU]">', drawn)) == len(MIXED)
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
    assert "The operation has ended without a result" in text
    assert page.all("table") == []


def test_without_units_there_is_no_column_for_them():
    assert "rganizational unit" not in to_html(result([row()]))


def test_where_all_accounts_are_alike_there_is_nothing_to_hide():
    assert 'id="only-trouble"' in to_html(result(MIXED))
    assert 'id="only-trouble"' not in to_html(result([row(), row("2" * 12)]))


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
