# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as Markdown: short, in the order of importance, cut honestly, and foreign text no markup."""

from __future__ import annotations

import re
from itertools import product

import pytest

pytest.importorskip("ansible.errors")

from ansible.errors import AnsibleFilterError

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render import markdown as _markdown
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import (
    FILTERS,
    MIXED,
    OPERATION_ID,
    operation,
    reported,
    result,
    row,
)

to_markdown = FILTERS["to_markdown"]


def test_it_says_what_happened_in_the_order_of_importance():
    about = operation("FAILED", failed=9, status_reason="Too many")
    text = to_markdown(result(MIXED, about), account_names={"000000000003": "payments"}, region="eu-west-1")
    assert text.splitlines()[0] == (
        "### \u274c `org-baseline`: 4 of 11 results failed, 1 was cancelled, 3 have not ended"
    )
    assert text.splitlines()[2] == f"`UPDATE` operation `{OPERATION_ID}` is `FAILED`: `Too many`."
    order = [
        "- **Note:** AWS counts 5 more failed stack instances than these results show.",
        "4 `FAILED`, 1 `CANCELLED`, 1 `RUNNING`, 1 `PENDING`, 1 `SLEEPING`, 3 `SUCCEEDED` in 6 accounts and 2 Regions.",
        "**Regions:** `eu-west-1` 2 FAILED, `us-east-1` 2 FAILED.",
        "[Open in the AWS console](https://eu-west-1.console.aws.amazon.com/",
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


def test_that_aws_calls_it_succeeded_is_a_line_below_the_headline():
    about = operation(failed=1, operation_preferences={"failure_tolerance_count": 1})
    text = to_markdown(result([row(), row("2" * 12, status="FAILED")], about))
    assert text.splitlines()[:4] == [
        "### \u274c `org-baseline`: 1 of 2 results failed",
        "",
        "AWS reports SUCCEEDED although 1 result failed: the failure tolerance is 1 account in each Region.",
        "",
    ]


def test_a_large_number_has_separators_wherever_it_is():
    rows = [row(f"{number:012}", status="FAILED", reason="Denied") for number in range(1200)]
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(three) for three in product(letters[:11], letters[:10], letters[:10])]
    rows += [
        row(f"{number + 2000:012}", status="FAILED", reason=f"Full {word} {'x' * 99}")
        for number, word in enumerate(words)
    ]
    about = operation(operation_preferences={"failure_tolerance_count": 4000})
    about |= {"status_details": {"failed_stack_instances_count": 5000}}
    text = to_markdown(result(rows, about))
    for words in (
        "2,300 of 2,300 results failed",
        "although 2,300 results failed: the failure tolerance is 4,000 accounts",
        "AWS counts 2,700 more failed",
        "2,300 `FAILED` in 2,300 accounts and 1 Region.",
        "`eu-west-1` 2,300 FAILED.",
        "1. 1,200 x `Denied` in",
        "`000000000004` and 1,195 more; ",
    ):
        assert words in text
    assert re.search(r"\nNot shown: 1,\d{3} more causes, with 1,\d{3} failed results\.\n$", text)
    assert re.findall(r"(?<![\d-])\d{4}(?![\d-])", text.replace(OPERATION_ID, "")) == []


def test_what_is_not_known_is_marked():
    assert to_markdown([row()]).startswith("### \u26a0\ufe0f The only result succeeded\n")
    assert "**Note:** The operation's status is not known" in to_markdown([row()])


def with_limits(limits, value, **options):
    """The text by its limit. The report behind it is the same for all."""
    report = reported(value, **options)
    return {limit: _markdown.to_markdown(report, limit) for limit in limits}


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
    assert text.endswith(f"\n\nNot shown: {200 - told} more causes, with {200 - told} failed results.\n")
    # Another one would not have fitted.
    assert len(text) + 150 > limit


def test_it_is_never_longer_than_asked_for():
    lengths = {limit: len(text) for limit, text in with_limits(range(2000, 2250), result(MANY)).items()}
    assert [limit for limit, length in lengths.items() if length > limit] == []
    assert lengths[2249] > lengths[2000]


def test_with_room_for_all_nothing_is_left_out():
    text = to_markdown(result(MANY), max_length=100_000)
    assert len(re.findall(r"^\d+\. ", text, re.MULTILINE)) == 200
    assert "Not shown" not in text


def test_accounts_and_regions_of_a_cause_are_cut_with_their_number():
    rows = [row(f"{number:012}", f"r-{number % 7}", "FAILED", "Denied") for number in range(70)]
    assert "`000000000004` and 65 more; `r-0`, `r-1`, `r-2`, `r-3`, `r-4` and 2 more\n" in to_markdown(result(rows))


@pytest.mark.parametrize("limit", [1999, 0, -1, "4000", 4000.0, True, None])
def test_a_length_that_has_no_room_is_refused(limit):
    with pytest.raises(AnsibleFilterError) as error:
        to_markdown(result([row()]), max_length=limit)
    said = "null" if limit is None else repr(limit)
    assert str(error.value) == (
        f"stackgate.stacksets.to_markdown: max_length is {said}. Set a whole number, 2000 or more."
    )


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


def test_every_word_of_it():
    gone = "x" * 500
    rows = [
        row("000000000001", "eu-west-1", "FAILED", f"Denied {gone}"),
        row("000000000002", "eu-west-1", "CANCELLED", "Cancelled"),
        row("000000000003", None, "FAILED", f"Denied {gone}"),
        *(row(f"{number:012}", f"r-{number:02}", "FAILED", "Full", "ou-a") for number in range(10, 22)),
    ]
    about = operation("STOPPED", failed=15, status_reason="s" * 200)
    value = result(rows, about, failed=True, msg="m" * 200)
    text = to_markdown(value, account_names={"000000000010": "shop", "000000000001": "n" * 50}, region="eu-west-1")
    assert text == (
        "### \u274c `org-baseline`: 14 of 15 results failed, 1 was cancelled; other results were not read\n"
        "\n"
        f"`UPDATE` operation `{OPERATION_ID}` is `STOPPED`: `{'s' * 117}...`.\n"
        "\n"
        f"- **Note:** The reading failed. These results were read before the error: `{'m' * 117}...`\n"
        "- **Note:** AWS counts 1 more failed stack instance than these results show.\n"
        "\n"
        "14 `FAILED`, 1 `CANCELLED` in 15 accounts and 13 Regions.\n"
        "\n"
        "**Regions:** no Region 1 FAILED, `eu-west-1` 1 FAILED, `r-10` 1 FAILED, `r-11` 1 FAILED, `r-12` 1 FAILED,"
        " `r-13` 1 FAILED, `r-14` 1 FAILED, `r-15` 1 FAILED, `r-16` 1 FAILED, `r-17` 1 FAILED and 4 more.\n"
        "\n"
        "[Open in the AWS console](https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1"
        f"#/stacksets/org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/{OPERATION_ID})\n"
        "\n"
        "**Causes**\n"
        "\n"
        "1. 12 x `Full` in `000000000010` (`shop`), `000000000011`, `000000000012`, `000000000013`, `000000000014`"
        " and 7 more; `r-10`, `r-11`, `r-12`, `r-13`, `r-14` and 7 more\n"
        f"2. 2 x `Denied {'x' * 390}...` in `000000000001` (`{'n' * 37}...`), `000000000003`; `eu-west-1`\n"
    )


def test_it_says_only_what_is_known():
    assert to_markdown([]) == (
        "### \u26a0\ufe0f There are no results\n\n"
        "- **Note:** The operation's status is not known, so results may be missing or may still change.\n"
    )
    nothing = {"action": None, "status_reason": None}
    text = to_markdown([row(None, None, "FAILED")], operation=operation(**nothing), stack_set_name="mine")
    assert f"Operation `{OPERATION_ID}` is `SUCCEEDED`.\n" in text
    assert text.endswith("1 `FAILED`.\n\n**Regions:** no Region 1 FAILED.\n\n**Causes**\n\n1. 1 x no reason given\n")
    lookup = to_markdown([row(operation_id="op-7", stack_set_name="a")])
    assert "\n\nOperation `op-7`.\n\n" in lookup


def test_no_more_than_five_remarks_ten_statuses_and_one_cause_left_out():
    rows = [row(f"{number:012}", status=f"S{number:02}") for number in range(12)]
    assert "1 `S09` and 2 more in 12 accounts and 1 Region.\n" in to_markdown(result(rows))
    many = [row(f"{number:012}", "r" * 24, "FAILED", chr(97 + number) * 399) for number in range(7)]
    text = to_markdown(result(many), max_length=3000)
    left = 7 - len(re.findall(r"^\d\. ", text, re.MULTILINE))
    assert f"Not shown: {left} more cause" in text


def test_a_single_cause_that_is_left_out_is_one():
    rows = [row(f"{number:012}", "r" * 24, "FAILED", chr(97 + number) * 399) for number in range(6)]
    texts = with_limits(range(2000, 4000), result(rows))
    assert [limit for limit, text in texts.items() if len(text) > limit] == []
    endings = {text.rpartition("Not shown: ")[2] for text in texts.values()}
    assert {"1 more cause, with 1 failed result.\n", "2 more causes, with 2 failed results.\n"} < endings


@pytest.mark.parametrize("status", ["t" * 20, "SUCCEEDED"])
def test_what_is_left_out_is_said_also_where_the_head_takes_all_the_room(status):
    rows = [row(f"{number:012}", f"{number:02}" + "r" * 22, "FAILED", chr(97 + number) * 399) for number in range(12)]
    rows += [row(f"{number:012}", status=f"{number}" + "s" * 18) for number in range(20, 30)]
    rows += [row("9" * 12, status="CANCELLED")]
    about = operation(
        status,
        **{"status_reason": "s" * 120, "operation_id": "o" * 128, "stack_set_id": "n" * 128 + ":" + "1" * 36},
        status_details={"failed_stack_instances_count": 1000},
        stack_set_drift_detection_details={"drifted_stack_instances_count": 10**9},
        operation_preferences={"failure_tolerance_percentage": 100},
    )
    value = result(rows, about, failed=True, msg="m" * 120)
    for limit, text in with_limits(range(2000, 2700), value, stack_set_name="n" * 128, region="eu-west-1").items():
        assert len(text) <= limit
        assert text.endswith(" failed results.\n")


def test_every_text_in_it_is_cut():
    def cut(letter, limit):
        return f"`{letter * (limit - 3)}...`"

    rows = [row("a" * 200, "r" * 200, "FAILED", "m" * 800), row("b" * 200, "r" * 200, "s" * 200)]
    about = operation("t" * 200, action="c" * 200, operation_id="o" * 200)
    text = to_markdown(result(rows, about, failed=True, msg="x"), stack_set_name="n" * 200)
    assert text.startswith(f"### \u274c {cut('n', 128)}: 1 of 2 results failed")
    assert f"\n\n{cut('c', 20)} operation {cut('o', 128)} is {cut('t', 20)}.\n\n" in text
    assert f"\n\n1 `FAILED`, 1 {cut('s', 20)} in 2 accounts and 1 Region.\n\n" in text
    assert f"**Regions:** {cut('r', 24)} 1 FAILED." in text
    assert f"1. 1 x {cut('m', 400)} in {cut('a', 20)}; {cut('r', 24)}\n" in text


def test_a_single_failure_has_its_own_reason_and_several_what_they_share():
    reasons = [f"Bucket of {number:012} exists" for number in range(3)]
    rows = [row(f"{number:012}", status="FAILED", reason=reason) for number, reason in enumerate(reasons)]
    assert "\n1. 1 x `Bucket of 000000000000 exists` in" in to_markdown(result(rows[:1]))
    assert "\n1. 3 x `Bucket of <account> exists` in" in to_markdown(result(rows))


def test_a_backtick_becomes_an_apostrophe():
    assert "1 x `a'b''c` in" in to_markdown(result([row(status="FAILED", reason="a`b``c")]))


def test_a_row_without_a_status_is_counted_as_that():
    assert "\n\n1 `no status` in 1 account and 1 Region.\n" in to_markdown(result([row(status=None)]))
