# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast this collection is, beside what one would use without it: docs/speed.md.

Each row of the table compares two things in turns, so that a busy machine is busy for both. What counts is the median
of the turns' ratios.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

from module_process import table
from running import HERE, Server, alone, command, cores, tasks

PAGE = HERE.parents[1] / "docs" / "speed.md"
MARK = "<!-- Written by make bench from here on. -->"
GATES = 100

Measure = Callable[[Server], float]


class Served(NamedTuple):
    """What the server of pages has: one operation of so many rows, its answers so many seconds late."""

    rows: int
    latency: float = 0.0
    counts: tuple[tuple[str, int], ...] = ()


class Row(NamedTuple):
    """A row of the table. ``at_most`` or ``at_least``: the goal for the ratio of ours to theirs, or of theirs to ours.

    Without either it has no goal, and is in the second table.
    """

    name: str
    what: str
    against: str
    ours: Measure
    theirs: Measure
    unit: str = "s"
    at_most: float | None = None
    at_least: float | None = None
    served: Served = Served(10_000)
    turns: int = 5


def seconds(name: str) -> Measure:
    """``run(client)`` of a file of ours, alone in a process."""
    return lambda server: _whole(server, name)["seconds"]


def memory(name: str) -> Measure:
    """The same, MB above the process with everything loaded."""
    return lambda server: _whole(server, name)["memory"]


def _whole(server: Server, name: str) -> dict[str, float]:
    found = alone(server, name)
    if found["rows"] != server.rows:
        sys.exit(f"{name} saw {found['rows']} rows, not {server.rows}.")
    return found


def task(playbook: str, **variables: object) -> Measure:
    """The tasks of a playbook of ours."""
    return lambda server: sum(tasks(server, playbook, **variables))


def second(playbook: str) -> Measure:
    """The second of two such tasks in one playbook, for which Ansible has the module ready."""
    return lambda server: tasks(server, playbook)[1]


def cli(server: Server) -> float:
    """The AWS CLI's whole process."""
    return command(server, "sh", str(HERE / "baselines" / "aws_cli.sh"))


TABLE = (
    Row(
        "reading",
        "the core reads 10,000 rows",
        "boto3's paginator, `build_full_result()`",
        seconds("subjects.reading"),
        seconds("baselines.boto3_full_result"),
        at_most=1.10,
        turns=15,
    ),
    Row(
        "memory",
        "the core counts 100,000 rows: peak memory",
        "boto3's full result",
        memory("subjects.counts"),
        memory("baselines.boto3_full_result"),
        unit="MB",
        at_most=0.1,
        served=Served(100_000),
        turns=3,
    ),
    Row(
        "rows",
        "10,000 of AWS's rows as the collection has them",
        "amazon.aws's `camel_dict_to_snake_dict`",
        seconds("subjects.normalised_rows"),
        seconds("baselines.camel_to_snake"),
        at_least=10,
    ),
    Row(
        "module",
        "`operation_results_info`, 10,000 rows: the task",
        "a task of a bare module: boto3's full result, `exit_json`",
        task("subjects/module.yml"),
        task("baselines/bare_results.yml"),
        at_most=1.05,
        turns=9,
    ),
    Row(
        "lookup",
        "the lookup, 10,000 rows: a task that counts them",
        "the AWS CLI alone, printing them as JSON",
        task("subjects/lookup.yml"),
        cli,
        at_most=1.0,
    ),
    Row(
        "large",
        "`operation_gate` over 100,000 rows, 100 ms a call: the task",
        "the bare module's rows registered, `selectattr` and `assert`",
        task("subjects/gate.yml"),
        task("baselines/selectattr.yml"),
        at_least=50,
        served=Served(100_000, 0.1),
        turns=3,
    ),
    Row(
        "gate",
        "`operation_gate`: the task",
        "a task of a module that imports boto3 and makes one call",
        task("subjects/gate.yml"),
        task("baselines/one_call.yml"),
        at_most=1.15,
        turns=15,
    ),
    Row(
        "statuses",
        "three statuses of 20 pages each, 100 ms a call",
        "boto3's paginator, one after another",
        seconds("subjects.side_by_side"),
        seconds("baselines.one_after_another"),
        at_most=0.4,
        served=Served(6000, 0.1, (("failed", 2000), ("cancelled", 2000))),
    ),
    Row(
        "many",
        f"{GATES} gates in one task",
        "a `loop` over them",
        task("subjects/gates.yml", gates=GATES),
        task("baselines/loop.yml", gates=GATES),
        at_least=10,
        served=Served(1000),
        turns=3,
    ),
    Row(
        "keys",
        "the bare module with all keys of a row, 10,000 rows: the task",
        "a task of a bare module: boto3's full result, `exit_json`",
        task("baselines/bare_rows.yml"),
        task("baselines/bare_results.yml"),
        turns=9,
    ),
    Row(
        "base",
        "one call by a module on amazon.aws's base class: the task",
        "a task of a module that imports boto3 and makes one call",
        task("baselines/aws_call.yml"),
        task("baselines/one_call.yml"),
        turns=15,
    ),
    Row(
        "again",
        "`operation_gate` once more in the same playbook: the second task",
        "the second task of the module that makes one call",
        second("subjects/gate_again.yml"),
        second("baselines/one_call_again.yml"),
        turns=15,
    ),
    Row(
        "kept",
        "the lookup, 10,000 rows kept with `set_fact`: the task",
        "the AWS CLI's, with `lookup('pipe')`, `from_json` and `set_fact`",
        task("subjects/lookup_kept.yml"),
        task("baselines/aws_cli_kept.yml"),
    ),
    Row(
        "whole",
        "the core reads 10,000 rows and keeps one for each target",
        "boto3's paginator, `build_full_result()`",
        seconds("subjects.rows"),
        seconds("baselines.boto3_full_result"),
        turns=15,
    ),
    Row(
        "many-late",
        f"{GATES} gates in one task, 100 ms a call",
        "a `loop` over them",
        task("subjects/gates.yml", gates=GATES),
        task("baselines/loop.yml", gates=GATES),
        served=Served(1000, 0.1),
        turns=1,
    ),
)


class Found(NamedTuple):
    """The medians of a row, and its ratio as the goal counts it."""

    row: Row
    ours: float
    theirs: float
    ratio: float

    @property
    def met(self) -> bool:
        row = self.row
        return self.ratio >= row.at_least if row.at_least else row.at_most is None or self.ratio <= row.at_most


def measured(row: Row, turns: int | None) -> Found:
    """A row's measurements, in turns."""
    pairs = []
    with Server(row.served.rows, row.served.latency, **dict(row.served.counts)) as server:
        for turn in range(turns or row.turns):
            pairs.append((row.ours(server), row.theirs(server)))
            ours, theirs = pairs[-1]
            said = f"{ours:.3f} {row.unit}, {theirs:.3f} {row.unit}"
            print(f"{row.name} {turn + 1}/{turns or row.turns}: {said}", file=sys.stderr, flush=True)
    ratio = statistics.median(theirs / ours if row.at_least else ours / theirs for ours, theirs in pairs)
    return Found(row, *(statistics.median(one) for one in zip(*pairs, strict=True)), ratio)


def line(found: Found) -> str:
    """A line of the table."""
    row = found.row
    cells = [f"`{row.name}`", row.what, row.against]
    if row.at_least:
        cells += [f"at least {row.at_least:g} x as fast", f"{found.ratio:.1f} x as fast"]
    else:
        cells += [f"at most {row.at_most:g} x" if row.at_most else "", f"{found.ratio:.2f} x"]
    cells += [f"{found.ours:.3g} {row.unit}", f"{found.theirs:.3g} {row.unit}"]
    return "| " + " | ".join(cells) + " |"


def tables(found: list[Found]) -> str:
    """The table of the goals, and that of what has none."""
    head = "| row | what | against | goal | measured | ours | theirs |\n| --- | --- | --- | --- | --- | ---: | ---: |"
    with_goal = [one for one in found if one.row.at_most or one.row.at_least]
    parts = ["\n".join([head, *map(line, with_goal)])] if with_goal else []
    others = [line(one) for one in found if one not in with_goal]
    if others:
        parts.append("\n".join(["What has no goal:\n", head, *others]))
    return "\n\n".join(parts)


def machine() -> str:
    """What the figures were measured with."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("ansible-core", "boto3", "awscli"))
    return (
        f"{cores()} of a virtual machine ({platform.machine()}, {platform.system()}),"
        f" Python {platform.python_version()}, {versions}"
    )


def page(found: list[Found]) -> str:
    """What is measured of docs/speed.md."""
    with Server(10_000) as server:
        server_alone = server.milliseconds_a_page()
        profile = table(server, {"bare module, one call": "baselines/one_call.yml", "gate": "subjects/gate.yml"})
    return (
        f"Measured with {machine()}. The server takes {server_alone:.2f} ms for a page, by the clock of a client that"
        f" does not read it.\n\n{tables(found)}\n\n## Where a task's time goes\n\nThe task of the row `gate` and its"
        f" baseline, by `-X importtime` and the clock, medians:\n\n{profile}\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="*", help="only these rows, by their names; then nothing is written")
    parser.add_argument("--turns", type=int, help="instead of each row's own number")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/speed.md")
    options = parser.parse_args()
    unknown = set(options.rows) - {row.name for row in TABLE}
    if unknown:
        parser.error(f"no such rows: {', '.join(sorted(unknown))}")
    found = [measured(row, options.turns) for row in TABLE if not options.rows or row.name in options.rows]
    print(tables(found))
    if options.write and not options.rows:
        written = PAGE.read_text(encoding="utf-8")
        before, _mark, _old = written.partition(MARK)
        PAGE.write_text(f"{before}{MARK}\n\n{page(found)}", encoding="utf-8")
    missed = [one.row.name for one in found if not one.met]
    if missed:
        print(f"not met: {', '.join(missed)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
