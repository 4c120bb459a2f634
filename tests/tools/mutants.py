# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation testing of the pure rooms: do the unit tests notice when a line of the code says something else?

Each room is mutated by mutmut in a copy of the checkout, and meets only the tests named here for it. At least 95 of
100 mutants must be killed, and each that lives must be explained in mutants_that_live.yml, beside the tests.

Names of rooms as arguments mutate only those: mutants.py gate wait
Runs inside the project's environment: python3 tests/tools/run.py --layer mutants python tests/tools/mutants.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import collections_tree
import environment
import progress
import yaml
from places import CACHE, LOGS, NAME, NAMESPACE, ROOT

FOLDER = CACHE / "mutants"
EXPLAINED = ROOT / "tests" / "unit" / "mutants_that_live.yml"
LEAST = 95.0

_WAITS = ("test_wait", "test_wait_for_latest", "test_wait_limits", "test_wait_settling")
ROOMS = {
    "pagination": ("test_pagination",),
    "results": ("test_results",),
    "gate": ("test_gate", "test_gate_messages", "test_evidence"),
    "latest": _WAITS,
    "watch": (*_WAITS, "test_patience"),
    "wait": _WAITS,
    "patience": ("test_patience",),
    "many_asked": ("test_many_asked",),
    "many_result": ("test_many_result",),
    "memory": ("test_memory",),
    "report": ("test_report",),
    "map": ("test_map",),
    "csv": ("test_csv",),
    "junit": ("test_junit",),
    "markdown": ("test_markdown",),
    "targets": ("test_inventory_targets",),
}
# All others are in module_utils.
_ELSEWHERE = {
    **dict.fromkeys(("report", "map", "csv", "junit", "markdown"), "plugin_utils/_render"),
    "targets": "plugin_utils",
    "memory": "plugin_utils",
}
# A plugin with a profile of Hypothesis: the same examples in every run, for a mutant must not be killed by luck, and no
# search for the simplest one that fails, for nobody reads it.
_PLUGIN = "repeatable_examples"
_PROFILE = f"""\
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "{_PLUGIN}",
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
"""
_COLLECTION = f"ansible_collections/{NAMESPACE}/{NAME}"
_KILLED = {"killed", "timeout", "segfault"}
_LIVING = {"survived", "no tests"}


class Mutant(NamedTuple):
    """One change; the text of its lines tells it from others, for their numbers change with every edit."""

    room: str
    function: str
    line: str
    mutated: str


class Outcome(NamedTuple):
    room: str
    mutants: int
    living: list[Mutant]

    @property
    def killed(self) -> int:
        return self.mutants - len(self.living)

    @property
    def percent(self) -> float:
        return 100 * self.killed / self.mutants

    def __str__(self) -> str:
        return f"{self.room:12} {self.killed} of {self.mutants} mutants killed"


def _prepare(room: str) -> Path:
    """The place where mutmut runs: a copy of the checkout with a configuration of its own above it."""
    place = FOLDER / room
    shutil.rmtree(place, ignore_errors=True)
    collections_tree.copy_checkout(place, collections_tree.root_for(environment.core_version()))
    folder = _ELSEWHERE.get(room, "module_utils")
    tests = f"{_COLLECTION}/tests/unit/plugins/{folder.partition('/')[0]}"
    settings = {
        "source_paths": [_COLLECTION],
        "only_mutate": [f"{_COLLECTION}/plugins/{folder}/_{room}.py"],
        "pytest_add_cli_args_test_selection": [f"{tests}/{name}.py" for name in ROOMS[room]],
        # The project's own options are strict, and would refuse the one for the cache.
        "pytest_add_cli_args": [
            *("-p", "no:cacheprovider", "-o", "addopts="),
            *("-p", _PLUGIN, "--hypothesis-profile", _PLUGIN),
        ],
        "use_git_change_detection": False,
    }
    (place / _COLLECTION / "tests" / f"{_PLUGIN}.py").write_text(_PROFILE, encoding="utf-8")
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (place / "pyproject.toml").write_text("[tool.mutmut]\n" + "".join(lines), encoding="utf-8")
    return place


def _variables(place: Path) -> dict[str, str]:
    temporary = FOLDER / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "PYTHONPATH": str(place / _COLLECTION / "tests"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TMPDIR": str(temporary),
    }


def _mutmut(place: Path, *arguments: str) -> str:
    command = ["mutmut", *arguments]
    return subprocess.run(command, cwd=place, env=_variables(place), capture_output=True, text=True, check=True).stdout


def run(room: str) -> Outcome:
    """Mutate one room, and run its tests on each mutant."""
    place = _prepare(room)
    log = LOGS / f"mutants-{room}.log"
    log.unlink(missing_ok=True)
    progress.run(f"mutmut on {room}", ["mutmut", "run"], log, _variables(place), cwd=place, quiet=True)
    listed = re.findall(r"^ +(\S+): (.+)$", _mutmut(place, "results", "--all", "true"), re.MULTILINE)
    unclear = [f"{name}: {status}" for name, status in listed if status not in _KILLED | _LIVING]
    if unclear or not listed:
        raise progress.CommandFailed(f"{room}: no answer for each mutant: {', '.join(unclear) or 'there are none'}")
    living = [_mutant(room, name, _mutmut(place, "show", name)) for name, status in listed if status in _LIVING]
    return Outcome(room, len(listed), living)


def _mutant(room: str, name: str, diff: str) -> Mutant:
    # mutmut calls a mutant path.x_function__mutmut_1 or path.xǁClassǁmethod__mutmut_1.
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0][2:].replace("ǁ", ".")
    return Mutant(room, function, _lines(diff, "-"), _lines(diff, "+"))


def _lines(diff: str, sign: str) -> str:
    """The lines that a diff takes away (-) or puts there (+), without their indentation."""
    hunks = diff.partition("@@")[2].splitlines()
    return "\n".join(line[1:].strip() for line in hunks if line.startswith(sign))


def explained() -> Counter[Mutant]:
    """The mutants that may live, each for a reason; as often as there are such that look alike."""
    entries = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
    for entry in entries:
        if set(entry) != {*Mutant._fields, "why"} or not entry["why"] or entry["room"] not in ROOMS:
            sys.exit(f"{EXPLAINED.name}: an entry has {', '.join(Mutant._fields)} and why, and this is none: {entry}")
    return Counter(Mutant(*(entry[name] for name in Mutant._fields)) for entry in entries)


def _show(title: str, mutants: Iterable[Mutant]) -> None:
    for mutant in mutants:
        print(f"\n{title}: in {mutant.function} of {mutant.room}")
        print(textwrap.indent(mutant.line, "  - "))
        print(textwrap.indent(mutant.mutated, "  + "))


def report(outcomes: list[Outcome]) -> int:
    reasons = explained()
    living = Counter(mutant for outcome in outcomes for mutant in outcome.living)
    rooms = {outcome.room for outcome in outcomes}
    unexplained = list((living - reasons).elements())
    obsolete = [mutant for mutant in (reasons - living).elements() if mutant.room in rooms]
    _show("Lives, and nobody says why", unexplained)
    _show("Explained, and lives no more", obsolete)
    total = Outcome("all", sum(one.mutants for one in outcomes), list(living.elements()))
    print(f"\n{'room':12} mutants  killed  explained  percent")
    for one in [*outcomes, total]:
        known = (Counter(one.living) & reasons).total()
        print(f"{one.room:12} {one.mutants:7} {one.killed:7} {known:10} {one.percent:8.1f}")
    few = [one.room for one in outcomes if one.percent < LEAST]
    wrong = [f"less than {LEAST:g} percent killed in {', '.join(few)}"] if few else []
    wrong += [f"{len(unexplained)} not in {EXPLAINED.name}"] if unexplained else []
    wrong += [f"{len(obsolete)} in {EXPLAINED.name} that live no more"] if obsolete else []
    print("make mutants: " + ("FAILED: " + "; ".join(wrong) if wrong else "passed"))
    return 1 if wrong else 0


def main() -> int:
    wanted = [name.strip("_") for name in sys.argv[1:]] or list(ROOMS)
    unknown = [name for name in wanted if name not in ROOMS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. The rooms: {', '.join(ROOMS)}.", file=sys.stderr)
        return 2
    outcomes = []
    try:
        for room in wanted:
            start = time.monotonic()
            outcomes.append(run(room))
            print(f"{outcomes[-1]}, {time.monotonic() - start:.0f} s", flush=True)
    except progress.CommandFailed as error:
        print(error, file=sys.stderr)
        return 1
    return report(outcomes)


if __name__ == "__main__":
    sys.exit(main())
