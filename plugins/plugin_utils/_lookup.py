# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The lookup's side of the controller: its options, its errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleLookupError

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._reading import Reading
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import Answer
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._validate import Request, request


def refuse_unknown_options(plugin: Any, given: Mapping[str, Any]) -> None:
    """Raise for a keyword that the lookup does not have: Ansible itself ignores it."""
    options = plugin.option_definitions
    known = {*options, *(alias for option in options.values() for alias in option.get("aliases", []))}
    unknown = sorted(set(given) - known - {"wantlist"})  # query() is lookup(wantlist=True)
    if unknown:
        names = ", ".join(sorted(set(options) - {"_terms"}))
        raise AnsibleLookupError(f"No such option: {one_line(', '.join(unknown))}. The options are {names}.")


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


def refuse_truncated(plugin: Any, asked: Request, answer: Answer) -> None:
    """Raise, or warn with on_truncated=warn, where max_items kept rows back."""
    resume = _resume(answer.operation, answer.reading)
    if not resume:
        return
    message = (
        f"max_items={asked.max_items} kept back results of stack set {asked.stack_set.value}; {resume} goes on after"
        " those read."
    )
    if plugin.get_option("on_truncated") != "warn":
        raise AnsibleLookupError(
            f"{message} A list has no room for that token: leave max_items out, set on_truncated='warn', or read with"
            " the module stackgate.stacksets.operation_results_info."
        )
    plugin.warn(message)


def _resume(operation: Mapping[str, Any] | None, reading: Reading) -> str | None:
    """The options that go on with a reading; None where nothing remains. The token is that operation's only."""
    token = reading.next_token
    if token is None:
        return None
    return f"operation_id={one_line((operation or {}).get('OperationId'))} with starting_token={token}"


@contextmanager
def translated_errors() -> Iterator[None]:
    """The core's errors as a lookup's; a list can't carry what was read, so the message says how to go on."""
    try:
        yield
    except StackSetsError as error:
        message = error.message
        if error.reading and error.reading.count:
            message += f" {error.reading.count} rows were read before"
            resume = _resume(error.operation, error.reading)
            message += f"; {resume} goes on after them." if resume else "."
            message += " The module stackgate.stacksets.operation_results_info returns such rows."
        # Without its cause: ansible-core puts the whole chain into the message, and this one says it all.
        raise AnsibleLookupError(message) from None
