# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The controller's side of several waiting gates: rounds of polls, and a line for each change of the numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.validation import check_type_list

from ansible_collections.stackgate.stacksets.plugins.module_utils._many_result import carried, progress_of, together
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import (
    Pauses,
    Polls,
    duration,
    is_timeout,
    timed_out,
)


def polls_of(arguments: Mapping[str, Any], show: Callable[[str], None]) -> Polls | ManyPolls:
    """Those of one wait, or of several, as the task's arguments have it; ``show`` takes a line."""
    try:
        # As the module will: Ansible takes a text with commas for a list too.
        operations = check_type_list(arguments["operations"])
    except (KeyError, TypeError):  # what is no list the module refuses
        return Polls(arguments, show)
    return ManyPolls({**arguments, "operations": operations}, show)


class ManyPolls:
    """The polls of several waits; ``show`` takes a line. One whose gate has decided is not asked for again."""

    def __init__(self, arguments: Mapping[str, Any], show: Callable[[str], None]) -> None:
        self._arguments = arguments
        self._show = show
        self._pauses = Pauses()
        self._entries: list[dict[str, Any] | None] = [None] * len(arguments["operations"])
        self._shown = ""
        self._warnings: list[Any] = []
        self._fails = False

    def run(self, execute: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        """Run the module until all have decided; the result of the task."""
        try:
            watch: dict[str, Any] = {}
            while True:
                left = [number for number, entry in enumerate(self._entries) if entry is None]
                watch["elapsed"] = self._pauses.elapsed()
                operations = [self._arguments["operations"][number] for number in left]
                ran = execute({**self._arguments, "operations": operations, "watch": watch})
                if "gates" not in ran:
                    return ran
                for number, entry in zip(left, ran["gates"], strict=True):
                    self._entries[number] = entry
                self._fails = self._fails or ran["fails"]
                self._warnings += ran.get("warnings", [])
                self._tell(ran["statuses"])
                if None not in self._entries:
                    return self._ended(ran)
                watch = dict(ran["watch"])
                self._pauses.sleep(ran["pause"])
        except BaseException as error:
            if not is_timeout(error):
                raise
            return {
                **timed_out(self._pauses.elapsed(), None),
                "gates": carried([entry for entry in self._entries if entry]),
            }

    def _tell(self, statuses: list[str | None]) -> None:
        line = progress_of(self._entries, statuses)
        if line != self._shown:
            self._shown = line
            self._show(f"{line}; {duration(self._pauses.elapsed())}")

    def _ended(self, ran: Mapping[str, Any]) -> dict[str, Any]:
        result = together(self._entries)
        fails = self._fails or (ran["fail_on_closed"] and not result["gate"]["passed"])
        invocation = ran.get("invocation", {})
        # What the last round was about is no argument of the user's.
        invocation.get("module_args", {}).pop("watch", None)
        invocation.get("module_args", {}).update(operations=self._arguments["operations"])
        return {
            **result,
            "changed": False,
            "invocation": invocation,
            **({"failed": True} if fails else {}),
            **({"warnings": self._warnings} if self._warnings else {}),
        }
