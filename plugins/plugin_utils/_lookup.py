# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The lookup's side of the controller: its options, its readings, and what its flat list does not tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible.errors import AnsibleLookupError

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import connect
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import ResultsRequest, read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import ReadResult, read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import is_given
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._plugin_errors import resume


def templated_variables(plugin: Any, variables: Mapping[str, Any] | None) -> dict[str, Any]:
    """The variables that set the lookup's options, resolved: Ansible hands them over as written."""
    names = {entry["name"] for option in plugin.option_definitions.values() for entry in option.get("vars", [])}
    given = variables or {}
    return {name: plugin._templar.template(given[name]) for name in sorted(names) if name in given}


def read_requests(terms: list[Any], options: Mapping[str, Any]) -> list[ResultsRequest]:
    """One request for each stack set; all of them are checked before any is read. Raises OptionError."""
    if not terms:
        raise OptionError("_terms", "has no stack set", "Add one or more: query('...', 'org-baseline').")
    if any(isinstance(term, (list, tuple)) for term in terms):
        raise OptionError("_terms", "has a list", "Pass its elements: query('...', *names).")
    for option in ("operation_id", "starting_token"):
        if len(terms) > 1 and is_given(options.get(option)):
            raise OptionError(
                option, f"is set for {len(terms)} stack sets", "It belongs to one. Query them separately."
            )
    return [read_request({**options, "stack_set_name": term}) for term in terms]


def read_all(plugin: Any, requests: list[ResultsRequest]) -> Iterator[tuple[ResultsRequest, ReadResult]]:
    """Each request with its result, over one client. Raises StackSetsError."""
    client = connect(plugin.client)
    for request in requests:
        yield request, read_results(client, request, plugin.warn)


def refuse_truncated(plugin: Any, request: ResultsRequest, result: ReadResult) -> None:
    """Raise, or warn with on_truncated=warn, where max_items kept rows back."""
    way_on = resume(result.operation, result.reading)
    if not way_on:
        return
    message = (
        f"max_items={request.max_items} left out results of stack set {request.stack_set.value}. Set {way_on} to"
        " resume after them."
    )
    if plugin.get_option("on_truncated") != "warn":
        raise AnsibleLookupError(
            f"{message} A lookup cannot return that token: omit max_items, set on_truncated='warn', or use the"
            " module stackgate.stacksets.operation_results_info."
        )
    plugin.warn(message)
