# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""200 gates at once from one playbook."""

from __future__ import annotations

from load.gates import assert_all_true, assert_half_was_throttled, gates, run, throttle

NUMBER = 200
FORKS = 20


def test_each_of_200_gates_at_once_tells_the_truth(ansible, emulator, tmp_path):
    all_gates = gates(NUMBER)
    assert_all_true(run(ansible, emulator, tmp_path, all_gates, FORKS), all_gates, emulator)


def test_each_tells_the_truth_while_any_half_of_all_calls_is_throttled(ansible, emulator, tmp_path):
    throttle(emulator, share=0.5)
    all_gates = gates(NUMBER)
    assert_all_true(run(ansible, emulator, tmp_path, all_gates, FORKS), all_gates, emulator)
    assert_half_was_throttled(emulator)
