# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The controller's side of a waiting gate: one run of the module for each poll, and a line for each change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._decision import Evidence, Missing
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate import decide
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate_result import decision_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._results import Tally
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line

_ID_START = 8  # of an operation's id, enough for the eye
_TIMED_OUT = (
    "Next: give the task a timeout above wait_timeout, so that the gate can say what it knows, or run it again; it only"
    " reads."
)


class Pauses:
    """The time since a task began, and the sleep between two polls, in a process that Ansible has forked for it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._parent = os.getppid()

    def elapsed(self) -> float:
        return time.monotonic() - self._began

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises SystemExit where Ansible is gone: nobody would take the answer."""
        time.sleep(seconds)
        if os.getppid() != self._parent:
            raise SystemExit(1)


class Polls:
    """The polls of one wait; ``show`` takes a line."""

    def __init__(self, arguments: Mapping[str, Any], show: Callable[[str], None]) -> None:
        self._arguments = arguments
        self._show = show
        self._pauses = Pauses()
        self._shown: tuple[Any, ...] | None = None
        self._progress: dict[str, Any] = {}

    def run(self, execute: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Run the module until it has decided; its result."""
        try:
            watch: dict[str, Any] = {}
            while True:
                watch["elapsed"] = self._pauses.elapsed()
                ran = execute({**self._arguments, "watch": watch})
                self._tell(ran.get("progress"))
                if "pause" not in ran:
                    # What the polls hand on to each other is no argument of the user's.
                    ran.get("invocation", {}).get("module_args", {}).pop("watch", None)
                    return ran
                watch = dict(ran["watch"])
                self._pauses.sleep(ran["pause"])
        except BaseException as error:
            if not is_timeout(error):
                raise
            result = timed_out(self._pauses.elapsed(), self._progress.get("operation_id"))
            return {**result, "progress": self._progress}

    def _tell(self, progress: Mapping[str, Any] | None) -> None:
        if not progress:
            return
        self._progress = dict(progress)
        new = tuple(value for name, value in progress.items() if name != "elapsed")
        if new != self._shown:
            self._shown = new
            self._show(progress_line(str(self._arguments.get("stack_set_name")), progress))


def is_timeout(error: BaseException) -> bool:
    """Whether this is the task keyword C(timeout): its exception has no public name that all of ansible-core share."""
    return type(error).__name__ == "TaskTimeoutError"


def timed_out(seconds: float, operation_id: str | None) -> dict[str, Any]:
    """The result of a wait that the keyword ended after so many seconds."""
    missing = Missing("interrupted", f"The task's timeout ended the wait after {duration(seconds)}.")
    decision = decide(Evidence(None, Tally().counts(), frozenset(), missing=(missing,)), policy({}))
    return {
        "failed": True,
        "msg": f"Gate inconclusive: {missing.message} {_TIMED_OUT}",
        "timedout": True,
        "gate": decision_fact(decision, (), operation_id),
    }


def progress_line(stack_set_name: str, progress: Mapping[str, Any]) -> str:
    """``baseline 5d1f2a44…: RUNNING, 3 failed, at least 420 done, 2m10s``."""
    name = stack_set_name.rsplit("/", 1)[-1].split(":")[0]
    said = [one_line(progress["status"] or "no operation yet", 40)]
    if progress["in_front"]:
        said[0] += f" behind {_short(progress['in_front'])}"
    if progress["failed_stack_instances_count"] is not None:
        said.append(f"{progress['failed_stack_instances_count']} failed")
    if progress["done_at_least"] is not None:
        said.append(f"at least {progress['done_at_least']} done")
    said.append(duration(progress["elapsed"]))
    operation = f" {_short(progress['operation_id'])}" if progress["operation_id"] else ""
    return f"{one_line(name, 128)}{operation}: {', '.join(said)}"


def _short(operation_id: str) -> str:
    text = one_line(operation_id, 128)
    return text if len(text) <= _ID_START + 4 else f"{text[:_ID_START]}…"


def duration(seconds: float) -> str:
    """2m10s; 1h02m05s; 9s."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m{rest:02}s"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
