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

Each fault below is injected into a reading of {rows} results, {failed} of them FAILED, and into a gate on them, with
real `ansible-playbook` against an emulated AWS or a raw socket. `tests/fault_matrix/faults.py` has the expected
outcome of each fault. Every fault leads either to the right results or to a failed task that names the cause, within a
limited time. The failed task returns the results read so far and a token to resume. No gate passes on what it does not
know.

- *module* is `operation_results_info`, *lookup* is `operation_results`. After the fault, a failed reading resumes with
  its token, or starts again if nothing was read. Together the readings must return every result exactly once.
- *Gate that may pass* is `operation_gate` with `max_failed: {failed}`. It passes, or it is inconclusive and passes
  when it runs again. *Gate that may not* has `max_failed: {less}`, so it must never pass.

`make faults` writes this page. `make test` injects every fault again and compares, and changes no file.

{cells} cells, {met} met.

| fault | where | through | promised | seen |
| --- | --- | --- | --- | --- |
"""
_FOOT = """
The tests use two attempts and timeouts of two seconds, so that lasting faults end soon. The defaults are ten attempts,
ten seconds to connect, sixty for an answer and 1,800 for a complete reading.

A gate that reads one status at a time can find a target both RUNNING and FAILED, because the listing lags. It then
reads again, and is inconclusive if that does not change. With `whole_reading: true` it reads both results together,
and the worst counts. AWS filters by one status, so a gate that reads one status at a time cannot see a status that AWS
adds later. With `whole_reading: true` it reads every result, and is inconclusive if it finds an unknown status.
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
