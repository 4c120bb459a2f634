# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that a test started, and those that these started in turn."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from integration.helpers import fork_server

TIMEOUT = 120  # seconds until what a test waits for counts as lost

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to find processes")


def running_with(word: str) -> list[int]:
    """The ids of processes whose environment has this word; Ansible hands its own on to everything it starts.

    The server that commands are forked from, and what is forked and runs no other program, are left out: whether their
    environment has the word depends on which test came first.
    """
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes() and fork_server.__name__.encode() not in _words(path.parent):
                found.append(int(path.parent.name))
        except OSError:  # gone, or somebody else's
            continue
    return found


def end_module(word: str, name: str) -> None:
    """SIGTERM to a module itself, and to nothing that Ansible started it with."""
    ended = [one for one in running_with(word) if _runs(one, f"AnsiballZ_{name}.py")]
    assert ended, f"no process runs {name}"
    for one in ended:
        os.kill(one, signal.SIGTERM)


def _runs(process: int, script: str) -> bool:
    """Whether this is the interpreter of a script, for which the script is a word, unlike for a shell."""
    try:
        words = _words(Path("/proc", str(process)))[1:]
    except OSError:  # gone
        return False
    return any(os.path.basename(word) == script.encode() and os.path.isfile(word) for word in words)


def _words(process: Path) -> list[bytes]:
    return (process / "cmdline").read_bytes().split(b"\0")


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.2)
