# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decision in words: the beginning of the message alone must let somebody act."""

from __future__ import annotations

from functools import cache

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.evaluate import CLOSING_STATUSES, evaluate
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.message import message
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import (
    Decision,
    Evidence,
    Missing,
    MissingKind,
    Rule,
    Verdict,
    Violation,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.remediation import remedy
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import Tally, failure_groups, worst_rows
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.tests.unit.helpers.rows import new_row

BEGINNING = 900  # what callbacks and AWX show of a message
NAME = "org-baseline"
OPERATION_ID = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"
COMMAND = "aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 1 --regions eu-west-1"
HOSTILE = "\x1b[2J\u202e\x00{0} {{ lookup('pipe', 'id') }}\n" * 20


def operation(status="SUCCEEDED", action="UPDATE", reason=None, failed=0, operation_id=OPERATION_ID, **more):
    return {
        "operation_id": operation_id,
        "action": action,
        "status": status,
        "status_reason": reason,
        "status_details": {"failed_stack_instances_count": failed},
        **more,
    }


def failures(number, reason="Rate exceeded", region="eu-west-1"):
    return [new_row(f"{1000 + one:012}", region, "FAILED", reason) for one in range(number)]


@cache
def groups_of(case):
    """The failure groups of one of the worst cases, which takes long for many long reasons."""
    return failure_groups(worst_rows(WORST[case][0]))


def said(rows=(), about=None, rules=None, name=NAME, missing=(), last=True, groups=None, **words):
    """The decision and the message about these rows of an operation (None: there is none)."""
    rules = policy(rules or {})
    tally = Tally(rules.ignores)
    tally.add(rows)
    known = {"confirmed": True, "settle_time_over": last, "missing": missing}
    evidence = Evidence(about, tally.counts(), frozenset(ROW_STATUSES), **known)
    decision = evaluate(evidence, rules)
    groups = failure_groups(worst_rows(rows)) if groups is None else groups
    return decision, message(decision, about, name, groups, operation_id=about and about["operation_id"], **words)


def test_a_failure_is_told_in_the_order_in_which_somebody_asks():
    _decision, text = said(
        [*failures(3), new_row("1", "r")],
        operation("FAILED", reason="The operation failed.", failed=3),
        retry_commands=[COMMAND],
        console_url="https://example.org/#/op",
    )
    assert text == (
        "Gate failed: The operation is FAILED, and accept_operation_statuses is SUCCEEDED. 3 FAILED, and max_failed is"
        f" 0. UPDATE operation {OPERATION_ID} of stack set org-baseline is FAILED. AWS says: The operation failed."
        ' Results: 1 SUCCEEDED, 3 FAILED. Largest cause: 3 x "Rate exceeded" in 3 accounts (000000001000, 000000001001,'
        f" 000000001002), Region eu-west-1. Next: fix the cause, then retry only these targets: {COMMAND} . In the"
        " console: https://example.org/#/op"
    )


def test_a_pass_is_short_and_asks_for_nothing():
    _decision, text = said([new_row("1", "r")], operation(), console_url="x")
    assert text == (
        f"Gate passed: UPDATE operation {OPERATION_ID} of stack set org-baseline is SUCCEEDED."
        " Results: 1 SUCCEEDED, 0 FAILED."
    )


UUID = ":8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
LONG_ID = "5d1f2a44-" * 14
WORST = {
    "plain": (failures(3), operation("FAILED", reason="Stopped.", failed=3), {}),
    "hostile reasons": (failures(3, HOSTILE), operation("FAILED", reason=HOSTILE, failed=3), {}),
    "long words": (failures(3, "x" * 9999), operation("FAILED", reason="y" * 9999, failed=3), {}),
    "ten thousand": (failures(10_000), operation("FAILED", reason="Too many.", failed=10_000), {}),
    "a thousand causes": (
        [{**row, "status_reason": f"cause {number:x}g " + HOSTILE} for number, row in enumerate(failures(1_000))],
        operation("FAILED", reason=HOSTILE, failed=1_000),
        {},
    ),
    "every region": (
        [row for number in range(30) for row in failures(5, HOSTILE, f"ap-southeast-{number}")],
        operation("FAILED", reason=HOSTILE, failed=150),
        {"scope": "region"},
    ),
    "long account names": (
        failures(3, HOSTILE),
        operation("FAILED", reason=HOSTILE, failed=3),
        {"account_names": {f"{1000 + one:012}": HOSTILE for one in range(9)}},
    ),
    "long names": (
        failures(3, HOSTILE),
        operation("FAILED", reason=HOSTILE, failed=3, operation_id=LONG_ID),
        {"name": "n" * 128 + UUID},
    ),
}


def told(case, about=None, rules=None, **words):
    """The message of one of the worst cases; an operation and rules given stand for the case's own."""
    rows, usual, more = WORST[case]
    words |= {word: more[word] for word in ("name", "account_names") if word in more}
    rules = {**(rules or {}), **{rule: more[rule] for rule in ("scope",) if rule in more}}
    return len(rows), said(rows, about or usual, rules, groups=groups_of(case), **words)[1]


@pytest.mark.parametrize("commands", [[COMMAND], [COMMAND + " 111122223333" * 10], [COMMAND] * 9], ids=[1, "long", 9])
@pytest.mark.parametrize("case", WORST)
def test_the_beginning_of_the_message_alone_lets_somebody_act(case, commands):
    number, text = told(case, retry_commands=commands)
    beginning = text[:BEGINNING]
    assert beginning.startswith("Gate failed: The operation is FAILED")
    for part in (" is FAILED. AWS says: ", "Results: ", f"{number:,} FAILED", "Largest cause: ", "Next: fix the cause"):
        assert part in beginning
    assert text.isprintable()
    assert len(text) < 5000


@pytest.mark.parametrize("case", WORST)
def test_so_does_that_of_an_inconclusive_gate(case):
    about = {**WORST[case][1], "status": "SUCCEEDED", "status_details": {"failed_stack_instances_count": 99_999}}
    number, text = told(case, about, {"max_failed": 99_999})
    beginning = text[:BEGINNING]
    assert beginning.startswith("Gate inconclusive: ")
    for part in (
        " is SUCCEEDED. AWS says: ",
        "Results: ",
        f"{number:,} FAILED",
        "Largest cause: ",
        "Next: Raise settle",
    ):
        assert part in beginning


def test_so_does_one_in_which_everything_is_long():
    rows = [{**row, "organizational_unit_id": f"ou-ab12-{row['account']}"} for row in failures(3, HOSTILE)]
    about = operation("FAILED", "DELETE", HOSTILE, 3, LONG_ID, retain_stacks=True)
    names = {row["account"]: HOSTILE for row in rows}
    rules = {"scope": "organizational_unit"}
    _decision, text = said(rows, about, rules, "n" * 128 + UUID, account_names=names, retry_commands=[COMMAND])
    assert "Next: fix the cause" in text[:BEGINNING]


def test_so_does_one_that_ended_with_a_long_error():
    lack = Missing(MissingKind.ERROR, "Access denied: " + HOSTILE)
    _decision, text = said(failures(3, HOSTILE), operation(reason=HOSTILE), {"max_failed": 9}, missing=(lack,))
    assert text.startswith("Gate inconclusive: Access denied")
    for part in (" is SUCCEEDED. AWS says: ", "3 FAILED", "Largest cause: "):
        assert part in text[:BEGINNING]
    assert "Next:" not in text, "the error says what to do"


def test_two_reasons_are_said_and_the_others_counted():
    rows = [row for number in range(5) for row in failures(1, region=f"r{number}")]
    _decision, text = said(rows, operation(failed=5), {"scope": "region"})
    assert "1 FAILED in r0, and max_failed is 0. 1 FAILED in r1, and max_failed is 0. (3 more in gate)" in text
    assert "in r2" not in text.partition("Largest")[0]


def test_further_causes_come_before_the_next_step_as_far_as_there_is_room():
    rows = [row for number in range(1, 8) for row in failures(number, f"cause {'abcdefgh'[number]}")]
    _decision, text = said([{**row, "region": f"r-{row['status_reason'][-1]}"} for row in rows], operation(failed=28))
    assert text.index("cause h") < text.index('Then: 6 x "cause g"') < text.index("Next: ") < BEGINNING
    told = text.count("Then: ")
    assert 3 < told < 6
    assert f" {6 - told} more in failure_groups. Next: " in text


def test_without_further_causes_nothing_is_said_of_more():
    _decision, text = said(failures(2), operation(failed=2))
    assert "failure_groups" not in text


@pytest.mark.parametrize(
    ("lacking", "where"),
    [
        ({"account": None}, "in Region eu-west-1."),
        ({"region": None}, "in account 000000001000."),
        ({"account": None, "region": None}, '1 x "Rate exceeded".'),
    ],
)
def test_a_cause_without_accounts_or_regions_names_none(lacking, where):
    assert where in said([{**failures(1)[0], **lacking}], operation(failed=1))[1]


@pytest.mark.parametrize(
    ("retain", "action", "said_so"),
    [(True, "DELETE", True), (False, "DELETE", False), (None, "DELETE", False), (True, "UPDATE", False)],
)
def test_stacks_that_a_deletion_leaves_behind_are_said(retain, action, said_so):
    _decision, text = said(failures(1), operation(failed=1, action=action, retain_stacks=retain))
    assert ("retains the stacks (RetainStacks)" in text) is said_so
    assert text.startswith(f"Gate failed: 1 FAILED, and max_failed is 0. {action} operation ")


def test_names_stand_beside_the_ids_of_accounts():
    _decision, text = said(failures(2), operation(failed=2), account_names={"000000001000": "payments\x1b[2J"})
    assert "in 2 accounts (000000001000 (payments\\x1b[2J), 000000001001), Region eu-west-1." in text


def test_many_accounts_and_regions_are_named_in_part():
    rows = [row for region in ("a", "b", "c", "d", "e") for row in failures(12, region=region)]
    _decision, text = said(rows, operation(failed=60))
    assert (
        'Largest cause: 60 x "Rate exceeded" in 12 accounts (000000001000, 000000001001, 000000001002 and 9 more),'
        " Regions a, b, c and 2 more." in text
    )


def test_a_failure_without_a_reason_is_said_to_have_none():
    assert '1 x "no reason given"' in said(failures(1, None), operation(failed=1))[1]


def test_what_is_ignored_and_what_is_not_known_is_counted_in_words():
    rows = [*failures(2, "suspended"), new_row("1", "r", "NEW\x1b")]
    _decision, text = said(rows, operation(failed=2), {"ignore_reasons": ["suspended"]})
    assert "Results: 2 FAILED, 1 NEW\\x1b (2 FAILED ignored)." in text


def test_counts_of_a_part_are_said_to_be_those_of_what_was_read():
    rules = policy({})
    tally = Tally()
    tally.add(failures(1))
    fact = operation(failed=1)
    decision = evaluate(Evidence(fact, tally.counts(), frozenset()), rules)
    text = message(decision, fact, NAME)
    assert text.startswith("Gate failed: at least 1 FAILED, and max_failed is 0. ")
    assert "Results read: at least 1 FAILED." in text


def test_counts_of_statuses_that_were_read_are_exact():
    tally = Tally()
    tally.add([*failures(2), new_row("1", "r")])
    fact = operation(failed=2)
    decision = evaluate(Evidence(fact, tally.counts(), CLOSING_STATUSES), policy({"max_failed": 2}))
    assert "Results read: at least 1 SUCCEEDED, 2 FAILED." in message(decision, fact, NAME)


def test_counts_of_an_operation_at_work_are_at_least_so_many():
    tally = Tally()
    tally.add(failures(2))
    fact = operation("RUNNING", failed=2)
    decision = evaluate(Evidence(fact, tally.counts(), CLOSING_STATUSES), policy({}), fail_fast=True)
    text = message(decision, fact, NAME, no_targets="the operation has not ended")
    assert text.startswith("Gate failed: at least 2 FAILED, and max_failed is 0. ")
    assert "Next: fix the cause. Retry the failed targets after the operation has ended; it is RUNNING." in text


def test_without_an_operation_the_stack_set_is_named():
    lack = Missing(MissingKind.ERROR, "Access denied.")
    _decision, text = said((), None, missing=(lack,))
    assert text == ("Gate inconclusive: Access denied. The stack set is org-baseline.")


def test_a_violation_without_bad_rows_has_nothing_to_retry():
    _decision, text = said((), operation("STOPPED"), retry_commands=[])
    assert "Next: check in the console why the operation is STOPPED, fix that, and start it again." in text


AGAIN = f"run the task again with operation_id={OPERATION_ID}"
GOOD = [new_row("1", "r")]


@pytest.mark.parametrize(
    ("rows", "about", "rules", "parts"),
    [
        (GOOD, operation("RUNNING"), {}, ["Raise wait_timeout", AGAIN]),
        (GOOD, operation(failed=3), {}, ["settle_timeout", AGAIN, "accept the difference with max_unaccounted=3"]),
        (
            GOOD,
            operation("FAILED"),
            {"accept_operation_statuses": ["FAILED"], "expected_results": 1},
            ["whole_reading=true", AGAIN],
        ),
        (GOOD, operation(action="DETECT_DRIFT"), {}, ["max_drifted"]),
        (GOOD, operation(), {"max_drifted": 0}, ["max_drifted", "omit it"]),
        ([{**GOOD[0], "status": "NEW"}], operation(), {}, ["settle_timeout", AGAIN]),
        (GOOD, operation("NEW"), {}, ["newer version"]),
        (GOOD, operation(action="NEW"), {}, ["newer version"]),
    ],
)
def test_every_kind_of_missing_has_a_way_out_that_names_the_option(rows, about, rules, parts):
    decision, text = said(rows, about, rules)
    assert decision.verdict == "inconclusive"
    for part in parts:
        assert part in remedy(decision.missing[0], decision, OPERATION_ID)
        assert part in text


@pytest.mark.parametrize(
    ("missing", "part"),
    [
        (
            Missing(MissingKind.OPERATION, "Two qualify.", "operation_id"),
            "Set the operation_id of the intended one",
        ),
        (Missing(MissingKind.ROWS, "Truncated."), "Set whole_reading=true"),
        (Missing(MissingKind.WHOLE, "Bare rows."), "Set expected_results"),
        (Missing(MissingKind.ROWS_OPERATION, "No operation."), "gate(operation=...)"),
        (Missing(MissingKind.INTERRUPTED, "SIGTERM."), AGAIN),
    ],
)
def test_what_the_reader_lacks_has_a_way_out_too(missing, part):
    decision, text = said(GOOD, operation("RUNNING"), missing=(missing,))
    assert part in remedy(missing, decision, OPERATION_ID)
    assert part in text


def test_the_filters_way_out_of_a_part_is_another_reading():
    decision, _text = said(GOOD, operation("RUNNING"))
    way = remedy(Missing(MissingKind.ROWS, "Truncated."), decision, OPERATION_ID, in_filter=True)
    assert "without statuses, max_items and starting_token" in way


def test_an_error_is_told_to_its_end_which_says_what_to_do():
    error = (
        f"AWS throttled ListStackSetOperationResults {'until the retries were exhausted ' * 10}. Allow more retries."
    )
    _decision, text = said(GOOD, operation(failed=3), missing=(Missing(MissingKind.ERROR, error),))
    assert text.startswith(f"Gate inconclusive: {error}")


def test_a_way_out_is_said_once():
    lacks = tuple(Missing(MissingKind.OPERATION, f"{number}.", "wait_timeout") for number in range(3))
    _decision, text = said(GOOD, operation("RUNNING"), missing=lacks)
    assert text.count("Raise wait_timeout") == 1


# Each text of others has a limit of its own


def decided(violations=(), missing=(), by_status=None, counted=0, exact=ROW_STATUSES):
    """A decision that is what it is told to be."""
    by_status = {**dict.fromkeys(ROW_STATUSES, 0), **(by_status or {})}
    counts = {"failed": by_status["FAILED"], "cancelled": 0, "ignored": 0, "unaccounted": 0, "by_status": by_status}
    counts |= {"failed_stack_instances_count": counted, "complete": True}
    verdict = "failed" if violations else "inconclusive" if missing else "passed"
    return Decision(Verdict(verdict), tuple(violations), tuple(missing), counts, frozenset(exact))


def broken(message="It is broken."):
    return Violation(Rule.MAX_FAILED, "operation", None, 0, 1, message)


def test_names_and_reasons_are_cut_each_at_its_length():
    about = {"action": "A" * 30, "operation_id": "o" * 140, "status": "S" * 50, "status_reason": "r" * 130}
    text = message(decided(by_status={"T" * 50: 1}), about, "n" * 70)
    assert text == (
        f"Gate passed: {'A' * 17}... operation {'o' * 127}... of stack set {'n' * 57}... is {'S' * 37}.... AWS says:"
        f" {'r' * 117}. Results: 0 FAILED, 1 {'T' * 37}...."
    )


def test_a_reason_of_awss_ends_with_one_full_stop():
    about = {"operation_id": "op-1", "status": "FAILED", "status_reason": "It is X."}
    assert "Operation op-1 of stack set mine is FAILED. AWS says: It is X. Results" in message(decided(), about, "mine")


def test_what_is_not_known_is_not_named():
    assert message(decided(missing=[Missing(MissingKind.ROWS_OPERATION, "Which?")]), None, "").startswith(
        "Gate inconclusive: Which? Next: Pass the result of operation_results_info"
    )
    about = {"operation_id": "op-1", "status": "SUCCEEDED"}
    assert message(decided(), about, "") == "Gate passed: Operation op-1 is SUCCEEDED. Results: 0 FAILED."
    long = message(decided(missing=[Missing(MissingKind.ERROR, "No.")], by_status={"FAILED": 3}), None, "n" * 70)
    assert long == f"Gate inconclusive: No. The stack set is {'n' * 57}...."


def test_where_nothing_was_read_nothing_is_counted():
    about = {"operation_id": "op-1", "status": "SUCCEEDED"}
    text = message(decided(missing=[Missing(MissingKind.ERROR, "No.")], exact=()), about, "mine")
    assert text == "Gate inconclusive: No. Operation op-1 of stack set mine is SUCCEEDED."


def test_a_deletion_that_leaves_stacks_behind_is_one_sentence():
    about = {"action": "DELETE", "operation_id": "op-1", "status": "SUCCEEDED", "retain_stacks": True}
    assert message(decided(), about, "mine").startswith(
        "Gate passed: DELETE operation op-1 of stack set mine, which retains the stacks (RetainStacks), is SUCCEEDED. "
    )


@pytest.mark.parametrize("where", ["violations", "missing"])
def test_reasons_are_cut_and_counted(where):
    reasons = ["m" * 280, "second.", "third."]
    parts = {
        "violations": list(map(broken, reasons)),
        "missing": [Missing(MissingKind.SETTLED, one) for one in reasons],
    }
    text = message(decided(**{where: parts[where]}), None, "mine")
    verdict = "failed" if where == "violations" else "inconclusive"
    assert text.startswith(f"Gate {verdict}: {'m' * 257}... second. (1 more in gate) The stack set is mine. Next: ")
    assert "more in gate" not in message(decided(**{where: parts[where][:2]}), None, "mine")


def test_an_error_beside_what_is_proven_leaves_the_rest_in_the_beginning():
    about = {"operation_id": "op-1", "status": "FAILED"}
    text = message(decided([broken()], [Missing(MissingKind.ERROR, "error " * 500)]), about, "mine")
    assert len(text) <= BEGINNING
    assert text.startswith("Gate failed: It is broken. error error ")


def test_ways_out_are_two_at_most():
    missing = [
        Missing(MissingKind.OPERATION, "1.", "wait_timeout"),
        Missing(MissingKind.DRIFT, "2.", "max_drifted"),
        Missing(MissingKind.ROWS, "3."),
    ]
    ways = [remedy(one, decided(missing=missing), "op-1") for one in missing]
    text = message(decided(missing=missing), None, "mine", operation_id="op-1")
    assert text.endswith(f" Next: {ways[0]} {ways[1]}")
    assert ways[0] == "Raise wait_timeout, or run the task again with operation_id=op-1; it only reads."
    assert remedy(missing[0], decided(), None) == "Raise wait_timeout, or run the task again; it only reads."
    assert f"operation_id={'o' * 127}...; it" in remedy(missing[0], decided(), "o" * 140)


def test_the_filters_way_out_names_the_operation():
    missing = Missing(MissingKind.OPERATION, "1.", "wait_timeout")
    text = message(decided(missing=[missing]), None, "mine", operation_id="op-1", in_filter=True)
    assert "Next: Use the module operation_gate with operation_id=op-1, which waits for that" in text


def test_causes_and_names_are_cut_each_at_its_length():
    groups = [
        {"reason": "a" * 200, "count": 2, "accounts": ["1", "2"], "regions": ["r" * 50]},
        {"reason": "b" * 200, "count": 1, "accounts": ["3"], "regions": ["r", "s"]},
    ]
    names = {"1": "t" * 30}
    text = message(decided([broken()]), None, "mine", groups, account_names=names)
    assert f'2 x "{"a" * 87}..." in 2 accounts (1 ({"t" * 17}...), 2), Region {"r" * 33}....' in text
    assert f'Then: 1 x "{"b" * 77}..." in account 3, Regions r, s.' in text


@pytest.mark.parametrize(
    ("counted", "listed", "words"),
    [
        (2, 1, "AWS counts 2 failures and lists 1 so far. To see the rest, run the task again. Next"),
        (None, 0, None),
        (0, 0, None),
    ],
)
def test_failures_that_aws_counts_are_said_where_there_are_more(counted, listed, words):
    about = {"operation_id": "op-1", "status": "FAILED"}
    text = message(decided([broken()], by_status={"FAILED": listed}, counted=counted), about, "mine")
    assert (words in text) if words else ("AWS counts" not in text)
    named = message(decided([broken()], counted=2), about, "mine", operation_id="o" * 140)
    assert f"run the task again with operation_id={'o' * 127}.... Next" in named


def test_an_error_is_told_instead_of_what_aws_counts():
    about = {"operation_id": "op-1", "status": "FAILED"}
    assert "AWS counts" not in message(
        decided([broken()], [Missing(MissingKind.ERROR, "No.")], counted=5), about, "mine"
    )


@pytest.mark.parametrize(("length", "told"), [(600, True), (601, False)])
def test_commands_are_told_up_to_a_length(length, told):
    about = {"operation_id": "op-1", "status": "FAILED"}
    command = "c" * length
    text = message(decided([broken()], by_status={"FAILED": 1}), about, "mine", retry_commands=[command])
    assert (command in text) is told


def test_a_status_that_nobody_knows_is_cut_in_the_next_step():
    text = message(decided([broken()]), {"operation_id": "op-1", "status": "S" * 50}, "mine")
    assert text.endswith(f"after the operation has ended; it is {'S' * 37}....")
