# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How often a lookup in a variable calls AWS: once in a task for what is settled, each time for what may change."""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pytest
from emulator.client import operation, rows

LOOKUP = "stackgate.stacksets.operation_results"
DESCRIBE, LIST = "DescribeStackSetOperation", "ListStackSetOperationResults"
SETTLED = {"accounts": 10, "regions": 3, "failed": 4, "cancelled": 2}


def query(more="", name="org-baseline"):
    """An expression that asks about one operation by its id."""
    return f"query('{LOOKUP}', '{name}', operation_id='op-1'{more and ', ' + more})"


def task(expression, message="{{ read | length }}", name="Use", **more):
    """A task that has the lookup in a variable."""
    return {
        "name": name,
        "vars": {"read": f"{{{{ {expression} }}}}"},
        "ansible.builtin.debug": {"msg": message},
        **more,
    }


def calls(emulator):
    """How many calls of each kind there were since the last time."""
    log = [call["action"] for call in emulator.log()]
    emulator.clear_log()
    return log.count(DESCRIBE), log.count(LIST)


@pytest.fixture
def settled(emulator):
    for name in ("org-baseline", "org-logging"):
        emulator.stack_set(name, [operation("op-1", generate=SETTLED)])
    return emulator


FIFTY = ["{{ read | length }}"] * 50  # within one template Ansible may keep a variable's value by itself


@pytest.mark.parametrize(
    ("more", "number", "expected"),
    [
        ("", 30, (1, 1)),
        ("page_size=10", 30, (1, 3)),
        ("max_items=100", 30, (1, 1)),
        # The second use looks for PENDING, RUNNING and SUCCEEDED rows before it reads again.
        ("statuses=['FAILED']", 4, (3, 5)),
        ("statuses=['FAILED', 'CANCELLED']", 6, (3, 7)),
    ],
)
def test_fifty_uses_of_a_variable_in_a_task_are_one_reading(ansible, settled, more, number, expected):
    play = ansible.play([task(query(more), FIFTY)])
    assert play.code == 0, play.output
    assert len(re.findall(rf'"?{number}"?,?$', play.output, re.MULTILINE)) >= 50
    assert calls(settled) == expected


def test_conditions_loops_and_retries_of_a_task_share_a_reading(ansible, settled):
    play = ansible.play(
        [
            task(
                query(),
                "{{ item }} {{ read | length }}",
                loop=list(range(20)),
                when=["read | length == 30", "read | selectattr('status', 'eq', 'FAILED') | length == 4"],
                failed_when="read | length != 30",
            ),
            task(query(), until="read | length == 31", retries=5, delay=0, name="In vain", ignore_errors=True),
        ]
    )
    assert play.code == 0, play.output
    assert "19 30" in play.output
    assert calls(settled) == (2, 2), "one for each task"


def test_every_task_and_every_host_reads_for_itself(ansible, settled, tmp_path):
    (tmp_path / "hosts").write_text("one ansible_connection=local\ntwo ansible_connection=local\n")
    play = ansible.play(
        [task(query(), FIFTY), task(query(), FIFTY)], "-i", str(tmp_path / "hosts"), play={"hosts": "all"}
    )
    assert play.code == 0, play.output
    assert calls(settled) == (4, 4)


def test_the_most_recent_operation_is_looked_for_each_time(ansible, settled):
    play = ansible.play([task(f"query('{LOOKUP}', 'org-baseline')", "{{ item }} {{ read | length }}", loop=[1, 2, 3])])
    assert play.code == 0, play.output
    assert [call["action"] for call in settled.log()].count("ListStackSetOperations") == 3
    assert calls(settled) == (3, 3)


@pytest.mark.parametrize("status", ["FAILED", "STOPPED", "RUNNING"])
def test_what_no_count_vouches_for_is_read_again_each_time(ansible, emulator, status):
    emulator.stack_set("org-baseline", [operation("op-1", status, generate=SETTLED)])
    play = ansible.play([task(query(), loop=[1, 2, 3, 4])])
    assert play.code == 0, play.output
    assert calls(emulator) == (4, 4)


@pytest.mark.once
def test_after_a_while_two_equal_readings_of_a_failed_operation_are_enough(ansible, emulator):
    emulator.stack_set("org-baseline", [operation("op-1", "FAILED", generate=SETTLED)])
    play = ansible.play(
        [
            task(
                query(),
                until=["read | length == 30", "tries.attempts == 2", "read | length == 30", "read | length == 30"],
                register="tries",
                retries=2,
                delay=16,
            )
        ]
    )
    assert play.code == 0, play.output
    # Before the pause each use is a reading, those of the message and of the first condition. After it only the first.
    assert calls(emulator) == (3, 3)


def until(condition, more="", **options):
    return task(query(more), until=condition, retries=8, delay=0, **options)


@pytest.mark.parametrize(
    ("condition", "more"),
    [
        ("read | length == 9 and read | map(attribute='status') | unique == ['SUCCEEDED']", ""),
        ("read | length == 0", "statuses=['RUNNING', 'PENDING']"),
        ("read | length == 2", "statuses=['SUCCEEDED'], max_items=2, on_truncated='warn'"),
    ],
)
def test_until_sees_an_operation_that_is_at_work_advance(ansible, emulator, condition, more):
    at_work = {"accounts": 9, "regions": 1}
    states = [
        {"after_calls": 4, "generate": {**at_work, "running": 9}},
        {"after_calls": 8, "status": "SUCCEEDED", "generate": at_work},
    ]
    emulator.stack_set(
        "org-baseline", [operation("op-1", "RUNNING", generate={**at_work, "pending": 9}, states=states)]
    )
    play = ansible.play([until(condition, more)])
    assert play.code == 0, play.output
    assert emulator.log(DESCRIBE)[-1]["answer"] == "operation SUCCEEDED"


@pytest.mark.parametrize("more", ["", "statuses=['FAILED']", "statuses=['FAILED', 'PENDING', 'RUNNING']"])
def test_until_sees_failures_that_the_listing_lacked_at_first(ansible, emulator, more):
    failures = {"accounts": 9, "regions": 1, "failed": 1}
    emulator.stack_set(
        "org-baseline",
        [
            operation(
                "op-1",
                generate=failures,
                failed_stack_instances_count=2,
                states=[{"after_calls": 6, "generate": {**failures, "failed": 2}}],
            )
        ],
    )
    play = ansible.play([until("read | selectattr('status', 'eq', 'FAILED') | length == 2", more)])
    assert play.code == 0, play.output


@pytest.mark.parametrize(
    "more", ["", "statuses=['SUCCEEDED']", "statuses=['FAILED', 'PENDING', 'RUNNING', 'SUCCEEDED']"]
)
def test_until_sees_rows_that_the_listing_lacks_just_after_the_end(ansible, emulator, more):
    emulator.stack_set(
        "org-baseline",
        [
            operation(
                "op-1",
                rows=rows(accounts=3),
                end_timestamp=datetime.now(timezone.utc).isoformat(),
                states=[{"after_calls": 6, "generate": {"accounts": 9, "regions": 1}}],
            )
        ],
    )
    play = ansible.play([until("read | length == 9", more)])
    assert play.code == 0, play.output


KINDS = {
    "regions": ["region='eu-west-1'", "region='us-east-1'"],
    "credentials": ["access_key='AKIAONE', secret_key='one'", "access_key='AKIATWO', secret_key='two'"],
    "tokens": ["session_token='one'", "session_token='two'"],
    "settings": ["aws_config={'read_timeout': 20}", "aws_config={'read_timeout': 21}"],
    "statuses": ["statuses=['FAILED', 'PENDING', 'RUNNING']", "statuses=['CANCELLED', 'FAILED', 'PENDING', 'RUNNING']"],
    "limits": ["max_items=100", "max_items=101"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_asks_otherwise_gets_an_answer_of_its_own(ansible, settled, kind):
    one, other = KINDS[kind]
    both = task(query(), "{{ one | length }} and {{ other | length }}", loop=[1, 2, 3, 4, 5])
    both["vars"] = {"one": f"{{{{ {query(one)} }}}}", "other": f"{{{{ {query(other)} }}}}"}
    play = ansible.play([both])
    assert play.code == 0, play.output
    assert play.output.count('"4 and 6"' if kind == "statuses" else '"30 and 30"') == 5
    if kind == "regions":
        assert [call["region"] for call in settled.log(DESCRIBE)] == ["eu-west-1", "us-east-1"]
    assert calls(settled) == ((2, 7) if kind == "statuses" else (2, 2))


def test_the_value_of_a_setting_counts_and_not_the_template_that_it_comes_from(ansible, settled):
    settings = {"retries": {"total_max_attempts": "{{ item }}"}}
    several = task(query("aws_config=settings"), loop=[2, 3, 2, 3])
    several["vars"]["settings"] = settings
    by_variable = task(query(), loop=[2, 3, 2, 3])
    by_variable["vars"]["stackgate_stacksets_aws_config"] = settings
    for one in (several, by_variable):
        play = ansible.play([one])
        assert play.code == 0, play.output
        assert calls(settled) == (2, 2)


def test_stack_sets_and_roles_are_not_mixed_up(ansible, settled):
    settled.stack_set("org-logging", [operation("op-1", generate={"accounts": 2, "regions": 1})])
    names = {"name": "Names", "ansible.builtin.debug": {"msg": "{{ item }}: {{ read | length }}"}}
    names |= {"vars": {"read": f"{{{{ query('{LOOKUP}', item, operation_id='op-1') }}}}"}}
    names["loop"] = ["org-baseline", "org-logging"] * 2
    play = ansible.play([names])
    assert play.code == 0, play.output
    assert play.output.count('"org-baseline: 30"') == play.output.count('"org-logging: 2"') == 2
    assert calls(settled) == (2, 2)
    play = ansible.play([task(query("call_as=item"), loop=["SELF", "DELEGATED_ADMIN", "SELF"])])
    assert play.code != 0
    assert "no delegated administrator" in play.output
    assert calls(settled) == (2, 1)


def test_what_max_items_keeps_back_is_refused_each_time(ansible, settled):
    # What is refused and ignored is an empty list.
    limited = query("max_items=3, errors='ignore'")
    play = ansible.play([task(query(), f"{{{{ read | length }}}} and {{{{ {limited} | length }}}}", loop=[1, 2, 3])])
    assert play.code == 0, play.output
    assert play.output.count('"30 and 0"') == 3
    assert calls(settled) == (2, 2), "the first time all of them, and the limited reading of what that has settled"
