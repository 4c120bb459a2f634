# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages of npm's that the tests of the report need, where the machine has npm; the tests say what they miss."""

from __future__ import annotations

import shutil

import progress
import virtualenv
from places import CACHE, LOGS, REQUIREMENTS

FOLDER = CACHE / "node"
_WANTED = REQUIREMENTS / "node"
_STAMP = FOLDER / "stamp"


def ensure() -> None:
    """See that they are installed as locked. Without npm, or without its registry, nothing fails here."""
    npm = shutil.which("npm")
    wanted = virtualenv.fingerprint(*sorted(_WANTED.glob("package*.json")))
    if not npm or (_STAMP.exists() and _STAMP.read_text(encoding="utf-8") == wanted):
        return
    with virtualenv.exclusive("node"):
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(_WANTED, FOLDER)
        command = [npm, "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            progress.run("installing the accessibility checker from npm", command, LOGS / "node.log", cwd=FOLDER)
        except progress.CommandFailed as error:
            progress.say(f"[set-up]   tests that need it will be skipped. {error}")
        else:
            _STAMP.write_text(wanted, encoding="utf-8")
