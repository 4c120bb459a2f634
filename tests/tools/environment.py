# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The development environment: made on first use, in layers, so that the demo need not wait for the linters."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import collections_tree
import interpreters
import node_packages
import virtualenv
from places import CACHE, HOME, LOGS, REQUIREMENTS, ROOT, VENV
from versions import PYTHONS

# Each with the layers below it.
LAYERS = {"demo": (), "dev": ("demo",), "mutants": ("demo", "dev"), "docs": ("demo", "dev")}
_WHAT = {
    "demo": "ansible-core, boto3 and the emulator (the first time: about a minute)",
    "dev": "the test tools: pytest, ansible-lint, ... (the first time: about a minute)",
    "mutants": "mutmut",
    "docs": "the documentation site's theme",
}


def constraints(version: str) -> Path | None:
    path = REQUIREMENTS / f"constraints-{version}.txt"
    return path if path.exists() else None


def _prints(version: str) -> dict[str, str]:
    locked = constraints(version)
    demo = virtualenv.fingerprint(REQUIREMENTS / "demo.txt", locked or "not locked")
    dev = virtualenv.fingerprint(demo, REQUIREMENTS / "dev.txt")
    return {
        "demo": demo,
        "dev": dev,
        "mutants": virtualenv.fingerprint(dev, REQUIREMENTS / "mutants.txt"),
        "docs": virtualenv.fingerprint(dev, REQUIREMENTS / "docs.txt"),
    }


def _current(layer: str) -> bool:
    stamp = virtualenv.stamp_of(VENV)
    return bool(stamp) and stamp.get(layer) == _prints(stamp["version"])[layer]


def core_version(folder: Path = VENV) -> str:
    """The ansible-core that pip has put there, without starting a Python to ask."""
    found = sorted(folder.glob("lib/python*/site-packages/ansible_core-*.dist-info"))
    if not found:
        sys.exit(f"No ansible-core in {folder}: remove that directory and try again.")
    return found[-1].name.removesuffix(".dist-info").split("-")[1]


def ensure(layer: str = "dev") -> Path:
    """See that the environment and its tree of collections exist; the root of that tree."""
    if not _current(layer):
        with virtualenv.exclusive("set-up"):
            _update(layer)
    if layer != "demo":
        node_packages.ensure()
    return collections_tree.ensure(core_version())


def _update(layer: str) -> None:
    known = virtualenv.stamp_of(VENV)
    if known:
        version, interpreter = known["version"], known["interpreter"]
    else:
        version, interpreter = interpreters.first_of(PYTHONS)
    locked = constraints(version)
    if not locked:
        print(f"[set-up] no constraints for Python {version}: taking the newest versions", file=sys.stderr)
    limits = ["-c", locked] if locked else []
    for step in (*LAYERS[layer], layer):
        virtualenv.make(
            VENV,
            interpreter,
            version,
            ["-r", REQUIREMENTS / f"{step}.txt", *limits],
            layer=step,
            print_of=_prints(version)[step],
            label=f"installing {_WHAT[step]}",
            log=LOGS / "set-up.log",
        )


def variables(tree: Path, venv: Path = VENV, keep_home: bool = False) -> dict[str, str]:
    """The environment in which everything of this project runs.

    keep_home: for the demo, which may run against the real service with the caller's own AWS profile;
    the caller's own settings of Ansible stay with it.
    """
    env = dict(os.environ)
    if not keep_home:
        # A test must not depend on how the caller likes Ansible's output.
        env = {name: value for name, value in env.items() if not name.startswith("ANSIBLE_")}
        env = {name: value for name, value in env.items() if not name.startswith("XDG_")}
        env["HOME"] = str(HOME)
    env.pop("PYTHONHOME", None)
    env.update(
        PATH=os.pathsep.join([str(venv / "bin"), os.environ.get("PATH", os.defpath)]),
        VIRTUAL_ENV=str(venv),
        PYTHONPATH=str(ROOT / "tests"),
        ANSIBLE_COLLECTIONS_PATH=str(tree),
        ANSIBLE_HOME=str(HOME / ".ansible"),
        ANSIBLE_LOCAL_TEMP=str(HOME / ".ansible" / "tmp"),
        ANSIBLE_REMOTE_TMP=str(HOME / ".ansible" / "tmp"),
        PIP_CACHE_DIR=str(CACHE / "pip"),
        # Tools that ask git for the files of amazon.aws must not hear that our repository ignores them all.
        GIT_CEILING_DIRECTORIES=str(CACHE),
        PYTEST_DEBUG_TEMPROOT=str(CACHE / "tmp"),
        STACKGATE_EMULATOR_PYTHON=str(VENV / "bin" / "python"),
    )
    for folder in (HOME / ".ansible" / "tmp", CACHE / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    return env
