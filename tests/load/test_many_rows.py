# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""100,000 rows, AWS's own limit for a stack set: through the module, the lookup and the gate."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from emulator.client import operation, rows
from integration.helpers.ansible_commands import MODULE

GATE = "stackgate.stacksets.operation_gate"
GENERATE = {"accounts": 5000, "regions": 20, "failed": 900, "cancelled": 300}
ASKED = {"stack_set_name": "large", "operation_id": "op-1"}
LOOKUP = {"msg": "{{ query('stackgate.stacksets.operation_results', 'lookup', operation_id='op-1') | length }}"}


@pytest.fixture(scope="module")
def truth():
    """All rows as (account, Region, status), each once."""
    made = sorted((row["Account"], row["Region"], row["Status"]) for row in rows(**GENERATE))
    assert len({place[:2] for place in made}) == len(made) == 100_000
    return made


@pytest.fixture
def large(emulator):
    """A stack set with those rows."""
    emulator.stack_set("large", operation("op-1", generate=GENERATE))
    return emulator


def test_all_of_them_arrive_while_half_of_all_calls_are_throttled(ansible, emulator, truth):
    allowed = {"max_failed": 900, "max_cancelled": 300}
    readings = {
        "module": ({**ASKED, "stack_set_name": "module", "summary_only": True}, MODULE),
        "gate": ({**ASKED, "stack_set_name": "gate", "whole_reading": True, **allowed}, GATE),
        "lookup": (LOOKUP, "ansible.builtin.debug"),
    }
    for name in readings:
        emulator.stack_set(name, operation("op-1", generate=GENERATE))
        for action in ("ListStackSetOperationResults", "DescribeStackSetOperation"):
            emulator.fault(action, error="Throttling", times=None, when={"share": 0.5}, stack_set_name=name)

    # At the same time: most of it is waiting, about a second for each page.
    with ThreadPoolExecutor(len(readings)) as threads:
        tasks = threads.map(lambda reading: ansible.task(*reading), readings.values())
        results = {name: task.result for name, task in zip(readings, tasks, strict=True)}
    assert results["module"]["summary"]["by_status"] == by_status(truth), results["module"].get("msg")
    assert results["gate"]["gate"]["verdict"] == "passed", results["gate"]["msg"]
    assert results["gate"]["gate"]["counts"]["by_status"] == by_status(truth)
    assert int(results["lookup"]["msg"]) == len(truth), results["lookup"]["msg"]
    answers = Counter(entry["answer"] for entry in emulator.log("ListStackSetOperationResults"))
    assert answers["rows 100"] == 3 * 1000, "no page comes twice"
    assert answers["error Throttling"] > 2000


def by_status(truth):
    return {"PENDING": 0, "RUNNING": 0, **Counter(status for _account, _region, status in truth)}


def told(listed):
    return sorted((row["account"], row["region"], row["status"]) for row in listed)


def test_the_module_counts_them(ansible, large, truth):
    result = ansible.task({**ASKED, "summary_only": True}).result
    summary = result["summary"]
    assert summary["total"] == len(truth)
    assert summary["by_status"] == by_status(truth)
    assert (summary["accounts"], summary["regions"]) == (5000, 20)
    per_region = Counter((region, status) for _account, region, status in truth)
    for region, counts in summary["by_region"].items():
        assert counts == {status: per_region[region, status] for status in counts}
    assert result["complete"] is True


def test_the_module_returns_the_bad_ones(ansible, large, truth):
    result = ansible.task({**ASKED, "statuses": ["FAILED", "CANCELLED"]}).result
    assert told(result["operation_results"]) == [place for place in truth if place[2] != "SUCCEEDED"]
    assert len(large.log("ListStackSetOperationResults")) == 9 + 3


def test_the_module_returns_all_of_them(ansible, large, truth):
    play = ansible.play(
        f"""
        - name: Read
          stackgate.stacksets.operation_results_info: {ASKED}
          register: read
        - name: Keep
          keep: read.operation_results
          as: rows
        """
    )
    assert told(play.kept["rows"]) == truth, play.output


def test_the_lookup_returns_all_of_them(ansible, large, truth):
    play = ansible.play(
        """
        - name: Count
          keep: query('stackgate.stacksets.operation_results', 'large', operation_id='op-1') | length
          as: count
        - name: Keep
          keep: query('stackgate.stacksets.operation_results', 'large', operation_id='op-1')
          as: rows
        """
    )
    assert play.code == 0, play.output
    assert play.kept["count"] == len(truth)
    assert told(play.kept["rows"]) == truth


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("limit", "verdict"), [(899, "failed"), (900, "passed")])
def test_the_gate_decides_on_them(ansible, large, truth, whole, limit, verdict):
    options = {"max_failed": limit, "max_cancelled": 300, "whole_reading": whole, "max_reported": 1000}
    result = ansible.task({**ASKED, **options, "fail_on_closed": False}, GATE).result
    assert result["gate"]["verdict"] == verdict
    counts = result["gate"]["counts"]
    assert (counts["failed"], counts["cancelled"], counts["unaccounted"]) == (900, 300, 0)
    assert counts["total"] == (len(truth) if whole else 1200)
    assert counts["complete"] is whole
    reported = told(result["unsuccessful"])
    assert result["truncated"] is True and 100 < len(set(reported)) == len(reported) < 1000
    assert set(reported) < set(truth)
    retried = [
        (account, region)
        for group in result["retry_targets"]
        for account in group["accounts"]
        for region in group["regions"]
    ]
    assert sorted(retried) == [place[:2] for place in truth if place[2] != "SUCCEEDED"]
