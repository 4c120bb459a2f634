# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as Markdown: short, in the order of importance, cut honestly, and foreign text no markup."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("ansible.errors")

from ansible.errors import AnsibleFilterError

from ansible_collections.stackgate.stacksets.tests.unit.reports import (
    FILTERS,
    MIXED,
    OPERATION_ID,
    operation,
    result,
    row,
)

to_markdown = FILTERS["to_markdown"]


def test_it_says_what_happened_in_the_order_of_importance():
    about = operation("FAILED", failed=9, status_reason="Too many")
    text = to_markdown(result(MIXED, about), account_names={"000000000003": "payments"}, region="eu-west-1")
    assert text.splitlines()[0] == (
        "### \u274c `org-baseline`: 4 of 11 results failed, 1 was cancelled, 3 are not at an end"
    )
    assert text.splitlines()[2] == f"`UPDATE` operation `{OPERATION_ID}` is `FAILED`: `Too many`."
    order = [
        "- **Mind:** AWS counts 5 more failed stack instances than these results show.",
        "4 `FAILED`, 1 `CANCELLED`, 1 `RUNNING`, 1 `PENDING`, 1 `SLEEPING`, 3 `SUCCEEDED` in 6 accounts and 2 Regions.",
        "**Regions:** `eu-west-1` 2 FAILED, `us-east-1` 2 FAILED.",
        "[Open it in the console](https://eu-west-1.console.aws.amazon.com/",
        "1. 2 x `Account <account> should have 'Stacks' role",
        "in `000000000002`, `000000000003` (`payments`); `eu-west-1`",
        "2. 1 x no reason given in `000000000005`; `us-east-1`",
        "3. 1 x `The bucket already exists` in `000000000003` (`payments`); `us-east-1`",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_where_all_went_well_it_is_short():
    assert to_markdown(result([row(), row("2" * 12)])) == (
        "### \u2705 `org-baseline`: All 2 results succeeded\n\n"
        f"`UPDATE` operation `{OPERATION_ID}` is `SUCCEEDED`.\n\n"
        "2 `SUCCEEDED` in 2 accounts and 1 Region.\n"
    )


def test_what_is_not_known_is_marked():
    assert to_markdown([row()]).startswith("### \u26a0\ufe0f The one result succeeded\n")
    assert "**Mind:** How the operation stands is not known" in to_markdown([row()])


# Reasons of letters, for numbers would be masked.
MANY = [
    row(f"{number:012}", status="FAILED", reason=f"Cause {chr(97 + number % 26)}{chr(97 + number // 26)} " + "x" * 80)
    for number in range(200)
]


@pytest.mark.parametrize("limit", [2000, 2001, 4000, 10_000])
def test_causes_that_have_no_room_are_counted(limit):
    text = to_markdown(result(MANY), max_length=limit)
    assert len(text) <= limit
    told = len(re.findall(r"^\d+\. ", text, re.MULTILINE))
    assert 0 < told < 200
    assert text.endswith(f"\n\nLeft out for want of room: {200 - told} more causes, of {200 - told} failed results.\n")
    # Another one would not have fitted.
    assert len(text) + 150 > limit


def test_it_is_never_longer_than_asked_for():
    lengths = {limit: len(to_markdown(result(MANY), max_length=limit)) for limit in range(2000, 2250)}
    assert [limit for limit, length in lengths.items() if length > limit] == []
    assert lengths[2249] > lengths[2000]


def test_with_room_for_all_nothing_is_left_out():
    text = to_markdown(result(MANY), max_length=100_000)
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == 200
    assert "Left out" not in text


def test_accounts_and_regions_of_a_cause_are_cut_with_their_number():
    rows = [row(f"{number:012}", f"r-{number % 7}", "FAILED", "Denied") for number in range(70)]
    assert "`000000000004` and 65 more; `r-0`, `r-1`, `r-2`, `r-3`, `r-4` and 2 more\n" in to_markdown(result(rows))


@pytest.mark.parametrize("limit", [1999, 0, -1, "4000", 4000.0, True, None])
def test_a_length_that_has_no_room_is_refused(limit):
    with pytest.raises(AnsibleFilterError, match=r"max_length is .* Give a whole number of at least 2000 characters"):
        to_markdown(result([row()]), max_length=limit)


HARM = [
    "x` @everyone <b>evil</b> [a](https://evil.example) `y",
    "`` ` @everyone https://evil.example [x](javascript:alert(1)) <img src=x onerror=alert(1)> | **b** #1",
    "```\n# heading\n```",
    "<!-- ",
    "![x](https://evil.example/p.png)",
    "\\`",
    "`",
]


@pytest.mark.parametrize("harm", HARM)
def test_foreign_text_is_nothing_but_code(harm):
    markdown_it = pytest.importorskip("markdown_it")
    rows = [
        row("111122223333", harm, "FAILED", harm, gate={"status": "FAILED", "status_reason": harm}),
        row("111122223334", harm, harm),
    ]
    about = operation(harm, action=harm, operation_id=harm, status_reason=harm, stack_set_id=harm)
    text = to_markdown(
        result(rows, about, failed=True, msg=harm), account_names={"111122223333": harm}, stack_set_name=harm
    )
    kinds, plain = set(), ""
    parser = markdown_it.MarkdownIt("gfm-like", {"linkify": False, "html": True})
    for token in parser.parse(text):
        kinds.add(token.type)
        for inner in token.children or []:
            kinds.add(inner.type)
            plain += inner.content if inner.type == "text" else ""
    inline = {"inline", "text", "code_inline", "softbreak", "strong_open", "strong_close"}
    blocks = {
        f"{block}_{end}"
        for block in ("heading", "paragraph", "list_item", "bullet_list", "ordered_list")
        for end in ("open", "close")
    }
    assert kinds <= inline | blocks
    for word in ("@everyone", "evil", "alert", "<", "#"):
        assert word not in plain
