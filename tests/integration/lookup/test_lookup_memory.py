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


def calls(emulator, name=None):
    """How many calls of each kind there were, about one stack set or in all."""
    log = [call["action"] for call in emulator.log() if name in (None, call["stack_set_name"])]
    return log.count(DESCRIBE), log.count(LIST)


def part(play, name):
    """What a task printed."""
    return play.output.partition(f"TASK [Use {name}]")[2].partition("TASK [")[0]


@pytest.fixture
def settled(emulator):
    for name in ("org-baseline", "org-logging"):
        emulator.stack_set(name, [operation("op-1", generate=SETTLED)])
    return emulator


FIFTY = ["{{ read | length }}"] * 50  # within one template Ansible may keep a variable's value by itself


USES = {
    "everything": ("", 30, (1, 1)),
    "pages": ("page_size=10", 30, (1, 3)),
    "limited": ("max_items=100", 30, (1, 1)),
    # The second use looks for PENDING, RUNNING and SUCCEEDED rows before it reads again.
    "failed": ("statuses=['FAILED']", 4, (3, 5)),
    "unsuccessful": ("statuses=['FAILED', 'CANCELLED']", 6, (3, 7)),
}


def test_fifty_uses_of_a_variable_in_a_task_are_one_reading(ansible, emulator):
    for name in USES:
        emulator.stack_set(name, [operation("op-1", generate=SETTLED)])
    play = ansible.play(
        [task(query(more, name), FIFTY, f"Use {name}") for name, (more, _number, _expected) in USES.items()]
    )
    assert play.code == 0, play.output
    for name, (_more, number, expected) in USES.items():
        assert len(re.findall(rf'"?{number}"?,?$', part(play, name), re.MULTILINE)) >= 50
        assert calls(emulator, name) == expected, name


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


def test_what_no_count_vouches_for_is_read_again_each_time(ansible, emulator):
    statuses = ("FAILED", "STOPPED", "RUNNING")
    for status in statuses:
        emulator.stack_set(status, [operation("op-1", status, generate=SETTLED)])
    play = ansible.play([task(query(name=status), loop=[1, 2, 3, 4]) for status in statuses])
    assert play.code == 0, play.output
    assert {status: calls(emulator, status) for status in statuses} == dict.fromkeys(statuses, (4, 4))


def until(condition, name, more="", **options):
    return task(query(more, name), until=condition, retries=8, delay=0, **options)


def test_until_sees_an_operation_that_is_at_work_advance(ansible, emulator):
    at_work = {"accounts": 9, "regions": 1}
    states = [
        {"after_calls": 4, "generate": {**at_work, "running": 9}},
        {"after_calls": 8, "status": "SUCCEEDED", "generate": at_work},
    ]
    conditions = {
        "everything": ("read | length == 9 and read | map(attribute='status') | unique == ['SUCCEEDED']", ""),
        "at-work": ("read | length == 0", "statuses=['RUNNING', 'PENDING']"),
        "limited": ("read | length == 2", "statuses=['SUCCEEDED'], max_items=2, on_truncated='warn'"),
    }
    for name in conditions:
        emulator.stack_set(name, [operation("op-1", "RUNNING", generate={**at_work, "pending": 9}, states=states)])
    play = ansible.play([until(condition, name, more) for name, (condition, more) in conditions.items()])
    assert play.code == 0, play.output
    answers = {call["stack_set_name"]: call["answer"] for call in emulator.log(DESCRIBE)}
    assert answers == dict.fromkeys(conditions, "operation SUCCEEDED"), "the last one of each"


def test_until_sees_failures_that_the_listing_lacked_at_first(ansible, emulator):
    failures = {"accounts": 9, "regions": 1, "failed": 1}
    asked = {
        "everything": "",
        "failed": "statuses=['FAILED']",
        "not-good": "statuses=['FAILED', 'PENDING', 'RUNNING']",
    }
    for name in asked:
        emulator.stack_set(
            name,
            [
                operation(
                    "op-1",
                    generate=failures,
                    failed_stack_instances_count=2,
                    states=[{"after_calls": 6, "generate": {**failures, "failed": 2}}],
                )
            ],
        )
    found = "read | selectattr('status', 'eq', 'FAILED') | length == 2"
    play = ansible.play([until(found, name, more) for name, more in asked.items()])
    assert play.code == 0, play.output
    assert {call["stack_set_name"] for call in emulator.log()} == set(asked)


def test_until_sees_rows_that_the_listing_lacks_just_after_the_end(ansible, emulator):
    asked = {
        "everything": "",
        "good": "statuses=['SUCCEEDED']",
        "not-cancelled": "statuses=['FAILED', 'PENDING', 'RUNNING', 'SUCCEEDED']",
    }
    for name in asked:
        emulator.stack_set(
            name,
            [
                operation(
                    "op-1",
                    rows=rows(accounts=3),
                    end_timestamp=datetime.now(timezone.utc).isoformat(),
                    states=[{"after_calls": 6, "generate": {"accounts": 9, "regions": 1}}],
                )
            ],
        )
    play = ansible.play([until("read | length == 9", name, more) for name, more in asked.items()])
    assert play.code == 0, play.output
    assert {call["stack_set_name"] for call in emulator.log()} == set(asked)


KINDS = {
    "regions": ["region='eu-west-1'", "region='us-east-1'"],
    "credentials": ["access_key='AKIAONE', secret_key='one'", "access_key='AKIATWO', secret_key='two'"],
    "tokens": ["session_token='one'", "session_token='two'"],
    "settings": ["aws_config={'read_timeout': 20}", "aws_config={'read_timeout': 21}"],
    "statuses": ["statuses=['FAILED', 'PENDING', 'RUNNING']", "statuses=['CANCELLED', 'FAILED', 'PENDING', 'RUNNING']"],
    "limits": ["max_items=100", "max_items=101"],
}


def test_what_asks_otherwise_gets_an_answer_of_its_own(ansible, emulator):
    tasks = []
    for kind, (one, other) in KINDS.items():
        emulator.stack_set(kind, [operation("op-1", generate=SETTLED)])
        both = task("", "{{ one | length }} and {{ other | length }}", f"Use {kind}", loop=[1, 2, 3, 4, 5])
        both["vars"] = {"one": f"{{{{ {query(one, kind)} }}}}", "other": f"{{{{ {query(other, kind)} }}}}"}
        tasks.append(both)
    play = ansible.play(tasks)
    assert play.code == 0, play.output
    for kind in KINDS:
        assert part(play, kind).count('"4 and 6"' if kind == "statuses" else '"30 and 30"') == 5, kind
        assert calls(emulator, kind) == ((2, 7) if kind == "statuses" else (2, 2)), kind
    regions = [call["region"] for call in emulator.log(DESCRIBE) if call["stack_set_name"] == "regions"]
    assert regions == ["eu-west-1", "us-east-1"]


def test_the_value_of_a_setting_counts_and_not_the_template_that_it_comes_from(ansible, settled):
    settings = {"retries": {"total_max_attempts": "{{ item }}"}}
    several = task(query("aws_config=settings", "org-logging"), loop=[2, 3, 2, 3])
    several["vars"]["settings"] = settings
    by_variable = task(query(), loop=[2, 3, 2, 3])
    by_variable["vars"]["stackgate_stacksets_aws_config"] = settings
    play = ansible.play([several, by_variable])
    assert play.code == 0, play.output
    assert calls(settled, "org-logging") == calls(settled, "org-baseline") == (2, 2)


def test_stack_sets_and_roles_are_not_mixed_up(ansible, settled):
    settled.stack_set("org-logging", [operation("op-1", generate={"accounts": 2, "regions": 1})])
    names = {"name": "Names", "ansible.builtin.debug": {"msg": "{{ item }}: {{ read | length }}"}}
    names |= {"vars": {"read": f"{{{{ query('{LOOKUP}', item, operation_id='op-1') }}}}"}}
    names["loop"] = ["org-baseline", "org-logging"] * 2
    settled.stack_set("roles", [operation("op-1", generate=SETTLED)])
    play = ansible.play([names, task(query("call_as=item", "roles"), loop=["SELF", "DELEGATED_ADMIN", "SELF"])])
    assert play.output.count('"org-baseline: 30"') == play.output.count('"org-logging: 2"') == 2
    assert calls(settled, "org-baseline") == calls(settled, "org-logging") == (1, 1)
    assert play.code != 0
    assert "no delegated administrator" in play.output
    assert calls(settled, "roles") == (2, 1)


def test_what_max_items_keeps_back_is_refused_each_time(ansible, settled):
    # What is refused and ignored is an empty list.
    limited = query("max_items=3, errors='ignore'")
    play = ansible.play([task(query(), f"{{{{ read | length }}}} and {{{{ {limited} | length }}}}", loop=[1, 2, 3])])
    assert play.code == 0, play.output
    assert play.output.count('"30 and 0"') == 3
    assert calls(settled) == (2, 2), "the first time all of them, and the limited reading of what that has settled"
