# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three StackSets reads as AWS answers them, from scripts; with faults and a log. Knows nothing of moto or HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from emulator import script
from emulator.faults import Fault, Occasion
from emulator.operations import StackSet, summary
from emulator.paging import Place, Tokens, cut

RESULTS, DESCRIBE, OPERATIONS = script.READS
ROW_STATUSES = ("PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED")


class Refusal(Exception):
    """An error of AWS's."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True)
class Request:
    """One call, as it came in: what was not sent is None."""

    action: str
    stack_set_name: str | None = None
    operation_id: str | None = None
    call_as: str | None = None
    next_token: str | None = None
    max_results: int | None = None
    filters: list[dict[str, Any]] | None = None
    region: str | None = None

    @property
    def status(self) -> str | None:
        return self.filters[0].get("Values") if self.filters else None


@dataclass(frozen=True)
class ReadResult:
    """What to send: a result or a refusal, unless a fault takes its place or is done to it."""

    result: dict[str, Any] | None = None
    refusal: Refusal | None = None
    fault: Fault | None = None


class Reads:
    """Everything scripted, and the answers that follow from it."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._stack_sets: dict[str, StackSet] = {}
            self._faults: list[Fault] = []
            self._tokens = Tokens()
            self._log: list[dict[str, Any]] = []

    def add_stack_set(self, stack_set: StackSet) -> None:
        with self._lock:
            self._stack_sets[stack_set.name] = stack_set

    def add_fault(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear_faults(self) -> None:
        with self._lock:
            self._faults = []

    def log(self) -> list[dict[str, Any]]:
        with self._lock:
            return [dict(entry) for entry in self._log]

    def clear_log(self) -> None:
        with self._lock:
            self._log = []

    def note(self, request: Request) -> dict[str, Any]:
        """A new entry of the log for a call that is not one of the three reads, to be completed by its answer."""
        with self._lock:
            return self._note(request, None)

    def _note(self, request: Request, page: int | None) -> dict[str, Any]:
        entry = {
            "action": request.action,
            "stack_set_name": request.stack_set_name,
            "operation_id": request.operation_id,
            "call_as": request.call_as,
            "next_token": request.next_token,
            "max_results": request.max_results,
            "status": request.status,
            "region": request.region,
            "page": page,
            "answer": None,
        }
        self._log.append(entry)
        return entry

    def answer(self, request: Request, unscripted: Callable[[str], StackSet | None]) -> ReadResult:
        """The answer to one of the three reads. unscripted finds the stack sets that were made in other ways."""
        with self._lock:
            place = self._tokens.place(request.next_token) if request.next_token is not None else Place(())
            page = place.page if place and request.action != DESCRIBE else None
            entry = self._note(request, page)
            occasion = Occasion(request.action, request.stack_set_name or "", page, request.status, place)
            fault = next((one for one in self._faults if one.strikes(occasion)), None)
            if fault and fault.instead:
                entry["answer"] = f"{fault.kind} {fault.value}" if fault.kind != "body" else "body"
                return ReadResult(fault=fault)
            try:
                result, entry["answer"] = self._read(request, place, fault, unscripted)
            except Refusal as refusal:
                entry["answer"] = f"error {refusal.code}"
                return ReadResult(refusal=refusal, fault=fault)
            if fault and fault.kind in ("reset", "truncate"):
                entry["answer"] = "reset body" if fault.kind == "reset" else "truncate"
            return ReadResult(result=result, fault=fault)

    def _read(
        self, request: Request, place: Place | None, fault: Fault | None, unscripted: Callable[[str], StackSet | None]
    ) -> tuple[dict[str, Any], str]:
        size = _page_size(request.max_results)
        _check_call_as(request.call_as)
        _check_filters(request.filters)
        stack_set = self._stack_set(request, unscripted)
        if request.action == OPERATIONS:
            listing = (request.action, stack_set.stack_set_id)
            place = _start(place, listing, lambda: 0)
            items = [summary(operation.shown()) for operation in stack_set.operations]
            return self._page(items, place, size, fault, "operations")
        operation = stack_set.operation(request.operation_id or "")
        if operation is None:
            raise Refusal("OperationNotFoundException", f"Operation {request.operation_id} not found", 404)
        if request.action == DESCRIBE:
            shape = {**operation.describe(), "StackSetId": stack_set.stack_set_id}
            return {"StackSetOperation": shape}, f"operation {shape['Status']}"
        listing = (request.action, stack_set.stack_set_id, operation.operation_id, operation.serial, request.status)
        place = _start(place, listing, operation.listed)
        rows = operation.states[place.state].rows_of(request.status)
        return self._page(rows, place, size, fault, "rows")

    def _stack_set(self, request: Request, unscripted: Callable[[str], StackSet | None]) -> StackSet:
        asked = request.stack_set_name or ""
        found = self._stack_sets.get(asked) or self._stack_sets.get(asked.partition(":")[0])
        if found and asked not in (found.name, found.stack_set_id):
            found = None
        found = found or unscripted(asked)
        if found is None or (found.call_as == "DELEGATED_ADMIN" and request.call_as != "DELEGATED_ADMIN"):
            raise Refusal("StackSetNotFoundException", f"StackSet {asked} not found", 404)
        if request.call_as == "DELEGATED_ADMIN" and found.call_as == "SELF":
            raise Refusal("ValidationError", "Account used is not a delegated administrator")
        return found

    def _page(
        self, items: list[Any], place: Place, size: int, fault: Fault | None, what: str
    ) -> tuple[dict[str, Any], str]:
        empty = place.empty_left
        if fault and fault.kind == "empty_pages":
            empty = fault.value
        if empty:
            page, following = [], replace(place, empty_left=empty - 1, filled=True)
        else:
            page, following = cut(items, place, size)
        result: dict[str, Any] = {"Summaries": page}
        if fault and fault.kind == "return_token":
            result["NextToken"] = place.seen(fault.value)
        elif following:
            result["NextToken"] = self._tokens.lead_to(following, place)
        return result, f"{what} {len(page)}"


def _start(place: Place | None, listing: tuple[Any, ...], state: Callable[[], int]) -> Place:
    if place is None or (place.token and place.listing != listing):
        raise Refusal("ValidationError", "The NextToken is invalid.")
    return place if place.token else replace(place, listing=listing, state=state())


def _page_size(max_results: int | None) -> int:
    if max_results is None:
        return 100
    if not 1 <= max_results <= 100:
        limit = "greater than or equal to 1" if max_results < 1 else "less than or equal to 100"
        raise Refusal("ValidationError", _constraint(max_results, "maxResults", f"have value {limit}"))
    return max_results


def _check_call_as(call_as: str | None) -> None:
    if call_as is not None and call_as not in script.CALL_AS:
        enum = f"satisfy enum value set: [{', '.join(script.CALL_AS)}]"
        raise Refusal("ValidationError", _constraint(call_as, "callAs", enum))


def _check_filters(filters: list[dict[str, Any]] | None) -> None:
    if not filters:
        return
    if len(filters) > 1:
        raise Refusal("ValidationError", _constraint("...", "filters", "have length less than or equal to 1"))
    if filters[0].get("Name") != "OPERATION_RESULT_STATUS":
        enum = "satisfy enum value set: [OPERATION_RESULT_STATUS]"
        raise Refusal("ValidationError", _constraint(filters[0].get("Name"), "filters.1.member.name", enum))
    if filters[0].get("Values") not in ROW_STATUSES:
        raise Refusal("ValidationError", f"Invalid filter value {filters[0].get('Values')!r}")


def _constraint(value: Any, name: str, must: str) -> str:
    return f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must {must}"
