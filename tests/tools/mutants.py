# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation testing of the pure rooms: do the unit tests notice when a line of the code says something else?

Each room is mutated by mutmut in a copy of the checkout, and meets only the tests named here for it. At least 95 of
100 mutants must be killed, and each that lives must be explained in mutants_that_live.yml, beside the tests.

Names of rooms as arguments mutate only those: mutants.py gate wait
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from textwrap import indent
from typing import NamedTuple

import checkout
import yaml
from checkout import ROOT

FOLDER = ROOT / ".cache" / "mutants"
EXPLAINED = ROOT / "tests" / "unit" / "mutants_that_live.yml"
LEAST = 95.0

_WAITS = tuple(f"test_wait{about}" for about in ("", "_explained", "_for_latest", "_limits", "_polls", "_settling"))
ROOMS = ["pagination", "results", "gate", "verdict", "latest", "watch", "wait", "patience", "many_asked"]
ROOMS += ["many_waits", "many_result", "progress", "memory", "report", "map", "csv", "junit", "markdown", "targets"]
# All others meet the file of tests that has their name.
_TESTS = {
    "latest": _WAITS,
    "wait": _WAITS,
    "watch": (*_WAITS, "test_patience"),
    "gate": ("test_gate", "test_gate_messages", "test_gate_advice", "test_evidence", "test_wait_explained"),
    "verdict": ("test_verdict", "test_gate_advice"),
    "targets": ("test_inventory_targets",),
}
# A plugin with a profile of Hypothesis: the same examples in every run, for a mutant must not be killed by luck, and no
# search for the simplest one that fails, for nobody reads it.
_PLUGIN = "repeatable_examples"
_PROFILE = f"""\
from hypothesis import HealthCheck, Phase, settings
how = dict(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("{_PLUGIN}", phases=(Phase.explicit, Phase.generate), **how)
"""
_COLLECTION = str(checkout.COLLECTION)
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


def _prepare(room: str) -> Path:
    """The place where mutmut runs: a copy of the checkout with a configuration of its own above it."""
    place = FOLDER / room
    (FOLDER / "tmp").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    checkout.copy_to(place, Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
    source = next(place.glob(f"{_COLLECTION}/plugins/*_utils/**/_{room}.py")).relative_to(place)
    tests = f"{_COLLECTION}/tests/unit/plugins/{source.relative_to(_COLLECTION).parts[1]}"
    settings = {
        "source_paths": [_COLLECTION],
        "only_mutate": [str(source)],
        "pytest_add_cli_args_test_selection": [f"{tests}/{name}.py" for name in _TESTS.get(room, (f"test_{room}",))],
        # The project's own options are strict, and would refuse the one for the cache.
        "pytest_add_cli_args": f"-p no:cacheprovider -o addopts= -p {_PLUGIN} --hypothesis-profile {_PLUGIN}".split(),
        "use_git_change_detection": False,
    }
    (place / _COLLECTION / "tests" / f"{_PLUGIN}.py").write_text(_PROFILE)
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    (place / "pyproject.toml").write_text("[tool.mutmut]\n" + "".join(lines))
    return place


def _mutmut(place: Path, *arguments: str) -> str:
    variables = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "TMPDIR": str(FOLDER / "tmp")}
    variables = {**os.environ, **variables, "PYTHONPATH": str(place / _COLLECTION / "tests")}
    ran = subprocess.run(["mutmut", *arguments], cwd=place, env=variables, capture_output=True, text=True, check=False)
    if ran.returncode:
        sys.exit(f"mutmut {' '.join(arguments)} in {place} failed:\n{ran.stdout[-4000:]}{ran.stderr[-4000:]}")
    return ran.stdout


def run(room: str) -> Outcome:
    """Mutate one room, and run its tests on each mutant."""
    place = _prepare(room)
    _mutmut(place, "run")
    listed = re.findall(r"^ +(\S+): (.+)$", _mutmut(place, "results", "--all", "true"), re.MULTILINE)
    unclear = [f"{name}: {status}" for name, status in listed if status not in _KILLED | _LIVING]
    if unclear or not listed:
        sys.exit(f"{room}: no answer for each mutant: {', '.join(unclear) or 'there are none'}")
    living = [_mutant(room, name, _mutmut(place, "show", name)) for name, status in listed if status in _LIVING]
    return Outcome(room, len(listed), living)


def _mutant(room: str, name: str, diff: str) -> Mutant:
    # mutmut calls a mutant path.x_function__mutmut_1 or path.xǁClassǁmethod__mutmut_1.
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0][2:].replace("ǁ", ".")
    hunks = diff.partition("@@")[2].splitlines()
    taken, put = ("\n".join(line[1:].strip() for line in hunks if line.startswith(sign)) for sign in "-+")
    return Mutant(room, function, taken, put)


def explained() -> Counter[Mutant]:
    """The mutants that may live, each for a reason; as often as there are such that look alike."""
    entries = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
    for entry in entries:
        if set(entry) != {*Mutant._fields, "why"} or not entry["why"] or entry["room"] not in ROOMS:
            sys.exit(f"{EXPLAINED.name}: an entry has {', '.join(Mutant._fields)} and why, and this is none: {entry}")
    return Counter(Mutant(*(entry[name] for name in Mutant._fields)) for entry in entries)


def report(outcomes: list[Outcome]) -> int:
    reasons = explained()
    living = Counter(mutant for outcome in outcomes for mutant in outcome.living)
    unexplained = list((living - reasons).elements())
    obsolete = [mutant for mutant in (reasons - living).elements() if mutant.room in [one.room for one in outcomes]]
    for title, mutants in (("Lives, and nobody says why", unexplained), ("Explained, and lives no more", obsolete)):
        for room, function, line, mutated in mutants:
            print(f"\n{title}: in {function} of {room}", indent(line, "  - "), indent(mutated, "  + "), sep="\n")
    total = Outcome("all", sum(one.mutants for one in outcomes), list(living.elements()))
    print(f"\n{'room':12} mutants  killed  explained  percent")
    for one in [*outcomes, total]:
        known, killed = (Counter(one.living) & reasons).total(), one.mutants - len(one.living)
        print(f"{one.room:12} {one.mutants:7} {killed:7} {known:10} {100 * killed / one.mutants:8.1f}")
    few = [one.room for one in outcomes if 100 - 100 * len(one.living) / one.mutants < LEAST]
    wrong = [f"less than {LEAST:g} percent killed in {', '.join(few)}"] if few else []
    wrong += [f"{len(unexplained)} not in {EXPLAINED.name}"] if unexplained else []
    wrong += [f"{len(obsolete)} in {EXPLAINED.name} that live no more"] if obsolete else []
    print("FAILED: " + "; ".join(wrong) if wrong else "passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    chosen = [name.strip("_") for name in sys.argv[1:]] or ROOMS
    if not set(chosen) <= set(ROOMS):
        sys.exit(f"The rooms: {', '.join(ROOMS)}.")
    found = []
    for name in chosen:
        start = time.monotonic()
        found.append(run(name))
        print(f"{name:12} {len(found[-1].living)} mutants live, {time.monotonic() - start:.0f} s", flush=True)
    sys.exit(report(found))
