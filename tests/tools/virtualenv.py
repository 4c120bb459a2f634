# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A virtual environment that is made, or brought up to date, only when what it is made from has changed."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import progress
from places import CACHE, ROOT

_STAMP = "stamp.json"


def python_of(folder: Path) -> Path:
    return folder / "bin" / "python"


def fingerprint(*texts: str | Path) -> str:
    """One hash over texts and the contents of files."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.read_bytes() if isinstance(text, Path) else text.encode())
        digest.update(b"\0")
    return digest.hexdigest()


def pip_environment() -> dict[str, str]:
    """The caller's own environment, so that pip finds the caller's settings; only its cache stays with us."""
    env = dict(os.environ)
    env["PIP_CACHE_DIR"] = str(CACHE / "pip")
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    env["PIP_NO_INPUT"] = "1"
    for name in ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV", "PYTHONPATH", "PYTHONHOME"):
        env.pop(name, None)
    return env


def stamp_of(folder: Path) -> dict[str, str]:
    """What a finished environment was made from; empty when there is none, or when it has been moved."""
    try:
        stamp = json.loads((folder / _STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # Scripts in bin/ carry the path they were installed to.
    return stamp if stamp.get("root") == str(ROOT) and python_of(folder).exists() else {}


@contextmanager
def exclusive(name: str) -> Iterator[None]:
    """Two commands that both find something to set up must not do it at the same time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("[set-up] waiting for another set-up in this directory to end")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def make(
    folder: Path,
    interpreter: str,
    version: str,
    requirements: Sequence[str | Path],
    layer: str,
    print_of: str,
    label: str,
    log: Path,
    quiet: bool = False,
) -> None:
    """See that folder holds `requirements` (arguments of pip install), known as `layer` with this fingerprint."""
    stamp = stamp_of(folder)
    if stamp.get("version") == version and stamp.get(layer) == print_of:
        return
    env = pip_environment()
    if stamp.get("version") != version:
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        stamp = {"root": str(ROOT), "version": version, "interpreter": interpreter}
        making = f"making a virtual environment with Python {version}"
        progress.run(making, [interpreter, "-m", "venv", folder], log, env, quiet=quiet)
    pip = [python_of(folder), "-m", "pip", "install", "--progress-bar", "off", *requirements]
    progress.run(label, pip, log, env, quiet=quiet)
    stamp[layer] = print_of
    target = folder / _STAMP
    target.with_suffix(".new").write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    target.with_suffix(".new").replace(target)
