# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time and memory of the core beside raw boto3's, in one run.

Each measurement is a process of its own; the subjects take turns, so that a busy machine is busy for all of them.
"""

from __future__ import annotations

import argparse
import math
import platform
import statistics
import sys
from typing import NamedTuple

from canned import FAILED_EVERY
from running import HERE, Server, alone, cores

PAGE = HERE.parents[1] / "docs" / "load.md"
COMMAND = "make figures"
BASELINES = ("boto3_full_result", "boto3_pages", "boto3_pages_counted")
SUBJECTS = ("reading", "rows", "counts", "gate_whole", "gate")
ONLY_FAILED = "subjects.gate"  # reads no other rows
_COLUMNS = (
    ("microseconds per row", "seconds", 1e6),
    ("microseconds of the processor per row", "cpu", 1e6),
    ("bytes at the peak per row", "memory", 1e6),
)
PAGE_TEXT = """\
# Under load

`make load` runs the module, the lookup and the gate on 100,000 results, which is AWS's own limit for a stack set, and
200 gates at once from one playbook with 20 forks. It uses the default options, with and without half of all calls
throttled. Each run must return every account and Region exactly once, and for every gate the verdict on its own stack
set.

`{command}` writes this page. It reads one operation of {rows} results over loopback, from pages written in advance,
with each of the following in turn, {repetitions} times. Each run is a process of its own; loading the SDK is not
counted. The numbers are medians. The ratios are medians of the ratios within one turn. Measured with {machine}. Ratios
say more than numbers. CPU time says more than elapsed time, which includes other work of the machine.

{tables}

The baselines are in `tests/benchmarks/baselines`, the others in `tests/benchmarks/subjects`. The gate asks AWS only for
results that did not succeed, and here one result in a thousand failed.
"""


class Measured(NamedTuple):
    """One run: seconds on the clock and of the processor, and MB above the process with everything loaded."""

    seconds: float
    cpu: float
    memory: float


def measured(name: str, server: Server) -> Measured:
    """One measurement. A subject that did not see every row has measured nothing."""
    found = alone(server, name)
    saw = found.pop("rows")
    expected = server.rows // FAILED_EVERY if name == ONLY_FAILED else server.rows
    if saw != expected:
        sys.exit(f"{name} saw {saw} rows, not {expected}.")
    return Measured(**found)


def measure(rows: int, repetitions: int) -> dict[str, list[Measured]]:
    """The measurements by subject, round by round, baselines first."""
    names = [f"baselines.{name}" for name in BASELINES] + [f"subjects.{name}" for name in SUBJECTS]
    taken: dict[str, list[Measured]] = {name: [] for name in names}
    with Server(rows) as server:
        for repetition in range(repetitions):
            for name in names:
                taken[name].append(measured(name, server))
                print(f"{repetition + 1}/{repetitions} {name}: {taken[name][-1]}", file=sys.stderr, flush=True)
    return taken


def tables(taken: dict[str, list[Measured]], rows: int) -> str:
    """The medians per row, and those of the ratios to the first two baselines in the same round."""
    parts = []
    for what, field, scale in _COLUMNS:
        lines = [f"| {what} | | x paginator | x page by page |", "| --- | ---: | ---: | ---: |"]
        values = {name: [getattr(one, field) for one in runs] for name, runs in taken.items()}
        bases = [values[f"baselines.{name}"] for name in BASELINES[:2]]
        for name, each in values.items():
            ratios = [f"{_ratio(each, base):.2f}" for base in bases]
            lines.append(f"| {_said(name)} | {statistics.median(each) / rows * scale:.2f} | {' | '.join(ratios)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _ratio(values: list[float], base: list[float]) -> float:
    # Few rows may fit into memory that the process has had before.
    return statistics.median(one / other if other else math.nan for one, other in zip(values, base, strict=True))


def page(found: str, rows: int, repetitions: int) -> str:
    """What docs/load.md says."""
    from importlib.metadata import version

    machine = f"Python {platform.python_version()}, boto3 {version('boto3')} and {cores()}"
    return PAGE_TEXT.format(rows=f"{rows:,}", repetitions=repetitions, machine=machine, tables=found, command=COMMAND)


def _said(name: str) -> str:
    """A subject's docstring."""
    text = (HERE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
    return text.split('"""')[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into docs/load.md")
    options = parser.parse_args()
    found = tables(measure(options.rows, options.repetitions), options.rows)
    print(found)
    if options.write:
        PAGE.write_text(page(found, options.rows, options.repetitions), encoding="utf-8")


if __name__ == "__main__":
    main()
