# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Python interpreters of this machine that really run and can make a virtual environment."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

# ensurepip is what Debian splits off into python3-venv.
_PROBE = "import sys, ssl, venv, ensurepip; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"


def _candidates(version: str) -> list[Path]:
    folders = [Path(folder) for folder in os.get_exec_path()]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders += sorted(pyenv.glob(f"versions/{version}*/bin"), reverse=True)
    found = [folder / f"python{version}" for folder in folders]
    found += [folder / "python3" for folder in folders]
    return [path for path in dict.fromkeys(found) if path.is_file() and os.access(path, os.X_OK)]


@cache
def _probe(path: Path) -> tuple[str, str] | None:
    """(version, executable) as the interpreter says it itself: a pyenv shim exists and yet may not run."""
    try:
        done = subprocess.run([path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.split("\n")
    return (lines[0], lines[1]) if done.returncode == 0 and len(lines) > 1 else None


def find(version: str) -> str | None:
    """The path of an interpreter of this version (3.12), or None."""
    for path in _candidates(version):
        answer = _probe(path)
        if answer and answer[0] == version:
            return answer[1]
    return None


def first_of(versions: tuple[str, ...]) -> tuple[str, str]:
    """(version, path) of the first one this machine has; the running interpreter if it has none of them."""
    for version in versions:
        path = find(version)
        if path:
            return version, path
    answer = _probe(Path(sys.executable))
    if answer:
        return answer
    sys.exit(
        "No usable Python found: one of " + ", ".join(versions) + " with the venv module is needed "
        "(on Debian and Ubuntu: apt install python3-venv)."
    )
