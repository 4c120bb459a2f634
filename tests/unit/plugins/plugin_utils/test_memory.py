# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lookup remembers: which answers, under which key, how many; over a boto3 client whose wire is scripted."""

from __future__ import annotations

import copy
import os
import pickle
from collections import OrderedDict
from datetime import datetime, timezone

import pytest

pytest.importorskip("ansible.errors")
pytest.importorskip("hypothesis")
pytest.importorskip("ansible_collections.amazon.aws.plugins.plugin_utils.lookup")

from ansible.plugins.loader import lookup_loader
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import Answer
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import row_facts
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import Request, request
from ansible_collections.stackgate.stacksets.plugins.plugin_utils import _lookup, _memory
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._memory import Memory
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._question import Question, connection
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import answer, new_client, refusal

DESCRIBE, LIST = "DescribeStackSetOperation", "ListStackSetOperationResults"
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc).timestamp()
SECRET = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"


def rows(*statuses):
    return [
        {"Account": f"{number:012}", "Region": "eu-west-1", "Status": status} for number, status in enumerate(statuses)
    ]


def asked(operation_id="op-1", **options):
    given_options = {"stack_set_name": "org-baseline", "call_as": "SELF", "page_size": 100, "reading_timeout": 1800}
    return request({**given_options, "operation_id": operation_id, **options})


class World:
    """An operation that the test changes as it likes, the calls made, and the clock that both kinds of time go by."""

    def __init__(self, status="SUCCEEDED", failed=0, ended=3600, listed=("SUCCEEDED",)):
        self.operation = {"OperationId": "op-1", "Action": "UPDATE", "Status": status}
        if failed is not None:
            self.operation["StatusDetails"] = {"FailedStackInstancesCount": failed}
        if ended is not None:
            self.operation["EndTimestamp"] = datetime.fromtimestamp(NOW - ended, timezone.utc).isoformat()
        self.rows = rows(*listed)
        self.elapsed = 1000.0
        self.a_call_takes = 0.0
        self.calls = []
        self.refusal = None
        self.memory = Memory(lambda: self.elapsed, lambda: NOW + self.elapsed - 1000)
        self._client = new_client(self._answer)

    def _answer(self, parameters):
        self.elapsed += self.a_call_takes
        action = parameters["Action"]
        status = parameters.get("Filters.member.1.Values")
        self.calls.append(f"{action} {status}" if status else action)
        if self.refusal:
            return self.refusal
        if action == DESCRIBE:
            return answer(action, StackSetOperation=self.operation)
        if action == "ListStackSetOperations":
            return answer(action, Summaries=[self.operation])
        listed = [row for row in self.rows if status in (None, row["Status"])]
        start = int(parameters.get("NextToken", 0))
        end = start + int(parameters["MaxResults"])
        return answer(action, Summaries=listed[start:end], NextToken=str(end) if end < len(listed) else None)

    def ask(self, whom="anyone", at=None, **options):
        """Ask as the lookup does; the answer."""
        if at is not None:
            self.elapsed = 1000.0 + at
        question = Question(whom, asked(**options))
        memory, _lookup.MEMORY = _lookup.MEMORY, self.memory
        try:
            return _lookup._answer(lambda: self._client, question, warn=lambda message: None)
        finally:
            _lookup.MEMORY = memory

    def costs(self, *args, **options):
        """How many calls it takes to ask."""
        before = len(self.calls)
        self.ask(*args, **options)
        return len(self.calls) - before


@pytest.mark.parametrize(
    ("world", "settled"),
    [
        ({}, True),
        ({"listed": ("SUCCEEDED", "FAILED", "FAILED", "CANCELLED"), "failed": 2}, True),
        ({"listed": ("FAILED", "FAILED"), "failed": 1}, True),
        ({"ended": 120}, True),
        ({"ended": 119}, False),
        ({"ended": None}, False),
        ({"status": "QUEUED", "failed": None}, False),
        ({"status": "RUNNING"}, False),
        ({"status": "STOPPING"}, False),
        ({"status": "INVENTED"}, False),
        ({"status": "FAILED"}, False),
        ({"status": "STOPPED"}, False),
        ({"failed": None}, False),
        ({"listed": ()}, False),
        ({"listed": ("SUCCEEDED", "FAILED"), "failed": 2}, False),
        ({"listed": ("SUCCEEDED", "RUNNING")}, False),
        ({"listed": ("SUCCEEDED", "PENDING")}, False),
        ({"listed": ("SUCCEEDED", "INVENTED")}, False),
    ],
)
def test_an_answer_is_kept_at_once_only_if_it_is_settled(world, settled):
    world = World(**world)
    assert [world.costs(), world.costs(), world.costs()] == ([2, 0, 0] if settled else [2, 2, 2])
    assert row_facts(world.ask().reading.rows) == row_facts(world.rows)


@pytest.mark.parametrize(
    ("options", "costs"),
    [
        ({"operation_id": None}, [3, 3, 3]),  # the most recent one may be another by now
        ({"max_items": 1}, [2, 2, 2]),
        ({"max_items": 3}, [2, 0, 0]),  # a limit that keeps nothing back
        ({"page_size": 2}, [3, 0, 0]),
        ({"starting_token": "2"}, [2, 2, 2]),
        ({"statuses": ["SUCCEEDED"]}, [2, 2, 2]),
        ({"statuses": ["CANCELLED", "SUCCEEDED"]}, [3, 3, 3]),
        ({"statuses": ["PENDING", "RUNNING", "FAILED"]}, [4, 0, 0]),
        ({"statuses": ["FAILED"]}, [2, 6, 0]),  # the second time with what settles it
        ({"statuses": ["CANCELLED", "FAILED"]}, [3, 7, 0]),
        ({"statuses": ["FAILED"], "max_items": 1}, [2, 6, 0]),
    ],
)
def test_a_part_of_the_rows_settles_an_operation_only_if_it_is_the_part_that_can(options, costs):
    world = World(failed=1, listed=("SUCCEEDED", "SUCCEEDED", "FAILED"))
    assert [world.costs(**options) for _use in costs] == costs


def test_what_is_at_work_is_looked_for_before_the_rows_that_it_may_become():
    world = World(failed=0)
    world.ask(statuses=["FAILED"])
    world.calls.clear()
    assert world.ask(statuses=["FAILED"]).reading.rows == []
    assert world.calls == [
        *(DESCRIBE, f"{LIST} PENDING", f"{LIST} RUNNING", f"{LIST} SUCCEEDED"),
        *(DESCRIBE, f"{LIST} FAILED"),
    ]


@pytest.mark.parametrize(
    ("listed", "more"),
    [
        (("SUCCEEDED", "PENDING"), 2),  # one row is enough, later listings are not read
        (("SUCCEEDED", "RUNNING"), 3),
        ((), 4),
    ],
)
def test_what_is_at_work_is_not_looked_for_again_and_again(listed, more):
    world = World(listed=listed)
    uses = [world.costs(at=at, statuses=["FAILED"]) for at in (0, 1, 2, 15.9, 16.1, 17)]
    assert uses == [2, 2 + more, 2, 2, 2 + more, 2]


@pytest.mark.parametrize(
    ("world", "statuses"),
    [
        ({"failed": 2, "listed": ("FAILED", "SUCCEEDED")}, ["FAILED"]),  # a failure lacks
        ({"failed": None}, ["FAILED"]),
        ({"status": "FAILED"}, ["FAILED"]),
        ({"status": "RUNNING"}, ["FAILED"]),
        ({"ended": 119}, ["FAILED"]),
        ({}, ["CANCELLED"]),
    ],
)
def test_what_is_at_work_is_not_looked_for_where_that_would_settle_nothing(world, statuses):
    world = World(**world)
    assert [world.costs(statuses=statuses) for _use in range(4)] == [2] * 4


def test_both_readings_together_have_the_time_of_one():
    world = World()
    world.ask(statuses=["FAILED"], reading_timeout=60)
    seen = []
    read, _lookup.read_results = _lookup.read_results, lambda client, one, warn: (
        seen.append(one.reading_timeout), read(client, one, warn)
    )[1]  # fmt: skip
    try:
        world.a_call_takes = 10
        world.ask(statuses=["FAILED"], reading_timeout=60)
    finally:
        _lookup.read_results = read
    assert seen == [60, 20]


@pytest.mark.parametrize("world", [{"status": "FAILED", "failed": 1}, {"status": "STOPPED"}, {"failed": None}])
def test_where_no_count_vouches_two_whole_readings_that_agree_do_a_while_apart(world):
    world = World(**world, listed=("FAILED", "CANCELLED"))
    uses = [world.costs(at=at) for at in (0, 1, 14.9, 15, 15, 999)]
    assert uses == [2, 2, 2, 2, 0, 0]


def test_an_operation_that_has_just_ended_is_settled_by_two_readings_too():
    world = World(ended=0)
    assert [world.costs(at=at) for at in (0, 14, 15, 16)] == [2, 2, 2, 0]


def test_a_reading_that_differs_starts_anew():
    world = World("FAILED", listed=("FAILED", "SUCCEEDED"))
    assert world.costs(at=0) == 2
    world.rows = rows("FAILED", "CANCELLED")
    assert world.costs(at=20) == 2
    world.rows = rows("FAILED", "SUCCEEDED")
    assert [world.costs(at=at) for at in (30, 44, 45, 46)] == [2, 2, 2, 0]


def test_the_time_apart_is_from_the_end_of_one_reading_to_the_beginning_of_the_other():
    world = World("FAILED")
    world.a_call_takes = 5
    assert world.costs(at=0) == 2
    world.a_call_takes = 0
    assert [world.costs(at=at) for at in (24, 25, 26)] == [2, 2, 0]
    world = World("FAILED")
    assert world.costs(at=0) == 2
    world.a_call_takes = 5
    assert [world.costs(at=at) for at in (14, 50, 90)] == [2, 2, 0]


@pytest.mark.parametrize("listed", [(), ("FAILED", "RUNNING"), ("FAILED", "INVENTED"), ("SUCCEEDED",)])
def test_two_readings_that_agree_settle_nothing_while_something_lacks(listed):
    world = World("FAILED", failed=1, listed=listed)
    assert [world.costs(at=at) for at in (0, 20, 40)] == [2, 2, 2]


@pytest.mark.parametrize("status", ["QUEUED", "RUNNING", "STOPPING", "INVENTED"])
def test_two_readings_that_agree_settle_nothing_while_the_operation_is_at_work(status):
    world = World(status)
    assert [world.costs(at=at) for at in (0, 20, 40)] == [2, 2, 2]


def test_a_limited_reading_between_two_whole_ones_is_nothing_to_agree_with():
    world = World("FAILED", listed=("FAILED", "SUCCEEDED"))
    world.ask(at=0)
    for options in ({"max_items": 1}, {"starting_token": "1"}, {"statuses": ["FAILED"]}):
        world.ask(at=10, **options)
    assert [world.costs(at=at) for at in (20, 21)] == [2, 0]


def test_a_row_in_a_status_that_nobody_knows_settles_nothing():
    world = World(listed=("SUCCEEDED", "INVENTED"))
    world.ask()
    assert [world.costs(statuses=["CANCELLED"]) for _use in range(3)] == [2, 2, 2]


def test_filtered_and_limited_readings_never_agree():
    world = World("FAILED", listed=("FAILED", "SUCCEEDED"))
    everything = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"]
    for options in ({"statuses": everything}, {"statuses": ["FAILED"]}, {"max_items": 1}, {"starting_token": "1"}):
        cost = world.costs(at=0, **options)
        assert [world.costs(at=at, **options) for at in (20, 40)] == [cost, cost]


PARTS = (
    {"statuses": ["CANCELLED"]},
    {"statuses": ["SUCCEEDED", "CANCELLED"]},
    {"statuses": ["FAILED"], "max_items": 1},
    {"max_items": 2},
    {"starting_token": "1", "page_size": 1},
    {"page_size": 3},
)


@pytest.mark.parametrize("options", PARTS)
def test_once_an_operation_is_settled_every_answer_about_it_is_kept(options):
    world = World("FAILED", failed=2, listed=("FAILED", "CANCELLED", "FAILED", "SUCCEEDED"))
    for at in (0, 1):
        assert world.costs(at=at, **options) > 0
    world.ask(at=2)
    world.ask(at=20)
    first = world.ask(at=21, **options)
    assert world.costs(**options) == 0
    again = world.ask(**options)
    assert again.reading.rows == first.reading.rows
    assert again.reading.next_token == first.reading.next_token
    assert again.operation == first.operation


@pytest.mark.parametrize(
    "other",
    [{"whom": "another"}, {"stack_set_name": "other"}, {"operation_id": "op-2"}, {"call_as": "DELEGATED_ADMIN"}],
)
def test_what_settles_one_operation_settles_no_other(other):
    world = World()
    world.ask()
    assert world.costs(statuses=["CANCELLED"]) == 2
    assert world.costs(statuses=["CANCELLED"]) == 0
    assert [world.costs(statuses=["CANCELLED"], **other) for _use in range(3)] == [2, 2, 2]


def test_an_answer_from_an_older_listing_is_read_again():
    world = World("FAILED", failed=2, listed=("FAILED", "FAILED", "SUCCEEDED"))
    world.ask(at=0)
    world.ask(at=20)
    now, world.rows = world.rows, rows("FAILED", "RUNNING", "SUCCEEDED")
    assert [world.costs(statuses=["FAILED"]) for _use in range(2)] == [2, 2]
    assert world.costs(page_size=50) == 2
    assert world.costs(max_items=2, page_size=2) == 2
    world.rows = now
    assert [world.costs(statuses=["FAILED"]) for _use in range(2)] == [2, 0]
    assert [world.costs(page_size=50) for _use in range(2)] == [2, 0]
    assert [world.costs(max_items=2, page_size=2) for _use in range(2)] == [2, 0]


def test_an_error_is_no_answer():
    world = World()
    for code in ("AccessDenied", "ExpiredToken"):
        world.refusal = refusal(code, status=403)
        with pytest.raises(ReadError):
            world.ask()
    world.refusal = None
    assert [world.costs(), world.costs()] == [2, 0]
    world.refusal = refusal("AccessDenied", status=403)
    assert world.costs() == 0


def test_what_is_remembered_needs_no_client(monkeypatch):
    world = World()
    monkeypatch.setattr(_lookup, "MEMORY", world.memory)
    first = world.ask()
    # It would raise for want of a client.
    again = _lookup._answer(None, Question("anyone", asked()), warn=None)
    assert row_facts(again.reading.rows) == row_facts(first.reading.rows)


def test_rows_that_the_user_changes_do_not_come_back():
    world = World(listed=("SUCCEEDED", "CANCELLED"))
    before = row_facts(world.ask().reading.rows)
    facts = row_facts(world.ask().reading.rows)
    untouched = copy.deepcopy(facts)
    for fact in facts:
        fact["account_gate_result"]["status"] = fact["status"] = "CHANGED"
        fact["more"] = 1
    facts.clear()
    assert row_facts(world.ask().reading.rows) == before == untouched
    assert world.costs() == 0


def test_no_secret_is_remembered():
    world = World("FAILED")
    whom = connection({"secret_key": SECRET}, {"AWS_SESSION_TOKEN": SECRET})
    for at in (0, 20):
        world.ask(whom, at=at)
        world.ask(whom, statuses=["FAILED"])
    assert world.costs(whom) == 0
    state = {name: value for name, value in vars(world.memory).items() if isinstance(value, OrderedDict)}
    assert len(state) == 3
    # What is reached from it is all there: a client, which has the credentials, can't be pickled.
    written = pickle.dumps(state)
    assert b"op-1" in written
    assert SECRET.encode() not in written


class Listed:
    """A complete reading of so many rows."""

    next_token = None

    def __init__(self, number):
        self.rows = [{"Account": f"{row:012}", "Region": "eu-west-1", "Status": "SUCCEEDED"} for row in range(number)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["ask", "add"]), st.integers(0, 5), st.sampled_from([1, 1, 1, 2, 2, 9, 20, 21])),
        min_size=15,
        max_size=40,
    )
)
def test_the_least_recently_used_are_forgotten_as_in_a_simple_model(steps):
    most = _memory.MOST_ANSWERS, _memory.MOST_ROWS
    _memory.MOST_ANSWERS, _memory.MOST_ROWS = 4, 20
    try:
        memory, model = Memory(lambda: 0.0, lambda: NOW), []  # pairs of key and answer, the last one used last
        operation = {
            "Status": "SUCCEEDED",
            "StatusDetails": {"FailedStackInstancesCount": 0},
            "EndTimestamp": datetime.fromtimestamp(NOW - 999, timezone.utc),
        }
        for what, key, number in [*steps, *(("ask", key, 0) for key in range(6))]:
            question = Question("anyone", asked(f"op-{key}"))
            if what == "add":
                reading = Listed(number)
                memory.add(question, Answer(operation, reading), 0.0)
                if number <= 20:
                    model = [pair for pair in model if pair[0] != key] + [(key, reading.rows)]
                    while len(model) > 4 or sum(len(pair[1]) for pair in model) > 20:
                        del model[0]
            else:
                kept = memory.answer(question)
                expected = [pair for pair in model if pair[0] == key]
                assert (kept and kept.reading.rows) == (expected[0][1] if expected else None)
                model = [pair for pair in model if pair[0] != key] + expected
    finally:
        _memory.MOST_ANSWERS, _memory.MOST_ROWS = most


def test_there_is_room_for_so_many_answers_and_what_is_used_stays():
    world = World()
    for number in range(_memory.MOST_ANSWERS):
        assert world.costs(operation_id=f"op-{number}") == 2
    assert world.costs(operation_id="op-0") == 0
    assert world.costs(operation_id="op-more") == 2
    assert [world.costs(operation_id=f"op-{number}") for number in (0, 2, 1)] == [0, 0, 2]


def test_nothing_in_it_grows_without_bounds():
    world = World("FAILED", failed=0)
    for number in range(_memory.MOST_NOTES + 50):
        world.ask(operation_id=f"op-{number}")
    assert [world.costs(at=20, operation_id=f"op-{number}") for number in (0, 49, 50, 305)] == [2] * 4
    # The notes of the first were dropped, those of the last were there to agree with.
    uses = [world.costs(at=21, operation_id=f"op-{number}") for number in (0, 49, 305)]
    assert uses == [2, 2, 0]
    for number in range(_memory.MOST_NOTES + 50):
        world.ask(operation_id=f"op-{number}", statuses=["FAILED"])
    sizes = [len(value) for value in vars(world.memory).values() if isinstance(value, OrderedDict)]
    assert max(sizes) <= _memory.MOST_NOTES


def test_many_rows_are_not_kept(monkeypatch):
    monkeypatch.setattr(_memory, "MOST_ROWS", 3)
    world = World(listed=["SUCCEEDED"] * 4)
    assert [world.costs(), world.costs()] == [2, 2]


OPTIONS = lookup_loader.get("stackgate.stacksets.operation_results").option_definitions
ELSEWHERE = {
    "_terms": "becomes stack_set",
    "starting_token": "becomes starts",
    "on_truncated": "says what to do with an answer",
}


@pytest.mark.parametrize("option", sorted(set(OPTIONS) - set(Request._fields) - set(ELSEWHERE)))
def test_every_option_of_the_connection_is_in_the_key(option):
    values = [None, "", "one", "other", True, False, {"a": 1}, {"a": 2}, {"a": {"b": [1]}}, {"a": {"b": [2]}}]
    options = dict.fromkeys(OPTIONS)
    assert len({connection({**options, option: value}, {}) for value in values}) == len(values)
    assert connection({**options, option: {"a": 1}}, {}) == connection({**options, option: {"a": 1}}, {})


@pytest.mark.parametrize("option", [*ELSEWHERE, *Request._fields])
def test_other_options_say_nothing_about_the_connection(option):
    assert connection({option: "one"}, {}) == connection({option: "other"}, {})


def test_everything_of_a_request_is_in_the_key():
    changes = {
        "stack_set_name": "other",
        "operation_id": "op-2",
        "call_as": "DELEGATED_ADMIN",
        "statuses": ["FAILED"],
        "max_items": 5,
        "page_size": 5,
        "starting_token": "token",
        "reading_timeout": 5,
    }
    questions = {Question("anyone", asked(**{name: value})) for name, value in changes.items()}
    assert len(questions | {Question("anyone", asked()), Question("another", asked())}) == len(changes) + 2
    assert len(changes) == len(Request._fields)


@pytest.mark.parametrize(
    "name",
    [
        *("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_CLOUDFORMATION"),
        *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CA_BUNDLE", "BOTO_DISABLE_CRT", "HOME"),
        *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    ],
)
def test_every_environment_variable_that_the_sdk_reads_is_in_the_key(name):
    environment = {"PATH": "/bin", "HOME": "/nowhere"}
    keys = {connection({}, environment | changed) for changed in ({}, {name: "/one"}, {name: "/other"})}
    assert len(keys) == 3
    assert connection({}, environment) == connection({}, {**environment, "PATH": "/other", "UNRELATED": SECRET})
    changed = environment | {name: "/one"}
    assert connection({}, dict(reversed(changed.items()))) == connection({}, changed)


@pytest.mark.parametrize("given_by", ["path", "home"])
@pytest.mark.parametrize("file", ["config", "credentials"])
def test_a_change_of_the_sdks_files_is_in_the_key(tmp_path, monkeypatch, file, given_by):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLACE", str(tmp_path))
    place = tmp_path / ".aws" / file
    place.parent.mkdir()
    variable = {"config": "AWS_CONFIG_FILE", "credentials": "AWS_SHARED_CREDENTIALS_FILE"}[file]
    environment = {variable: f"$PLACE/.aws/{file}"} if given_by == "path" else {}
    keys = [connection({}, environment)]
    place.write_text("[one]")
    os.utime(place, ns=(1, 1))
    keys.append(connection({}, environment))
    os.utime(place, ns=(1, 2))
    keys.append(connection({}, environment))
    place.write_text("[another]")
    os.utime(place, ns=(1, 2))
    keys.append(connection({}, environment))
    assert len(set(keys)) == 4
    assert connection({}, environment) == keys[-1]


def test_whatever_stands_in_an_option_or_in_the_environment_makes_a_key():
    class Lazy(dict):
        """As Ansible's: what a member is becomes known when it is asked for."""

        def __getitem__(self, key):
            return super().__getitem__(key)()

    keys = [
        connection({"aws_config": value}, {"AWS_PROFILE": name})
        for value in ({(1, 2): 3, "a": {4}}, {1: "a", "b": datetime.now(timezone.utc)}, Lazy(a=lambda: 1), b"\xff")
        for name in ("\udcff", "n\0l")
    ]
    assert len(set(keys)) == len(keys)
    one, same, other = (connection({"aws_config": Lazy(a=lambda value=value: value)}, {}) for value in (1, 1, 2))
    assert one == same != other
    assert len({connection({}, {"AWS_CONFIG_FILE": name}) for name in ("\udcff", "n\0l", "")}) == 3
