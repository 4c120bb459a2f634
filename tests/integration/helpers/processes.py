# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that a test started, and those that these started in turn."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from integration.helpers import fork_server

MARK = "STACKGATE_TEST_RUN"  # the variable of the word by which a test finds what it started
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


@contextlib.contextmanager
def marked() -> Iterator[str]:
    """A word for the environment of what a test starts. Whatever has it is killed at the end."""
    word = f"run-{uuid.uuid4()}"
    try:
        yield word
    finally:
        for left in running_with(word):
            os.kill(left, signal.SIGKILL)


@contextlib.contextmanager
def started(book: Path, environment: Mapping[str, str], word: str) -> Iterator[subprocess.Popen[bytes]]:
    """ansible-playbook in a process group of its own, as from a terminal."""
    process = subprocess.Popen(
        [Path(sys.executable).parent / "ansible-playbook", book],
        cwd=book.parent,
        env={**environment, MARK: word},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
        process.wait()


def interrupt(process: subprocess.Popen[bytes], number: int, word: str) -> None:
    """A signal to ansible-playbook's whole group, as a terminal's Ctrl-C and AWX's cancel are: all of it has to end."""
    os.killpg(process.pid, number)
    until(lambda: process.poll() is not None, "the end of ansible-playbook")
    until(lambda: not running_with(word), "the end of what it started")
    assert process.returncode != 0


def end_module(word: str, name: str, times: int = 1) -> None:
    """SIGTERM to a module itself, and to nothing that Ansible started it with; again and again 20 ms apart."""
    ended = [one for one in running_with(word) if _runs(one, f"AnsiballZ_{name}.py")]
    assert ended, f"no process runs {name}"
    for number in range(times):
        time.sleep(0.02 if number else 0)
        for one in ended:
            with contextlib.suppress(ProcessLookupError):
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
