# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a long command with a sign of life; keep what it says in a log and show its end only when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

BEAT = 5.0


class CommandFailed(Exception):
    """The message says which command failed, where its log is and how it ended."""


def say(text: str) -> None:
    # stderr: `run.py COMMAND` must leave COMMAND's stdout to whoever reads it.
    print(text, file=sys.stderr, flush=True)


def tail(log: Path, lines: int = 30) -> str:
    with log.open(encoding="utf-8", errors="replace") as stream:
        return "".join("    " + line.rstrip("\n") + "\n" for line in deque(stream, maxlen=lines))


def run(
    label: str,
    command: Sequence[str | Path],
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    quiet: bool = False,
) -> None:
    """Run command; raise CommandFailed when it does. quiet: for callers that write their own lines."""
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    if not quiet:
        say(f"[set-up] {label}")
    with log.open("a", encoding="utf-8") as stream:
        stream.write("$ " + " ".join(str(word) for word in command) + "\n")
        stream.flush()
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=dict(os.environ if env is None else env),
            cwd=cwd,
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=BEAT)
                    break
                except subprocess.TimeoutExpired:
                    if not quiet:
                        say(f"[set-up]   ... {time.monotonic() - start:3.0f} s")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    if code:
        raise CommandFailed(f"{label}: failed with exit code {code}. The end of {log}:\n{tail(log)}")
    if not quiet:
        say(f"[set-up]   done in {time.monotonic() - start:.1f} s")
