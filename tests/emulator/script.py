# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scripts as they come over the control endpoint, checked and turned into stack sets and faults. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from emulator import faults, rows
from emulator.operations import AUTO, Lag, Operation, StackSet, State

READS = ("ListStackSetOperationResults", "DescribeStackSetOperation", "ListStackSetOperations")
STATUSES = ("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED")
ACTIONS = ("CREATE", "UPDATE", "DELETE", "DETECT_DRIFT")
CALL_AS = ("SELF", "DELEGATED_ADMIN")
_ROW = ("Account", "Region", "Status", "StatusReason", "OrganizationalUnitId")
_FIELDS = (
    "OperationPreferences", "RetainStacks", "AdministrationRoleARN", "ExecutionRoleName", "DeploymentTargets",
    "StackSetDriftDetectionDetails",
)  # fmt: skip
_STATE = ("status", "status_reason", "end_timestamp", "failed_stack_instances_count", "fields", "rows", "generate")
_ERRORS = {
    "ExpiredToken": 403,
    "AccessDenied": 403,
    "InvalidClientTokenId": 403,
    "SignatureDoesNotMatch": 403,
    "StackSetNotFoundException": 404,
    "OperationNotFoundException": 404,
    "InternalFailure": 500,
    "ServiceUnavailable": 503,
}
# What no XML document can carry, escaped or not: a client would fail on it in a way AWS never makes it fail.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ScriptError(ValueError):
    """What is wrong with a script, in a sentence that names the field."""


def stack_set(script: Any, clock: Callable[[], float]) -> StackSet:
    _object(script, "The stack set", ("name", "stack_set_id", "call_as", "operations"), ("name", "operations"))
    name = _text(script["name"], "name")
    stack_set_id = _text(script.get("stack_set_id") or f"{name}:{uuid.uuid4()}", "stack_set_id")
    call_as = _text(script.get("call_as", "SELF"), "call_as", CALL_AS)
    operations = [
        operation(one, f"operations[{at}]", clock) for at, one in enumerate(_list(script["operations"], "operations"))
    ]
    ids = [one.operation_id for one in operations]
    for at, operation_id in enumerate(ids):
        if operation_id in ids[:at]:
            raise ScriptError(f"operations[{at}].operation_id {operation_id!r} is there already.")
    return StackSet(name, stack_set_id, operations, call_as)


def operation(script: Any, where: str, clock: Callable[[], float]) -> Operation:
    known = ("operation_id", "action", "creation_timestamp", "states", "listing_lag", *_STATE)
    _object(script, where, known, ("operation_id", "status"))
    created = _moment(script.get("creation_timestamp"), f"{where}.creation_timestamp")
    values = {"rows": [], **_state(script, where)}
    states = [State(**values)]
    for at, later in enumerate(_list(script.get("states", []), f"{where}.states")):
        here = f"{where}.states[{at}]"
        _object(later, here, ("after_calls", "after_seconds", *_STATE))
        if ("after_calls" in later) == ("after_seconds" in later):
            raise ScriptError(f"{here} needs after_calls or after_seconds, and only one of them.")
        values = {**values, **_state(later, here)}
        when = {name: _number(later[name], f"{here}.{name}", whole=name == "after_calls")
                for name in ("after_calls", "after_seconds") if name in later}  # fmt: skip
        states.append(State(**values, **when))
    return Operation(
        operation_id=_text(script["operation_id"], f"{where}.operation_id"),
        action=_text(script.get("action", "UPDATE"), f"{where}.action", ACTIONS),
        states=states,
        clock=clock,
        created=created,
        lag=_lag(script.get("listing_lag", {}), f"{where}.listing_lag"),
    )


def _lag(script: Any, where: str) -> Lag:
    _object(script, where, ("calls", "seconds"))
    return Lag(
        calls=_number(script.get("calls", 0), f"{where}.calls", whole=True),
        seconds=_number(script.get("seconds", 0), f"{where}.seconds"),
    )


def _state(script: dict[str, Any], where: str) -> dict[str, Any]:
    """What a script says of a state, and no more: the rest comes from the state before."""
    said: dict[str, Any] = {}
    if "status" in script:
        said["status"] = _text(script["status"], f"{where}.status", STATUSES)
    if "status_reason" in script:
        reason = script["status_reason"]
        said["status_reason"] = None if reason is None else _text(reason, f"{where}.status_reason", empty=True)
    if script.get("end_timestamp", AUTO) != AUTO:
        said["end_timestamp"] = _moment(script["end_timestamp"], f"{where}.end_timestamp")
    count = script.get("failed_stack_instances_count", AUTO)
    if count != AUTO:
        here = f"{where}.failed_stack_instances_count"
        said["failed_stack_instances_count"] = None if count is None else _number(count, here, whole=True)
    if "fields" in script:
        said["fields"] = _object(script["fields"], f"{where}.fields", _FIELDS)
    if "rows" in script and "generate" in script:
        raise ScriptError(f"{where} has both rows and generate: give one of them.")
    if "rows" in script:
        said["rows"] = [
            _row(row, f"{where}.rows[{at}]") for at, row in enumerate(_list(script["rows"], f"{where}.rows"))
        ]
    elif "generate" in script:
        try:
            made = rows.generate(script["generate"])
        except ValueError as error:
            raise ScriptError(f"{where}.generate{error}") from error
        said["rows"] = [_row(row, f"{where}.generate's row {at}") for at, row in enumerate(made)]
    return said


def _row(row: Any, where: str) -> dict[str, Any]:
    _object(row, where, (*_ROW, "AccountGateResult"))
    made: dict[str, Any] = {}
    for name, value in row.items():
        if name == "AccountGateResult" and value is not None:
            gate = _object(value, f"{where}.{name}", ("Status", "StatusReason"))
            made[name] = {key: _text(text, f"{where}.{name}.{key}", empty=True) for key, text in gate.items()}
        elif value is not None:
            made[name] = _text(value, f"{where}.{name}", empty=True)
    if not made:
        # moto writes no empty members of a list, so that there would be fewer rows than scripted.
        raise ScriptError(f"{where} is empty.")
    return made


def fault(script: Any) -> faults.Fault:
    _object(script, "The fault", ("action", "times", "when", "stack_set_name", "fault"), ("action", "fault"))
    action = _text(script["action"], "action", READS)
    paged = action != "DescribeStackSetOperation"
    what = _object(script["fault"], "fault", (*faults.KINDS, "status", "message"))
    kinds = [name for name in what if name in faults.KINDS]
    if len(kinds) != 1:
        raise ScriptError(f"fault needs exactly one of {', '.join(faults.KINDS)}.")
    kind, value = kinds[0], what[kinds[0]]
    if kind != "error" and len(what) > 1:
        raise ScriptError(f"fault.status and fault.message go with fault.error, not with fault.{kind}.")
    if not paged and kind in ("empty_pages", "return_token"):
        raise ScriptError(f"fault.{kind} is for listings; DescribeStackSetOperation has no pages.")
    _fault_value(kind, value)
    status = what.get("status", _ERRORS.get(value, 400)) if kind == "error" else None
    if status is not None:
        _number(status, "fault.status", whole=True, least=400, most=599)
    times = script.get("times", 1)
    name = script.get("stack_set_name")
    return faults.Fault(
        action=action,
        kind=kind,
        value=value,
        status=status,
        message=_text(what.get("message", "Rate exceeded" if value == "Throttling" else "Scripted."), "fault.message"),
        when=_when(script.get("when", {}), paged),
        stack_set_name=None if name is None else _text(name, "stack_set_name"),
        left=None if times is None else _number(times, "times", whole=True, least=1),
    )


def _fault_value(kind: str, value: Any) -> None:
    where = f"fault.{kind}"
    if kind in ("error", "body", "extra"):
        _text(value, where, empty=kind == "body")
    elif kind == "http":
        _number(value, where, whole=True, least=400, most=599)
    elif kind == "reset":
        _text(value, where, ("before", "body"))
    elif kind == "return_token":
        _text(value, where, ("first", "same", "previous"))
    elif kind in ("delay", "drip"):
        _number(value, where, most=120)
    elif kind == "empty_pages":
        _number(value, where, whole=True, least=1)
    elif value is not True:
        raise ScriptError(f"{where} must be true.")


def _when(script: Any, paged: bool) -> dict[str, Any]:
    when = _object(script, "when", ("page", "page_from", "status", "every", "share"))
    for name, value in when.items():
        if name == "status":
            if value is not None:
                _text(value, "when.status")
        elif name == "share":
            _number(value, "when.share", most=1)
        else:
            _number(value, f"when.{name}", whole=True, least=1)
        if name not in ("every", "share") and not paged:
            raise ScriptError(f"when.{name} is for listings; DescribeStackSetOperation has no pages.")
    return when


def _object(value: Any, where: str, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ScriptError(f"{where} must be an object.")
    for name in value:
        if name not in known:
            raise ScriptError(f"{where} has {name!r}, which is not known there. Known: {', '.join(known)}.")
    for name in needed:
        if name not in value:
            raise ScriptError(f"{where} needs {name}.")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise ScriptError(f"{where} must be a list.")
    return value


def _text(value: Any, where: str, choices: tuple[str, ...] = (), empty: bool = False) -> str:
    if not isinstance(value, str) or (not value and not empty):
        raise ScriptError(f"{where} must be a string.")
    if choices and value not in choices:
        raise ScriptError(f"{where} must be one of {', '.join(choices)}, not {value!r}.")
    if _NOT_XML.search(value):
        raise ScriptError(f"{where} has a control character, which XML cannot carry.")
    return value


def _number(value: Any, where: str, whole: bool = False, least: int = 0, most: int = 10**9) -> Any:
    kinds = int if whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        raise ScriptError(f"{where} must be a {'whole ' if whole else ''}number from {least} to {most}.")
    return value


def _moment(value: Any, where: str) -> datetime | None:
    if value is None:
        return None
    try:
        # Python 3.10 does not know the Z.
        moment = datetime.fromisoformat(f"{value[:-1]}+00:00" if value.endswith("Z") else value)
    except (AttributeError, TypeError, ValueError) as error:
        raise ScriptError(f"{where} must be an ISO 8601 time stamp such as 2026-01-31T10:00:00Z.") from error
    # moto prints a time stamp's digits and a Z, whatever its zone.
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
