# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fault comes to the end that was promised, and to the one that the documentation shows."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("trustme", reason="the cells of make matrix have no certificates to make")

from fault_matrix.broken_ways import broken_ways
from fault_matrix.faults import FAULTS
from fault_matrix.page import rows
from fault_matrix.ways import meet

pytestmark = pytest.mark.once

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "fault_matrix.md").read_text()


@pytest.fixture(scope="module")
def ways():
    with broken_ways() as broken:
        yield broken


@pytest.mark.parametrize("fault", FAULTS, ids=[fault.id for fault in FAULTS])
def test_a_fault_comes_to_the_promised_end(fault, ansible, emulator, ways):
    met = meet(fault, ansible, emulator, ways)
    assert [one for one in met if not one.kept] == []
    assert rows(fault, met) in PAGE, "run: make faults"


def test_the_page_has_these_faults_and_no_others():
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert {tuple(line.strip("| ").split(" | ")[:2]) for line in lines} == {(one.name, one.where) for one in FAULTS}
