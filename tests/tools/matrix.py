# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the unit and integration tests on every supported pair of Python and ansible-core that this machine can run.

Arguments choose lines and Pythons: matrix.py 2.17 3.12
A cell holds no moto: the emulator runs from the development environment, as AWS too runs elsewhere.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import collections_tree
import environment
import interpreters
import progress
import virtualenv
from places import CACHE, REQUIREMENTS, ROOT
from versions import LINES, Line

CELLS = CACHE / "cells"
# What a cell leaves to `make test`: see the markers in pyproject.toml.
DESELECTED = "not emulator_process and not once"
# Tied to the versions that a cell has of its own, so the lock of the development environment can't hold for them.
_OF_CORE = {"ansible-core", "resolvelib"}
_OF_BOTO3 = {"boto3", "botocore", "s3transfer", "urllib3"}
_COUNTS = re.compile(r"=* ?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s")


class Cell(NamedTuple):
    line: Line
    python: str
    oldest: bool
    interpreter: str

    @property
    def name(self) -> str:
        return f"core-{self.line.core}-python-{self.python}"

    @property
    def title(self) -> str:
        boto3 = self.line.boto3 if self.oldest else "newest"
        return f"ansible-core {self.line.core:8} Python {self.python}  boto3 {boto3:7}"

    @property
    def folder(self) -> Path:
        return CELLS / self.name

    @property
    def log(self) -> Path:
        return self.folder / "log"


class Outcome(NamedTuple):
    cell: Cell
    passed: bool
    counts: str
    seconds: float
    report: str

    def __str__(self) -> str:
        return f"{self.cell.title}  {'ok' if self.passed else 'FAILED':6} {self.seconds:4.0f} s  {self.counts}"


def cells(wanted: list[str]) -> list[Cell]:
    """The cells to run; says which it leaves out for want of an interpreter."""
    found = []
    for name, line in LINES.items():
        for python in line.pythons:
            unwanted = [{name, python}.isdisjoint(group) for group in _groups(wanted) if group]
            if any(unwanted):
                continue
            interpreter = interpreters.find(python)
            if interpreter:
                found.append(Cell(line, python, python == line.pythons[0], interpreter))
            else:
                print(f"ansible-core {line.core:8} Python {python}  skipped: no Python {python} on this machine")
    return found


def _groups(wanted: list[str]) -> tuple[list[str], list[str]]:
    return [one for one in wanted if one in LINES], [one for one in wanted if one not in LINES]


def _constraints(cell: Cell) -> str:
    free = _OF_CORE | (_OF_BOTO3 if cell.oldest else set())
    locked = (REQUIREMENTS / f"constraints-{cell.python}.txt").read_text(encoding="utf-8").splitlines()
    return "".join(f"{pin}\n" for pin in locked if "==" in pin and pin.split("==")[0] not in free)


def set_up(cell: Cell) -> Path:
    """See that the cell's virtual environment exists, and return it."""
    pins = [f"ansible-core=={cell.line.core}", "boto3", "botocore"]
    if cell.oldest:
        pins[1:] = [f"boto3=={cell.line.boto3}", f"botocore=={cell.line.botocore}"]
    limits = _constraints(cell)
    cell.folder.mkdir(parents=True, exist_ok=True)
    cell.log.unlink(missing_ok=True)
    constraints = cell.folder / "constraints.txt"
    constraints.write_text(limits, encoding="utf-8")
    requirements = REQUIREMENTS / "cell.txt"
    virtualenv.make(
        cell.folder / "venv",
        cell.interpreter,
        cell.python,
        [*pins, "-r", requirements, "-c", constraints],
        layer="cell",
        print_of=virtualenv.fingerprint(" ".join(pins), limits, requirements),
        label=f"installing {cell.name}",
        log=cell.log,
        quiet=True,
    )
    return cell.folder / "venv"


def run(cell: Cell) -> Outcome:
    start = time.monotonic()
    report = ""
    try:
        venv = set_up(cell)
        variables = environment.variables(collections_tree.root_for(cell.line.core), venv)
        command = [venv / "bin" / "pytest", "--color", "no", "-m", DESELECTED]
        # Two cells at a time must not write one cache.
        command += ["-o", f"cache_dir={cell.folder / 'pytest'}", "tests/unit", "tests/integration"]
        progress.run(cell.name, command, cell.log, variables, cwd=ROOT, quiet=True)
    except progress.CommandFailed as error:
        report = str(error)
    counts = _COUNTS.findall(progress.tail(cell.log, 5)) if cell.log.exists() else []
    # pytest ends with 0 too when every test has been skipped.
    passed = not report and bool(counts) and " passed" in counts[-1]
    return Outcome(cell, passed, counts[-1] if counts else "no tests run", time.monotonic() - start, report)


def _beat(done: threading.Event, running: set[str], start: float) -> None:
    while not done.wait(60):
        print(f"    ... {time.monotonic() - start:4.0f} s, running: {', '.join(sorted(running))}", flush=True)


def matrix(wanted: list[str]) -> int:
    environment.ensure("demo")
    chosen = cells(wanted)
    for core in dict.fromkeys(cell.line.core for cell in chosen):
        collections_tree.ensure(core)
    jobs = max(1, min(len(chosen), os.cpu_count() or 1))
    print(f"{len(chosen)} cells, {jobs} at a time; their logs: {CELLS}/*/log", flush=True)
    start = time.monotonic()
    running: set[str] = set()
    done = threading.Event()
    threading.Thread(target=_beat, args=(done, running, start), daemon=True).start()

    def watched(cell: Cell) -> Outcome:
        running.add(cell.name)
        try:
            return run(cell)
        finally:
            running.discard(cell.name)

    outcomes = []
    with ThreadPoolExecutor(jobs) as pool:
        for future in as_completed([pool.submit(watched, cell) for cell in chosen]):
            outcome = future.result()
            outcomes.append(outcome)
            print(f"[{len(outcomes):2}/{len(chosen)}] {outcome}", flush=True)
            if not outcome.passed:
                print(outcome.report, flush=True)
    done.set()
    print("\n=== matrix " + "=" * 69)
    for outcome in sorted(outcomes, key=lambda one: chosen.index(one.cell)):
        print(outcome)
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"The whole matrix took {time.monotonic() - start:.0f} s")
    print(f"{passed} passed, {len(outcomes) - passed} failed")
    return 0 if outcomes and passed == len(outcomes) else 1


def main() -> int:
    try:
        return matrix(sys.argv[1:])
    except progress.CommandFailed as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
