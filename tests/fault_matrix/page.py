# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix as a page of the documentation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fault_matrix.faults import FAILED, FAULTS, ROWS, Fault
from fault_matrix.ways import WAYS, Met, promised

_HEAD = """\
# What happens when something breaks

Each fault below strikes a reading of {rows} results, {failed} of them FAILED, and a gate over them, through real
`ansible-playbook` against an emulated AWS or a raw socket. What is promised stands beside each fault in
`tests/fault_matrix/faults.py`. Every fault ends in the right rows or in a failed task that names the cause, within a
bounded time, with the rows so far and a token that resumes; no gate passes on what it does not know.

- *module* is `operation_results_info`, *lookup* is `operation_results`. A reading that failed goes on with its token
  once the fault is gone, or is made again where nothing had been read; together that must be every row, once.
- *Gate that may pass* is `operation_gate` with `max_failed: {failed}`, which is the truth: it passes, or is
  inconclusive and passes when it is run again. *Gate that may not* has `max_failed: {less}`, so it must never pass.

The page is made by `make faults`. `make test` meets every fault again and compares, and changes no file.

{cells} cells, {met} met.

| fault | where | through | promised | seen |
| --- | --- | --- | --- | --- |
"""
_FOOT = """
The retries here are two attempts with two seconds' time limits, so that the faults that last are over soon; by default
there are ten, with ten seconds for a connection, sixty for an answer and 1,800 for a reading as a whole.

A gate that reads status by status and meets a target both RUNNING and FAILED looks again, for that is a listing that
lags. Where it stays so, the gate is inconclusive; `whole_reading: true` shows both rows together, and the worst counts.
AWS's filter shows one status, so a gate that reads status by status cannot see a status that AWS invents tomorrow. With
`whole_reading: true` it reads every row, and is inconclusive over what it does not know.
"""


def rows(fault: Fault, met: Sequence[Met]) -> str:
    """The table's lines about one fault."""
    return "".join(
        f"| {fault.name} | {fault.where} | {WAYS[one.way]} | {promised(one.way, one.promise)}"
        f" | {one.seen if one.kept else f'**NOT MET** {one.seen}'} |\n"
        for one in met
    )


def page(met: Mapping[str, Sequence[Met]]) -> str:
    """The whole page, from what came of every fault, by the fault's id."""
    every = [one for ones in met.values() for one in ones]
    head = _HEAD.format(
        rows=len(ROWS), failed=FAILED, less=FAILED - 1, cells=len(every), met=sum(one.kept for one in every)
    )
    return head + "".join(rows(fault, met[fault.id]) for fault in FAULTS) + _FOOT
