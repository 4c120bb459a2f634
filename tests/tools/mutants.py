# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mutation testing of the modules that need no network: do the unit tests notice when a line of code is changed?

Each module is mutated by mutmut in a copy of the checkout, and meets only the tests named here for it. At least 95 of
100 mutants must be killed, and each survivor must be explained in surviving_mutants.yml, beside the tests.

Names of modules as arguments mutate only those: mutants.py _gate/evaluate _wait/waiter
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
EXPLAINED = ROOT / "tests" / "unit" / "surviving_mutants.yml"
LEAST = 95.0

_WAITER = tuple(
    f"_wait/test_waiter{about}" for about in ("", "_explained", "_latest", "_limits", "_polls", "_settling")
)
_DECISION = ("_gate/test_evaluate", "_gate/test_message_advice", "_modules/test_gate_messages")
# By their paths below module_utils or plugin_utils.
MODULES = ["_api/normalise", "_api/pagination", "_api/throttling", "_backoff"]
MODULES += ["_rows/results", "_rows/operations", "_rows/reason_masks", "_rows/sentences"]
MODULES += ["_gate/evaluate", "_gate/counts", "_gate/message", "_gate/remediation"]
MODULES += ["_wait/evidence", "_wait/latest", "_wait/waiter", "_wait/poll"]
MODULES += ["_wait/scheduler", "_modules/batch", "_modules/batch_result", "_progress", "_inventory/targets"]
MODULES += ["_filters/report_options"]
MODULES += [f"_render/{name}" for name in ("report", "headline", "_html/map", "csv", "junit", "markdown")]
# All others meet the file of tests that has their name.
_TESTS = {
    "_api/pagination": ("_api/test_pagination", "_api/test_results_reader"),
    "_backoff": (*_WAITER, "_api/test_throttling"),
    "_gate/evaluate": (*_DECISION, "_wait/test_evidence", "_wait/test_waiter_explained"),
    "_gate/counts": (*_DECISION, "_wait/test_waiter_explained"),
    "_gate/message": ("_gate/test_message", "_gate/test_message_advice"),
    "_gate/remediation": ("_gate/test_remediation", "_gate/test_message", "_gate/test_message_advice"),
    "_render/headline": ("_render/test_report",),
    "_wait/evidence": ("_wait/test_evidence", *_WAITER),
    "_wait/latest": _WAITER,
    "_wait/waiter": _WAITER,
    "_wait/poll": ("_wait/test_waiter_polls",),
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
_SURVIVING = {"survived", "no tests"}


class Mutant(NamedTuple):
    """One change; the text of its lines tells it from others, for their numbers change with every edit."""

    module: str
    function: str
    line: str
    mutated: str


class Outcome(NamedTuple):
    module: str
    mutants: int
    surviving: list[Mutant]


def _prepare(module: str) -> Path:
    """The place where mutmut runs: a copy of the checkout with a configuration of its own above it."""
    place = FOLDER / module.replace("/", ".")
    (FOLDER / "tmp").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    checkout.copy_to(place, Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]))
    source = next(place.glob(f"{_COLLECTION}/plugins/*_utils/{module}.py")).relative_to(place)
    tests = f"{_COLLECTION}/tests/unit/plugins/{source.relative_to(_COLLECTION).parts[1]}"
    folder, _, name = module.rpartition("/")
    chosen = _TESTS.get(module, (f"{folder}/test_{name}",))
    settings = {
        "source_paths": [_COLLECTION],
        "only_mutate": [str(source)],
        "pytest_add_cli_args_test_selection": [f"{tests}/{name}.py" for name in chosen],
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


def run(module: str) -> Outcome:
    """Mutate one module, and run its tests on each mutant."""
    place = _prepare(module)
    _mutmut(place, "run")
    listed = re.findall(r"^ +(\S+): (.+)$", _mutmut(place, "results", "--all", "true"), re.MULTILINE)
    unclear = [f"{name}: {status}" for name, status in listed if status not in _KILLED | _SURVIVING]
    if unclear or not listed:
        sys.exit(f"{module}: no answer for each mutant: {', '.join(unclear) or 'there are none'}")
    surviving = [_mutant(module, name, _mutmut(place, "show", name)) for name, status in listed if status in _SURVIVING]
    return Outcome(module, len(listed), surviving)


def _mutant(module: str, name: str, diff: str) -> Mutant:
    # mutmut calls a mutant path.x_function__mutmut_1 or path.xǁClassǁmethod__mutmut_1.
    function = name.rpartition(".")[2].rpartition("__mutmut_")[0][2:].replace("ǁ", ".")
    hunks = diff.partition("@@")[2].splitlines()
    taken, put = ("\n".join(line[1:].strip() for line in hunks if line.startswith(sign)) for sign in "-+")
    return Mutant(module, function, taken, put)


def explained() -> Counter[Mutant]:
    """The mutants that may live, each for a reason; as often as there are such that look alike."""
    entries = yaml.safe_load(EXPLAINED.read_text(encoding="utf-8"))
    for entry in entries:
        if set(entry) != {*Mutant._fields, "why"} or not entry["why"] or entry["module"] not in MODULES:
            sys.exit(f"{EXPLAINED.name}: an entry has {', '.join(Mutant._fields)} and why, and this is none: {entry}")
    return Counter(Mutant(*(entry[name] for name in Mutant._fields)) for entry in entries)


def report(outcomes: list[Outcome]) -> int:
    reasons = explained()
    surviving = Counter(mutant for outcome in outcomes for mutant in outcome.surviving)
    unexplained = list((surviving - reasons).elements())
    obsolete = [
        mutant for mutant in (reasons - surviving).elements() if mutant.module in [one.module for one in outcomes]
    ]
    for title, mutants in (
        ("Survives, and nobody says why", unexplained),
        ("Explained, and survives no more", obsolete),
    ):
        for module, function, line, mutated in mutants:
            print(f"\n{title}: in {function} of {module}", indent(line, "  - "), indent(mutated, "  + "), sep="\n")
    total = Outcome("all", sum(one.mutants for one in outcomes), list(surviving.elements()))
    print(f"\n{'module':22} mutants  killed  explained  percent")
    for one in [*outcomes, total]:
        known, killed = (Counter(one.surviving) & reasons).total(), one.mutants - len(one.surviving)
        print(f"{one.module:22} {one.mutants:7} {killed:7} {known:10} {100 * killed / one.mutants:8.1f}")
    few = [one.module for one in outcomes if 100 - 100 * len(one.surviving) / one.mutants < LEAST]
    wrong = [f"less than {LEAST:g} percent killed in {', '.join(few)}"] if few else []
    wrong += [f"{len(unexplained)} not in {EXPLAINED.name}"] if unexplained else []
    wrong += [f"{len(obsolete)} in {EXPLAINED.name} that survive no more"] if obsolete else []
    print("FAILED: " + "; ".join(wrong) if wrong else "passed")
    return 1 if wrong else 0


if __name__ == "__main__":
    chosen = sys.argv[1:] or MODULES
    if not set(chosen) <= set(MODULES):
        sys.exit(f"The modules: {', '.join(MODULES)}.")
    found = []
    for name in chosen:
        start = time.monotonic()
        found.append(run(name))
        print(f"{name:22} {len(found[-1].surviving)} mutants survive, {time.monotonic() - start:.0f} s", flush=True)
    sys.exit(report(found))
