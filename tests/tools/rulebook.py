# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-rulebook, in a virtual environment of its own: it does not get along with the versions that we lock.

Started as a script it sees that the environment is there, and prints the command.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import environment
import interpreters
import virtualenv
from places import CACHE, LOGS, REQUIREMENTS, VENV
from progress import CommandFailed
from versions import PYTHONS

FOLDER = CACHE / "rulebook"
# The oldest Java that its rule engine runs on.
_JAVA = 17
# It leaves out a version that the lock of the development environment has.
_FREE = {"pyparsing"}


def why_not() -> str | None:
    """Why this machine can't run it: there is no Java, or only an old one."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if not java:
        return f"ansible-rulebook needs Java {_JAVA} or newer, and there is none"
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        return f"ansible-rulebook needs Java {_JAVA} or newer, and {java} does not run: {error}"
    found = re.search(r'version "(\d+)', said)
    if not found or int(found[1]) < _JAVA:
        return f"ansible-rulebook needs Java {_JAVA} or newer, and {java} is {said.splitlines()[0]}"
    return None


def _constraints(version: str) -> str:
    path = environment.constraints(version)
    locked = path.read_text(encoding="utf-8").splitlines() if path else []
    return "".join(f"{pin}\n" for pin in locked if "==" in pin and pin.split("==")[0] not in _FREE)


def ensure() -> Path:
    """See that it is installed; its command. The commands of ansible-core come from the PATH of whoever runs it."""
    stamp = virtualenv.stamp_of(VENV)
    version, interpreter = (stamp["version"], stamp["interpreter"]) if stamp else interpreters.first_of(PYTHONS)
    limits, requirements = _constraints(version), REQUIREMENTS / "rulebook.txt"
    with virtualenv.exclusive("rulebook"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        constraints = FOLDER / "constraints.txt"
        constraints.write_text(limits, encoding="utf-8")
        virtualenv.make(
            FOLDER / "venv",
            interpreter,
            version,
            ["-r", requirements, "-c", constraints],
            layer="rulebook",
            print_of=virtualenv.fingerprint(limits, requirements),
            label="installing ansible-rulebook",
            log=LOGS / "rulebook.log",
        )
    return FOLDER / "venv" / "bin" / "ansible-rulebook"


def main() -> int:
    try:
        print(ensure())
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
