# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Progress of a gate that waits: the controller polls until the operation has ended, then the module decides.

Polls bring lines and the time of the last run, nothing else: the task's result is what the last run returns, which has
the task's own arguments. A timer shows that the task is still at work, whatever it is at.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.validation import check_type_list

from ansible_collections.stackgate.stacksets.plugins.module_utils._backoff import Clock, backoff_delay
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import error_fact
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.process import Process

LINE_INTERVAL = 60.0  # seconds without a line, at most
_ID_START = 8  # of an operation's id, enough for the eye
_TIMED_OUT = (
    "Next: set the task's timeout above wait_timeout, so that the gate can report its result, or run the task again; it"
    " only reads."
)

Arguments = Mapping[str, Any]
Execute = Callable[[dict[str, Any]], dict[str, Any]]


class Progress:
    """That of one task. ``execute`` runs the module with these arguments, ``show`` takes a line."""

    def __init__(
        self,
        arguments: Arguments,
        execute: Execute,
        show: Callable[[str], None],
        clock: Clock | None = None,
    ) -> None:
        self._arguments = dict(arguments)
        self._execute = execute
        self._show = show
        process = Process()
        self._clock = clock or Clock(process.elapsed, process.sleep, random.random)
        self._state = ""
        self._calls = 0

    def run(self) -> dict[str, Any]:
        """The result of the last run of the module, which decides."""
        try:
            with self._timer():
                ran = self._execute(self._last_arguments())
        except BaseException as error:
            # The task keyword C(timeout): its exception has no public name that all of ansible-core share.
            if type(error).__name__ != "TaskTimeoutError":
                raise
            return self._timed_out()
        if isinstance(ran.get("progress"), dict):
            ran["progress"]["elapsed"] = round(self._clock.elapsed(), 1)
        if isinstance(ran.get("calls"), int):
            ran["calls"] += self._calls
        return ran

    def _last_arguments(self) -> dict[str, Any]:
        operations = self._arguments.get("operations")
        if operations is not None:
            self._state = waiting_for(operations)
            return self._arguments
        spec = {name: one for name, one in waiting_options().items() if name.startswith("wait")}
        given = {name: self._arguments[name] for name in spec if self._arguments.get(name) is not None}
        options = ArgumentSpecValidator(spec).validate(given)
        wait, wait_timeout, wait_sleep = (options.validated_parameters[name] for name in spec)
        if options.error_messages or not wait or wait_timeout <= 0:
            return self._arguments  # nothing to wait for, or nothing that the module takes
        return self._poll(wait_timeout, wait_sleep)

    def _poll(self, wait_timeout: int, wait_sleep: int) -> dict[str, Any]:
        """Poll until the module may decide; its arguments are the task's but for the time left and ``latest``."""
        arguments = dict(self._arguments)
        status: Any = ""
        polls_since_change, reached, again = 0, False, True
        while again:
            arguments["wait_timeout"] = int(max(wait_timeout - self._clock.elapsed(), 0.0))
            polled = self._execute({**arguments, "poll_only": True})
            self._tell(polled)
            self._calls += polled.get("calls") or 0
            if polled.get("created_before"):
                arguments["created_before"] = polled["created_before"]
            left = max(wait_timeout - self._clock.elapsed(), 0.0)
            wanted = polled.get("poll_again") or (reached and polled.get("poll_again_if_reached"))
            again = left > 0 and bool(wanted)
            reached = reached or bool(polled.get("poll_again"))
            if again:
                polls_since_change = polls_since_change + 1 if polled.get("status") == status else 0
                status = polled.get("status")
                self._clock.sleep(min(backoff_delay(wait_sleep, polls_since_change, self._clock.random()), left))
        return {**arguments, "wait_timeout": 0 if polled.get("interrupted") else int(left)}

    def _tell(self, polled: Mapping[str, Any]) -> None:
        state = self._state_of(polled)
        if state and state != self._state:
            self._state = state
            self._show_line()

    def _state_of(self, polled: Mapping[str, Any]) -> str:
        """``baseline 5d1f2a44…: RUNNING, 3 failed``; empty where the module refused the arguments."""
        if "poll_again" not in polled:
            return ""
        name = str(self._arguments.get("stack_set_name")).rsplit("/", 1)[-1].split(":")[0]
        operation_id = polled.get("operation_id") or self._arguments.get("operation_id") or ""
        said = []
        if polled.get("problem"):
            said.append(one_line(polled["problem"], 60))
            said += ["retrying"] if polled["poll_again"] or polled["poll_again_if_reached"] else []
        else:
            said.append(one_line(polled.get("status") or "no operation yet", 40))
            failed = polled.get("failed_stack_instances_count")
            said += [] if failed is None else [f"{failed:,} failed"]
        return f"{one_line(name, 128)} {_short(str(operation_id))}: {', '.join(said)}, "

    def _show_line(self) -> None:
        self._show(f"{self._state}{duration(self._clock.elapsed())}")

    def _timed_out(self) -> dict[str, Any]:
        line = f"{self._state}{duration(self._clock.elapsed())}"
        message = f"Gate inconclusive: The task's timeout ended the wait ({line}). {_TIMED_OUT}"
        return {
            "failed": True,
            "timedout": True,
            "msg": message,
            "gate": {"passed": False, "verdict": "inconclusive"},
            **error_fact("TaskTimeout", "The task's timeout ended the wait."),
        }

    @contextmanager
    def _timer(self) -> Iterator[None]:
        """A line at least once a minute, while the block runs."""
        over = threading.Event()

        def tick() -> None:
            while not over.wait(LINE_INTERVAL):
                if self._state:
                    self._show_line()

        threading.Thread(target=tick, name="progress", daemon=True).start()
        try:
            yield
        finally:
            over.set()


def waiting_for(operations: Any) -> str:
    """``500 operations, waiting for``; empty for anything but a list, which the module refuses."""
    try:
        return f"{len(check_type_list(operations))} operations, waiting for "
    except TypeError:
        return ""


def _short(operation_id: str) -> str:
    text = one_line(operation_id)
    return text if len(text) <= _ID_START + 4 else f"{text[:_ID_START]}…"


def duration(seconds: float) -> str:
    """2m10s; 1h02m05s; 9s."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m{rest:02}s"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
