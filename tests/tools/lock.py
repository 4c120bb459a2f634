# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write constraints-*.txt: what pip resolves our requirements to today, for every Python this machine has."""

from __future__ import annotations

import json
import re
import shutil
import sys

import interpreters
import progress
import virtualenv
from places import CACHE, LOGS, REQUIREMENTS
from versions import PYTHONS

_HEAD = "# Written by `make lock` for Python {}: the versions of our own runs. Users need requirements.txt only.\n"


def lock(version: str, interpreter: str) -> None:
    folder = CACHE / "lock" / version
    shutil.rmtree(folder, ignore_errors=True)
    log = LOGS / "lock.log"
    env = virtualenv.pip_environment()
    # Of a virtual environment: a Python of the operating system may refuse even a dry run.
    progress.run(f"Python {version}", [interpreter, "-m", "venv", folder], log, env, quiet=True)
    report = folder / "report.json"
    command = [virtualenv.python_of(folder), "-m", "pip", "install", "--dry-run", "--ignore-installed"]
    command += ["--report", report]
    command += [word for name in ("dev", "mutants", "docs", "cell") for word in ("-r", REQUIREMENTS / f"{name}.txt")]
    progress.run(f"resolving for Python {version}", command, log, env)
    installs = json.loads(report.read_text(encoding="utf-8"))["install"]
    # PEP 503's form of a name: indexes and wheels spell one and the same name in several ways.
    pins = {re.sub(r"[-_.]+", "-", one["metadata"]["name"]).lower(): one["metadata"]["version"] for one in installs}
    text = _HEAD.format(version) + "".join(f"{name}=={pins[name]}\n" for name in sorted(pins))
    (REQUIREMENTS / f"constraints-{version}.txt").write_text(text, encoding="utf-8")
    shutil.rmtree(folder)


def main() -> int:
    for version in PYTHONS:
        interpreter = interpreters.find(version)
        if not interpreter:
            print(f"Python {version}: no interpreter here, its constraints stay as they are")
            continue
        try:
            lock(version, interpreter)
        except progress.CommandFailed as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
