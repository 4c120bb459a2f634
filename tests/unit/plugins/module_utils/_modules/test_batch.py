# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several gates in one task: which options count for which."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import Interrupted, OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules import batch
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.batch import (
    MAX_OPERATIONS,
    batch_gates,
    concurrency,
    decide_all,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import (
    gated_options,
    policy_options,
    waiting_options,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.scheduler import PollScheduler
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import throttle_retry_for
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import answer, new_client

OPTIONS = {
    name: option.get("default") for name, option in {**gated_options(), **waiting_options(), **policy_options()}.items()
}


def asked(*entries, **options):
    return batch_gates({**OPTIONS, "operations": list(entries), **options})


def refused(*entries, **options):
    with pytest.raises(OptionError) as error:
        asked(*entries, **options)
    return error.value.message


def named(name="org-a", **more):
    # As Ansible hands an entry over: null for what it leaves out.
    return {"operation_id": None, "created_after": None, "max_failed": None, "stack_set_name": name, **more}


def test_the_gates_come_in_the_order_of_the_entries():
    found = asked(named("c"), named("a"), named("b"), operation_id="op")
    assert [gate.request.stack_set.value for gate in found] == ["c", "a", "b"]


def test_what_an_entry_leaves_out_is_as_it_is_for_the_task():
    own, common = asked(
        named(operation_id="mine", max_failed=7, ignore_accounts=["000000000001"]),
        named("org-b"),
        operation_id="common",
        max_failed=2,
        max_cancelled=3,
        call_as="DELEGATED_ADMIN",
        wait_sleep=4,
    )
    assert (own.request.operation_id, common.request.operation_id) == ("mine", "common")
    assert (own.policy.max_failed, common.policy.max_failed) == (7, 2)
    assert (own.policy.max_cancelled, common.policy.max_cancelled) == (3, 3)
    assert (own.policy.ignore_accounts, common.policy.ignore_accounts) == ({"000000000001"}, frozenset())
    assert {gate.request.call_as for gate in (own, common)} == {"DELEGATED_ADMIN"}
    assert {gate.request.wait_sleep for gate in (own, common)} == {4}


def test_a_rule_of_an_entry_may_be_zero():
    assert asked(named(max_failed=0), operation_id="op", max_failed=5)[0].policy.max_failed == 0


def test_an_entry_may_relax_what_the_task_accepts_with_a_number_of_its_own():
    (gate,) = asked(named(expected_results=3), operation_id="op", accept_operation_statuses=["FAILED"])
    assert gate.policy.expected_results == 3


def test_the_latest_of_each_unless_an_entry_has_an_id():
    since = "2026-11-02T08:00:00Z"
    latest, pinned = asked(named(), named("org-b", operation_id="op"), operation_id="latest", created_after=since)
    assert (latest.request.operation_id, latest.request.created_after is None) == (None, False)
    assert (pinned.request.operation_id, pinned.request.created_after) == ("op", None)


def test_an_entry_may_ask_for_the_latest_since_the_time_of_the_task():
    (gate,) = asked(named(operation_id="latest"), created_after="2026-11-02T08:00:00Z")
    assert (gate.request.operation_id, gate.request.created_after is None) == (None, False)


def test_an_entry_may_have_a_time_of_its_own():
    one, other = asked(
        named(created_after="2026-11-02T09:00:00Z"),
        named(),
        operation_id="latest",
        created_after="2026-11-02T08:00:00Z",
    )
    assert one.request.created_after > other.request.created_after


def test_an_empty_text_of_an_entry_is_as_if_it_were_left_out():
    entry = named(operation_id="", created_after="", created_before="")
    (gate,) = asked(entry, operation_id="latest", created_after="2026-11-02T08:00:00Z")
    assert (gate.request.operation_id, gate.request.created_after is None) == (None, False)
    (gate,) = asked(named(operation_id="op", created_after=""))
    assert (gate.request.operation_id, gate.request.created_after) == ("op", None)


def test_an_empty_rule_of_an_entry_does_not_take_the_tasks():
    with pytest.raises(OptionError, match=r"^operations\[0\].ignore_reasons has ''"):
        asked(named(operation_id="op", ignore_reasons=""), ignore_reasons=["suspended"])


def test_a_text_of_an_entry_is_one_pattern():
    (gate,) = asked(named(operation_id="op", ignore_reasons="on key/[0-9]+, because no policy allows"))
    assert [one.pattern for one in gate.policy.ignore_reasons] == ["on key/[0-9]+, because no policy allows"]


def test_names_of_accounts_are_for_all():
    found = asked(named(), named("org-b"), operation_id="op", account_names={111122223333: "payments"})
    assert [gate.request.account_names for gate in found] == [{"111122223333": "payments"}] * 2


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (named("-a"), "operations[1].stack_set_name '-a' is not the name"),
        (named(max_failed=-1), "operations[1].max_failed is -1. Set a whole number"),
        (named(operation_id="a b"), "operations[1].operation_id 'a b' is not an operation ID"),
        (named(ignore_reasons=[".*"]), "operations[1].ignore_reasons has '.*', which matches every reason"),
        (named(operation_id="op", created_after="now"), "operations[1].created_after is set together with the"),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_with_its_place(entry, said):
    assert refused(named("good"), entry, operation_id="op").startswith(said)


def test_an_operation_must_be_named_for_each():
    assert refused(named(operation_id="op"), named("org-b")).startswith("operations[1].operation_id is missing. Set")


def test_nothing_to_gate_is_no_pass():
    said = "operations is empty, so there is nothing to gate. Add an operation, or skip the task with when."
    assert refused(operation_id="op") == said


def test_one_or_several_not_both():
    said = refused(named(), operation_id="op", stack_set_name="org-a")
    assert said == "operations is set together with stack_set_name. Omit one of them."


def test_no_more_than_a_result_can_carry():
    entries = [named(f"a{number}") for number in range(MAX_OPERATIONS)]
    assert len(asked(*entries, operation_id="op")) == MAX_OPERATIONS
    said = "operations has 501 entries. Set at most 500 in one task: | batch(500) makes lists for a loop."
    assert refused(*entries, named(), operation_id="op") == said


@pytest.mark.parametrize("value", [1, 10, 50])
def test_as_many_threads_as_are_asked_for(value):
    assert concurrency({"concurrency": value}) == value


@pytest.mark.parametrize("value", [0, 51, -1, True, "3", None])
def test_a_number_of_threads_that_makes_no_sense_is_refused(value):
    said = "null" if value is None else repr(value)
    with pytest.raises(OptionError, match=rf"^concurrency is {said}\. Set 1 to 50\.$"):
        concurrency({"concurrency": value})


FAILED_ROW = {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": "why"}
GOOD_ROW = {**FAILED_ROW, "Status": "SUCCEEDED"}
ROWS = {"org-a": [GOOD_ROW], "org-b": [FAILED_ROW], "org-c": [GOOD_ROW]}


def answered(call):
    if call["Action"] == "DescribeStackSetOperation":
        failed = sum(row["Status"] == "FAILED" for row in ROWS[call["StackSetName"]])
        about = {"OperationId": call["OperationId"], "Status": "SUCCEEDED", "Action": "UPDATE"}
        return answer(
            call["Action"], StackSetOperation={**about, "StatusDetails": {"FailedStackInstancesCount": failed}}
        )
    wanted = call["Filters.member.1.Values"]
    return answer(call["Action"], Summaries=[row for row in ROWS[call["StackSetName"]] if row["Status"] == wanted])


class Process:
    """The clock of a task; ``ends`` raises where somebody asks whether the answer is still wanted."""

    def __init__(self, ends=None):
        self._ends = ends

    def elapsed(self):
        return 7.0

    def sleep(self, seconds):
        raise AssertionError("none of these waits")

    def exit_if_abandoned(self):
        if self._ends:
            raise self._ends


def test_each_gate_is_decided_and_its_result_is_in_its_place():
    gates = asked(named("org-a"), named("org-b"), named("org-c"), operation_id="op")
    entries = decide_all(new_client(answered), gates, Process(), threads=2)
    assert [(one["stack_set_name"], one["operation_id"], one["gate"]["verdict"]) for one in entries] == [
        ("org-a", "op", "passed"),
        ("org-b", "op", "failed"),
        ("org-c", "op", "passed"),
    ]
    assert [one["progress"]["elapsed"] for one in entries] == [7.0] * 3
    assert "--region eu-west-1" in entries[1]["retry_commands"][0]


def test_an_arn_of_another_region_is_refused_with_its_place():
    arn = "arn:aws:cloudformation:us-east-1:111122223333:stackset/org-b:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
    gates = asked(named("org-a"), named(arn), operation_id="op")
    with pytest.raises(OptionError, match=r"^operations\[1\].stack_set_name is the ARN of a stack set in us-east-1"):
        decide_all(new_client(answered), gates, Process(), threads=1)


def test_an_interruption_is_told_in_what_has_not_ended():
    gates = asked(named("org-a"), operation_id="op", wait_timeout=60)

    def still_at_work(call):
        return answer(call["Action"], StackSetOperation={"OperationId": "op", "Status": "RUNNING"})

    (entry,) = decide_all(new_client(still_at_work), gates, Process(Interrupted("ended by SIGTERM")), threads=1)
    assert (entry["gate"]["verdict"], entry["error"]["code"]) == ("inconclusive", "Interrupted")


def test_the_rows_of_all_gates_share_the_size_of_a_result(monkeypatch):
    many = [{**FAILED_ROW, "Account": f"{number:012}", "StatusReason": "x" * 400} for number in range(400)]
    monkeypatch.setitem(ROWS, "org-b", many)
    gates = asked(named("org-b"), named("org-b"), operation_id="op", max_reported=1000)
    alone = decide_all(new_client(answered), gates[:1], Process(), threads=1)
    both = decide_all(new_client(answered), gates, Process(), threads=1)
    assert len(both[0]["unsuccessful"]) < len(alone[0]["unsuccessful"]) < 400


def test_throttling_of_one_is_the_pause_of_all_and_lasts_as_long_as_they_wait(monkeypatch):
    made = []
    monkeypatch.setattr(batch, "throttle_retry_for", lambda *given: made.append(throttle_retry_for(*given)) or made[-1])
    shared = []
    monkeypatch.setattr(
        batch,
        "StackSetClient",
        lambda *given, retry, page_size: shared.append(retry) or StackSetClient(*given, retry=retry),
    )
    gates = asked(named("org-a"), named("org-c"), operation_id="op")
    decide_all(new_client(answered), gates, Process(), threads=1)
    assert len(made) == 1 and shared == made * 2


def test_each_gate_asks_for_pages_of_the_size_of_the_task():
    sizes = []

    def sized(call):
        sizes.append(call.get("MaxResults"))
        return answered(call)

    gates = asked(named("org-a"), operation_id="op", page_size=50)
    decide_all(new_client(sized), gates, Process(), threads=1)
    assert set(sizes) == {None, "50"}


def test_without_waiting_what_the_user_says_of_attempts_is_all(monkeypatch):
    client, made = new_client(answered), []
    client.meta.config.retries["total_max_attempts"] = 2
    monkeypatch.setattr(batch, "throttle_retry_for", lambda *given: made.append(throttle_retry_for(*given)) or made[-1])
    decide_all(client, asked(named("org-a"), operation_id="op", wait=False), Process(), threads=1)
    assert made[0]._seconds == 0


def test_the_times_of_the_task_are_not_those_of_an_entry_with_an_id():
    times = {"created_after": "2026-11-02T08:00:00Z", "created_before": "2026-11-02T09:00:00Z"}
    own, common = asked(named(operation_id="mine"), named("org-b"), operation_id="latest", **times)
    assert (own.request.created_after, own.request.created_before) == (None, None)
    assert None not in (common.request.created_after, common.request.created_before)


def test_the_gates_wait_by_the_clock_of_the_task_on_as_many_threads_as_asked(monkeypatch):
    made, clocks, process = [], [], Process()
    monkeypatch.setattr(batch, "PollScheduler", lambda *given: made.append(given) or PollScheduler(*given))
    monkeypatch.setattr(
        batch, "throttle_retry_for", lambda *given: clocks.append(given[1]) or throttle_retry_for(*given)
    )
    decide_all(new_client(answered), asked(named("org-a"), operation_id="op"), process, threads=3)
    ((clock, threads),) = made
    assert (clock.elapsed, clock.sleep, threads) == (process.elapsed, process.sleep, 3)
    assert 0 <= clock.random() <= 1
    assert clocks[0].stop is not None, "it is the scheduler's, which ends all of them"
