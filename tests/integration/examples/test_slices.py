# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example of job slices: each stack set is gated once, in the slice that has it, by its own rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from emulator.client import operation
from integration.helpers.awx_variables import write_extra_vars

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "slices"
GIVEN = {"created_after": "2026-11-02T08:00:00Z", "region": "eu-west-1"}
FAILED = {"org-baseline": 0, "org-logging": 2, "org-network": 0}


@pytest.fixture
def gate(ansible, emulator, tmp_path):
    """Run it over these hosts, as AWX gives a slice's job a part of the inventory."""

    def gate(*hosts, variables=(), **failed):
        for name, number in {**FAILED, **failed}.items():
            one = operation(creation_timestamp="2026-11-02T08:15:00Z", generate={"accounts": 9, "failed": number})
            emulator.stack_set(name, [one])
        emulator.clear_log()
        limit = ("--limit", ",".join(hosts)) if hosts else ()
        inventory = ("-i", str(EXAMPLE / "stack_sets.yml"))
        given = ("-e", write_extra_vars(tmp_path / "extra_vars", {**GIVEN, **dict(variables)}))
        # AWX's credential brings no Region.
        without = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"))
        return ansible.book(EXAMPLE / "gate_stack_sets.yml", *inventory, *given, *limit, **without)

    return gate


def asked_about(emulator):
    return sorted(call["stack_set_name"] for call in emulator.log("DescribeStackSetOperation"))


def test_all_stack_sets_are_gated_in_one_task(gate, emulator):
    play = gate()
    assert play.code == 0, play.output
    assert play.output.count("ok: [") == 1
    assert asked_about(emulator) == sorted(FAILED)


def test_a_slice_gates_the_stack_sets_that_it_has(gate, emulator):
    play = gate("org-logging", "org-network")
    assert play.code == 0, play.output
    assert asked_about(emulator) == ["org-logging", "org-network"]


def test_a_stack_set_is_gated_by_its_own_rules(gate):
    play = gate(**{"org-network": 1})
    assert play.code != 0
    assert "3 operations, 2 passed, 1 failed. org-network failed" in " ".join(play.output.split())
    assert "failure_groups" not in play.output


def test_a_gate_that_ansible_cannot_run_fails(gate, emulator):
    """Its result has neither a decision nor an error of ours."""
    play = gate(variables={"ansible_python_interpreter": "/nowhere/python3"})
    assert play.code != 0
    assert emulator.log() == []
