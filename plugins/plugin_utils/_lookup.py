# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The lookup's side of the controller: its options, its readings, and what its flat list has no room for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from ansible.errors import AnsibleLookupError

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import Answer, connect, read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import Request, request
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._memory import Memory, first_rows
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._plugin_errors import resume
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._question import Question, connection

# Of this process. Ansible forks one for each task and host, which then has what the main process remembers.
MEMORY = Memory(time.monotonic, time.time)


def templated_variables(plugin: Any, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """The variables that set the lookup's options, resolved: Ansible hands them over as written."""
    names = {entry["name"] for option in plugin.option_definitions.values() for entry in option.get("vars", [])}
    given = variables or {}
    return {name: plugin._templar.template(given[name]) for name in sorted(names) if name in given}


def requests(terms: list[Any], options: Mapping[str, Any]) -> list[Request]:
    """One request for each stack set; all of them are checked before any is read. Raises OptionError."""
    if not terms:
        raise OptionError("_terms", "names no stack set", "Give one or more: query('...', 'org-baseline').")
    for option in ("operation_id", "starting_token"):
        if len(terms) > 1 and options.get(option) is not None:
            raise OptionError(
                option, f"is given for {len(terms)} stack sets", "It belongs to one: query them one by one."
            )
    return [request({**options, "stack_set_name": term}) for term in terms]


def answers(plugin: Any, asked: list[Request]) -> Iterator[tuple[Request, Answer]]:
    """Each request with its answer, which for a settled operation is from memory. Raises StackSetsError."""
    client = cache(lambda: connect(plugin.client))
    whom = connection(plugin.get_options(), os.environ)
    for one in asked:
        yield one, _answer(client, Question(whom, one), plugin.warn)


def _answer(client: Callable[[], Any], question: Question, warn: Callable[[str], None]) -> Answer:
    kept = MEMORY.answer(question)
    if kept is not None:
        return kept
    began, asked, first = MEMORY.elapsed(), question.asked, None
    if MEMORY.wants_first_rows(question):
        first = read_results(client(), first_rows(asked), warn).reading.rows
        # Both readings together take no longer than one may.
        left = asked.reading_timeout - (MEMORY.elapsed() - began)
        asked = asked._replace(reading_timeout=max(1.0, left))
    answer = read_results(client(), asked, warn)
    MEMORY.add(question, answer, began, first)
    return answer


def refuse_truncated(plugin: Any, asked: Request, answer: Answer) -> None:
    """Raise, or warn with on_truncated=warn, where max_items kept rows back."""
    way_on = resume(answer.operation, answer.reading)
    if not way_on:
        return
    message = (
        f"max_items={asked.max_items} kept back results of stack set {asked.stack_set.value}; {way_on} goes on after"
        " those read."
    )
    if plugin.get_option("on_truncated") != "warn":
        raise AnsibleLookupError(
            f"{message} A list has no room for that token: leave max_items out, set on_truncated='warn', or read with"
            " the module stackgate.stacksets.operation_results_info."
        )
    plugin.warn(message)
