# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates at once from one playbook while AWS throttles half of all calls; `make load` has 200 of them."""

from __future__ import annotations

import pytest
from load.gates import assert_all_true, assert_half_was_throttled, gates, run, throttle


@pytest.mark.once
def test_gates_at_once_tell_the_truth_while_half_of_all_calls_are_throttled(ansible, emulator, tmp_path):
    throttle(emulator, every=2)
    # Of the eight kinds those that read most; all of them are in one task in test_several_gates.py.
    all_gates = [gates(8)[kind] for kind in (1, 3, 5, 6)]
    assert_all_true(run(ansible, emulator, tmp_path, all_gates, forks=4), all_gates, emulator)
    assert_half_was_throttled(emulator)
