# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a template gives a filter as rows, checked: rows by themselves, or a result of operation_results_info.

Ansible hands over subclasses of str, int, list and dict, and containers that compute a member when it is asked for:
nothing here asks for an exact type, and every member is fetched by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from inspect import signature
from typing import Any, NamedTuple, cast

from ansible.errors import AnsibleFilterError
from jinja2 import Undefined

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import worst_rows
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import Row
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line, shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import is_whole_number
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._vaulted import decrypted, holds_vaulted, unquoted

_NAME, _ID = "stack_set_name", "operation_id"  # what the lookup puts beside each row
_TEXTS = ("account", "region", "status", "status_reason", "organizational_unit_id")
_GATE = "account_gate_result"
_GATE_TEXTS = ("status", "status_reason")

_READ = (
    "Pass operation_results or the complete result of stackgate.stacksets.operation_results_info, or rows of the lookup"
    " stackgate.stacksets.operation_results."
)
_READ_AGAIN = "Read the operation with stackgate.stacksets.operation_results_info, and pass its result."
# ansible-core resolves what AWX hands from one job to the next (!unsafe) again since 2.19: digits become a number.
_AS_TEXT = "Account IDs are strings of 12 digits. Pass rows as a string, with to_json and from_json, or quote the IDs."
_ONE_BY_ONE = "Pass them separately, for example in a loop."
_OPERATION = (
    "Pass an operation that stackgate.stacksets.operation_results_info (operation) or operations_info (one of"
    " operations) returned."
)


class GivenRows(NamedTuple):
    """Rows, one for each target, and what is known of where they come from.

    ``named_operations``: the stack set's name and the operation's id that each row names, one pair for each operation,
    None where a row names none; of the module's result the stack set alone, as it was asked for. ``operation`` is the
    module's, None for bare rows; ``are_all`` says whether they are all rows of it, None where nobody knows.
    ``statuses`` are those that the module was asked for, empty for all, and ``truncated`` whether rows of them remain.
    ``error`` is the message of the task that failed while it read them.
    """

    rows: list[Row]
    named_operations: tuple[tuple[str | None, str | None], ...]
    from_module: bool = False
    operation: dict[str, Any] | None = None
    are_all: bool | None = None
    statuses: tuple[str, ...] = ()
    truncated: bool = False
    error: str | None = None


def row_filter(function: Callable[..., Any], further_rows: str = "") -> Callable[..., Any]:
    """A filter out of a function that raises the collection's errors. Whatever it is given may be vaulted.

    An argument that is rows too, and is not looked into, has its name in ``further_rows``: a search takes long.
    """
    positional = list(signature(function).parameters)

    @wraps(function)
    def filtered(value: Any, /, *args: Any, **kwargs: Any) -> Any:
        options = {**dict(zip(positional[1:], args, strict=False)), **kwargs}
        further = options.pop(further_rows, None)
        try:
            arguments = [given if given is further else decrypted(given) for given in args]
            named = {name: given if given is further else decrypted(given) for name, given in kwargs.items()}
            try:
                return function(value, *arguments, **named)
            except StackSetsError:
                # Thousands of rows, of which hardly any is vaulted, are searched only where they were refused.
                if not holds_vaulted(value):
                    raise
            return function(decrypted(value), *arguments, **named)
        except StackSetsError as error:
            if isinstance(error, OptionError):
                error = unquoted(error, (options.get(error.option.split(".")[0]), value))
            raise AnsibleFilterError(f"stackgate.stacksets.{function.__name__}: {error.message}") from None

    return filtered


def rows_of(value: Any) -> GivenRows:
    """Rows, of whichever operations, out of what a filter was given. Raises OptionError."""
    if isinstance(value, Mapping):
        return _of_result(value)
    if _is_list(value):
        return _of_list(value)
    if isinstance(value, str):
        raise _refused(f"is a string, {shown(value)}", f"{_READ} Parse the content of a file with from_json first.")
    raise _refused("is undefined" if isinstance(value, Undefined) else f"is {shown(value)}", _READ)


def rows_of_one_operation(value: Any) -> GivenRows:
    """The same, where rows of several operations would make no sense together."""
    rows = rows_of(value)
    if len(rows.named_operations) > 1:
        names = ", ".join(
            f"{one_line(name, 60)} {one_line(operation, 60)}" for name, operation in rows.named_operations[:3]
        )
        raise _refused(
            f"has rows of {len(rows.named_operations)} operations ({names})",
            "Pass rows of one operation, for example with selectattr('stack_set_name', 'eq', 'org-baseline').",
        )
    return rows


def operation_of(value: Any, option: str = "operation") -> dict[str, Any]:
    """An operation as the modules return it. Raises OptionError."""
    if isinstance(value, Undefined) or not isinstance(value, Mapping):
        raise OptionError(option, "is undefined" if isinstance(value, Undefined) else f"is {shown(value)}", _OPERATION)
    for key in ("operation_id", "status"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise OptionError(option, f"has no {key}; {_keys(value)}", _OPERATION)
    for key in ("action", "status_reason", "stack_set_id"):
        _check(value.get(key), str, f"{option}.{key}", _OPERATION)
    _check(value.get("retain_stacks"), bool, f"{option}.retain_stacks", _OPERATION)
    for key in ("status_details", "stack_set_drift_detection_details"):
        details: Any = value.get(key)
        _check(details, Mapping, f"{option}.{key}", _OPERATION)
        for name in details or ():
            number = details[name]
            if str(name).endswith("_count") and number is not None and (not is_whole_number(number) or number < 0):
                raise OptionError(f"{option}.{key}.{name}", f"is {shown(number)}", _OPERATION)
    return {key: value[key] for key in value}


def operation_for(rows: GivenRows, given: Any) -> dict[str, Any] | None:
    """The operation of the rows: their own, or the one given beside them. Raises OptionError."""
    if given is not None and rows.from_module:
        raise OptionError("operation", "is set, but the input contains its operation", "Omit it.")
    operation = rows.operation if given is None else operation_of(given)
    for _name, operation_id in rows.named_operations:
        if operation and operation_id and operation_id != operation["operation_id"]:
            raise OptionError(
                "operation",
                f"is {one_line(operation['operation_id'], 130)}, but the rows belong to {one_line(operation_id, 130)}",
                "Pass the operation of the rows.",
            )
    return operation


def _of_result(result: Mapping[str, Any]) -> GivenRows:
    if "operation_results" not in result:
        raise _without_rows(result)
    listed = result["operation_results"]
    if not _is_list(listed):
        raise OptionError("The input's operation_results", f"is {shown(listed)}, not a list", _READ)
    failed, complete, truncated = (result.get(key, False) for key in ("failed", "complete", "truncated"))
    for name, value in (("failed", failed), ("complete", complete), ("truncated", truncated)):
        _check(value, bool, f"The input's {name}", _READ)
    operation, statuses = result.get("operation"), result.get("statuses")
    if statuses is not None and not (_is_list(statuses) and all(isinstance(status, str) for status in statuses)):
        raise OptionError("The input's statuses", f"is {shown(statuses)}, not a list of statuses", _READ)
    asked: Any = result.get(_NAME)
    _check(asked, str, f"The input's {_NAME}", _READ)
    given = _of_list(listed)
    return given._replace(
        named_operations=given.named_operations if any(map(any, given.named_operations)) else ((asked or None, None),),
        from_module=True,
        operation=None if operation is None else operation_of(operation, "The input's operation"),
        are_all=bool(complete) and not truncated and not failed,
        statuses=tuple(statuses or ()),
        truncated=bool(truncated),
        error=str(result.get("msg") or "no message") if failed else None,
    )


def _without_rows(result: Mapping[str, Any]) -> OptionError:
    """What a dict is that has no rows, by the keys it has."""
    lacks = "has no operation_results: it is"
    if "results" in result:
        return _refused(f"{lacks} the result of a loop, with a result for each item in results", _ONE_BY_ONE)
    if result.get("skipped"):
        return _refused(f"{lacks} the result of a skipped task", "Skip this task under the same condition.")
    if result.get("failed"):
        return _refused(f"{lacks} the result of a failed task, {one_line(result.get('msg'))}", "Fix that first.")
    if "summary" in result:
        return _refused(f"{lacks} a result of summary_only=true", "Read the operation without summary_only.")
    if "Summaries" in result or "Account" in result:
        return _refused(f"{lacks} a response of the AWS CLI or boto3 ({_keys(result)})", _READ_AGAIN)
    if "account" in result:
        return _refused(f"{lacks} a single row", "Pass a list: [row].")
    return _refused(f"is a dict without operation_results; {_keys(result)}", _READ)


def _of_list(listed: Sequence[Any]) -> GivenRows:
    rows = [_checked_row(row, number) for number, row in enumerate(listed, 1)]
    named = dict.fromkeys((row.get(_NAME), row.get(_ID)) for row in rows)
    return GivenRows(cast("list[Row]", worst_rows(rows)), tuple(named))


def _checked_row(row: Any, number: int) -> dict[str, Any]:
    place = f"row {number}"
    if isinstance(row, Undefined) or not isinstance(row, Mapping):
        what = "undefined" if isinstance(row, Undefined) else shown(row)
        raise _refused(f"is a list whose {place} is {what}, not a dict", _READ)
    if "operation_results" in row:
        raise _refused("is a list of task results, not of rows", _ONE_BY_ONE)
    if "Account" in row or "Status" in row:
        raise _refused(f"has rows with keys of the AWS CLI or boto3 ({_keys(row)})", _READ_AGAIN)
    if isinstance(row.get("account"), int):
        raise _refused(f"has a number for the account in {place}, {shown(row['account'])}", _AS_TEXT)
    checked = {key: row[key] for key in (_NAME, _ID) if key in row}
    for key in (*_TEXTS, _GATE):
        if key not in row:
            raise _refused(f"has no {key} in {place}; {_keys(row)}", _READ)
        checked[key] = row[key]
    gate = checked[_GATE]
    _check(gate, Mapping, f"{_GATE} in {place} of the input", _READ)
    checked[_GATE] = {key: (gate or {}).get(key) for key in _GATE_TEXTS}
    for holder, path in ((checked, ""), (checked[_GATE], f"{_GATE}.")):
        for key in holder:
            if key != _GATE:
                _check(holder[key], str, f"{path}{key} in {place} of the input", _READ)
    return checked


_KINDS = {str: "a string", bool: "true or false", Mapping: "a dict"}


def _check(value: Any, kind: type, name: str, remedy: str) -> None:
    if value is not None and not isinstance(value, kind):
        raise OptionError(name, f"is {shown(value)}, not {_KINDS[kind]}", remedy)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _keys(given: Mapping[str, Any]) -> str:
    names = ", ".join(one_line(key, 40) for key in list(given)[:12])
    return f"its keys are {names}{', ...' if len(given) > 12 else ''}" if given else "it is empty"


def _refused(problem: str, remedy: str) -> OptionError:
    return OptionError("The input", problem, remedy)
