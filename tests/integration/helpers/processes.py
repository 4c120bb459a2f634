# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that a test started, and those that these started in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

TIMEOUT = 120  # seconds until what a test waits for counts as lost

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to find processes")


def running_with(word: str) -> list[int]:
    """The ids of processes whose environment has this word; Ansible hands its own on to everything it starts."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if word.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:  # gone, or somebody else's
            continue
    return found


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end, f"waited in vain: {what}"
        time.sleep(0.2)
