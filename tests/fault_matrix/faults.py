# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faults, where each strikes, and what is promised of it. A promise comes first; the code has to keep it.

All strike a stack set whose last operation SUCCEEDED with 350 results: 250 FAILED, which its failure tolerance allowed,
and 100 SUCCEEDED. Read whole that is four pages; the gate reads status by status, three pages of them FAILED.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from emulator.client import rows

from fault_matrix.broken_ways import BrokenWays

FAILED = 250
ROWS = rows(accounts=175, regions=2, failed=FAILED)
OPERATION_ID = "op-1"

DESCRIBE = "DescribeStackSetOperation"
RESULTS = "ListStackSetOperationResults"


class Promise(NamedTuple):
    """``outcome``: ``rows`` (all of them), ``fails``, or a gate's verdict; what the message names; the rows kept.

    ``again``: the verdict when all is well again.
    """

    outcome: str
    naming: str = ""
    kept: int = 0
    again: str = "passed"


class Promises(NamedTuple):
    """By the way in which the fault is met. The two gates: one that the results allow to pass, one that they close."""

    module: Promise | None
    lookup: Promise | None
    open_gate: Promise
    closed_gate: Promise


class Fault(NamedTuple):
    """A fault and what must come of it.

    ``strikes`` are faults of the emulator; ``way`` gives options that lead elsewhere. ``operation`` changes the
    operation itself, ``options`` is for all, ``gate_options`` for the gates. ``from_start``: a second reading, when all
    is well again, is one from the start, for the token would lead to where the trouble was.
    """

    name: str
    where: str
    promises: Promises
    strikes: tuple[Mapping[str, Any], ...] = ()
    way: Callable[[BrokenWays], Mapping[str, Any]] | None = None
    operation: Mapping[str, Any] = {}
    options: Mapping[str, Any] = {}
    gate_options: Mapping[str, Any] = {}
    from_start: bool = False

    @property
    def id(self) -> str:
        return f"{self.name}, {self.where}"


def right(rows_in_all: int = len(ROWS), open_gate: Promise | None = None) -> Promises:
    """As if nothing had happened."""
    return Promises(
        Promise("rows", kept=rows_in_all),
        Promise("rows", kept=rows_in_all),
        open_gate or Promise("passed"),
        Promise("failed", "max_failed"),
    )


def fails(naming: str, kept: int = 100) -> Promises:
    """An error that says what is the matter, with the rows so far; and no gate passes."""
    return Promises(
        Promise("fails", naming, kept),
        Promise("fails", naming, kept),
        Promise("inconclusive", naming),
        Promise("inconclusive", naming),
    )


def only_rows(open_gate: Promise, closed_gate: Promise) -> Promises:
    """A reading says what is there; the gate knows better."""
    return Promises(Promise("rows", kept=len(ROWS)), Promise("rows", kept=len(ROWS)), open_gate, closed_gate)


def _page_2(**fault: Any) -> dict[str, Any]:
    return {"action": RESULTS, "times": None, "when": {"page": 2}, **fault}


def _once(**fault: Any) -> dict[str, Any]:
    return _page_2(times=1, **fault)


def _proxy(url: str) -> dict[str, Any]:
    # Not the name of a machine: should the proxy be passed by, nothing is reached.
    return {"endpoint_url": "https://cloudformation.invalid", "aws_config": {"proxies": {"https": url}}}


def _first(changed: Mapping[str, Any], status: str) -> list[dict[str, Any]]:
    """The rows, with the first of a status changed."""
    index = next(number for number, row in enumerate(ROWS) if row["Status"] == status)
    found = {**ROWS[index], **changed}
    kept = {name: value for name, value in found.items() if value is not None}
    return [*ROWS[:index], kept, *ROWS[index + 1 :]]


def _row(status: str) -> dict[str, Any]:
    return next(row for row in ROWS if row["Status"] == status)


# AWS says SUCCEEDED, and counts the 250.
_COUNTED = {"failed_stack_instances_count": FAILED}
_BARE = [{name: row[name] for name in ("Account", "Region", "Status")} for row in ROWS]
_OTHER_ACTION = (
    '<DescribeStackSetResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStackSetResult>'
    "<StackSet><StackSetName>other</StackSetName></StackSet></DescribeStackSetResult><ResponseMetadata>"
    "<RequestId>1-2-3</RequestId></ResponseMetadata></DescribeStackSetResponse>"
)
_MOVING = [{**_row("FAILED"), "Status": "RUNNING"}, *ROWS]
_SKEW = "Signature expired: 20261102T081500Z is now earlier than 20261102T091000Z (20261102T091500Z - 5 min.)"
_UNKNOWN = "INVENTED_TOMORROW"
_WHOLE = {"whole_reading": True}
_SOON = {"reading_timeout": 2}
# A reading asks again for five minutes at most, or for the time that it has; a gate for its own time.
_LASTING: Any = {"options": {"reading_timeout": 2}, "gate_options": {"reading_timeout": 60, "wait_timeout": 1}}
_SLOW: Any = {**_LASTING, "options": {"reading_timeout": 6}}
_NOT_CLOUDFORMATION = "did not come from CloudFormation"
_UNKNOWN_FOUND = Promise("inconclusive", _UNKNOWN, again="inconclusive")

FAULTS = (
    # AWS is busy, or not well.
    Fault("Throttling, once", "page 2", right(), (_once(error="Throttling"),)),
    Fault(
        "Throttling, each page once",
        "every page",
        right(),
        ({"action": RESULTS, "times": None, "when": {"every": 2}, "error": "Throttling"},),
    ),
    Fault(
        "Throttling, longer than the SDK tries",
        "page 2",
        right(),
        (_once(error="Throttling") | {"times": 4},),
        # Three attempts, as the SDK has them by itself: those of a number that is given would be all.
        options={"aws_config": {"retries": {"mode": "standard"}}},
        gate_options={"wait": False},
    ),
    Fault(
        "Throttling, forever",
        "page 2",
        fails("throttled ListStackSet"),
        (_page_2(error="Throttling"),),
        **_LASTING,
    ),
    Fault(
        "Throttling, forever",
        "the first call",
        fails("throttled DescribeStackSet", kept=0),
        ({"action": DESCRIBE, "times": None, "error": "Throttling"},),
        **_LASTING,
    ),
    *(Fault(f"HTTP {status}, once", "page 2", right(), (_once(http=status),)) for status in (500, 502, 503)),
    *(
        Fault(f"HTTP {status}, forever", "page 2", fails("AWS could not answer"), (_page_2(http=status),), **_LASTING)
        for status in (500, 502, 503)
    ),
    Fault(
        "InternalFailure, forever",
        "page 2",
        fails("AWS could not answer"),
        (_page_2(error="InternalFailure"),),
        **_LASTING,
    ),
    # The way to AWS is broken.
    Fault("Connection refused", "the way", fails("could not be reached", 0), way=lambda ways: _to(ways.refused)),
    Fault("No such name (DNS)", "the way", fails("could not be reached", 0), way=lambda ways: _to(ways.unknown_name)),
    Fault(
        "A certificate that does not verify",
        "the way",
        fails("certificate was not accepted", 0),
        way=lambda ways: _to(ways.untrusted),
    ),
    Fault("A proxy that refuses", "the way", fails("The proxy", 0), way=lambda ways: _proxy(ways.refusing_proxy)),
    Fault("A proxy that is not there", "the way", fails("The proxy", 0), way=lambda ways: _proxy(ways.no_proxy_there)),
    Fault(
        "A server that says nothing",
        "the way",
        fails("did not answer", 0),
        way=lambda ways: _to(ways.silent),
        **_SLOW,
    ),
    Fault(
        "A server that speaks no HTTP",
        "the way",
        fails("connection to AWS was lost", 0),
        way=lambda ways: _to(ways.garbage),
        **_LASTING,
    ),
    Fault("Reset before the answer, once", "page 2", right(), (_once(reset="before"),)),
    Fault(
        "Reset before the answer, forever",
        "page 2",
        fails("connection to AWS was lost"),
        (_page_2(reset="before"),),
        **_LASTING,
    ),
    Fault("Reset within the body, once", "page 2", right(), (_once(reset="body"),)),
    Fault(
        "Reset within the body, forever",
        "page 2",
        fails("connection to AWS was lost"),
        (_page_2(reset="body"),),
        **_LASTING,
    ),
    Fault("Slower than the read timeout, once", "page 2", right(), (_once(delay=4),)),
    Fault(
        "Slower than the read timeout, forever",
        "page 2",
        fails("did not answer"),
        (_page_2(delay=4),),
        **_SLOW,
    ),
    Fault("A byte now and then", "page 2", fails("reading_timeout"), (_page_2(drip=0.2),), options=_SOON),
    # Answers that are none.
    Fault("A body cut short", "page 2", fails(_NOT_CLOUDFORMATION), (_page_2(truncate=True),)),
    Fault("An empty body", "page 2", fails(_NOT_CLOUDFORMATION), (_page_2(body=""),)),
    Fault("A page that asks for a login", "page 2", fails(_NOT_CLOUDFORMATION), (_page_2(body="<html>Log in<br>"),)),
    Fault("XML of another action", "page 2", fails(_NOT_CLOUDFORMATION), (_page_2(body=_OTHER_ACTION),)),
    Fault(
        "XML of another action",
        "the first call",
        fails(_NOT_CLOUDFORMATION, 0),
        ({"action": DESCRIBE, "times": None, "body": _OTHER_ACTION},),
    ),
    Fault("Bytes that are no UTF-8", "the way", fails(_NOT_CLOUDFORMATION, 0), way=lambda ways: _to(ways.mangled)),
    # The SDK could not read such a page, nor those behind it.
    Fault("A control character, which XML forbids", "page 2", right(), (_page_2(extra="<New>&#27;[2J</New>"),)),
    # Answers that are odd.
    Fault(
        "An unknown extra element",
        "every answer",
        right(),
        tuple({"action": action, "times": None, "extra": "<New>1</New>"} for action in (RESULTS, DESCRIBE)),
    ),
    Fault(
        "An unknown status, all rows read",
        "one row",
        only_rows(_UNKNOWN_FOUND, _UNKNOWN_FOUND._replace(outcome="failed", naming="max_failed")),
        operation={"rows": _first({"Status": _UNKNOWN}, "SUCCEEDED")},
        gate_options=_WHOLE,
    ),
    Fault(
        "An unknown status, which AWS's filters cannot show",
        "one row",
        right(),
        operation={"rows": _first({"Status": _UNKNOWN}, "SUCCEEDED")},
    ),
    Fault(
        "A row without a status",
        "one row",
        only_rows(
            _UNKNOWN_FOUND._replace(naming="Results have a status that this version does not know"),
            Promise("failed", "max_failed"),
        ),
        operation={"rows": _first({"Status": None}, "SUCCEEDED")},
        gate_options=_WHOLE,
    ),
    Fault("Missing optional elements", "every row", right(), operation={"rows": _BARE}),
    Fault("No count of failures", "the operation", right(), operation={"failed_stack_instances_count": None}),
    # Tokens.
    Fault("A token that comes back: A, A", "page 2", fails("never end", 200), (_page_2(return_token="same"),)),
    Fault(
        "A token that comes back: A, B, A",
        "page 3",
        fails("never end", 300),
        (_page_2(return_token="first", when={"page": 3}),),
    ),
    Fault("50 empty pages with tokens", "before page 2", right(), (_once(empty_pages=50),)),
    Fault(
        "Empty pages with tokens, without an end",
        "before page 2",
        fails("reading_timeout"),
        (_page_2(empty_pages=10**9),),
        options=_SOON,
        from_start=True,
    ),
    Fault(
        "A token that AWS no longer accepts",
        "page 2",
        fails("does not accept the token"),
        (_page_2(error="ValidationError", message="The NextToken is invalid."),),
    ),
    # Credentials.
    Fault("Credentials that expire", "page 2", fails("credentials have expired"), (_page_2(error="ExpiredToken"),)),
    Fault("Access denied", "page 2", fails("Access denied"), (_page_2(error="AccessDenied"),)),
    Fault(
        "A clock that is wrong",
        "the first call",
        fails("because of its time", 0),
        ({"action": DESCRIBE, "times": None, "error": "SignatureDoesNotMatch", "message": _SKEW},),
    ),
    # Things that move while they are read.
    Fault("A row on two pages", "pages 1 and 4", right(), operation={"rows": [*ROWS, _row("FAILED")]}),
    Fault(
        "A row that moves: RUNNING, then FAILED, all rows read",
        "pages 1 and 4",
        right(),
        operation={"rows": _MOVING},
        gate_options=_WHOLE,
    ),
    Fault(
        "A row that moves: RUNNING, then FAILED, in two of AWS's filters for good",
        "pages 1 and 4",
        right(open_gate=Promise("inconclusive", "Not all results were read", again="inconclusive")),
        operation={"rows": _MOVING},
    ),
    Fault(
        "A row that turns: SUCCEEDED, then FAILED",
        "pages 1 to 4",
        right(open_gate=Promise("failed", "max_failed", again="failed")),
        operation={"rows": [*ROWS, {**_row("SUCCEEDED"), "Status": "FAILED"}]},
    ),
    Fault(
        "An operation that disappears",
        "page 2",
        fails("was not found"),
        (_page_2(error="OperationNotFoundException"),),
    ),
    Fault(
        "An operation that disappears while it is waited for",
        "the second look",
        fails("was not found")._replace(module=None, lookup=None),
        ({"action": DESCRIBE, "times": None, "when": {"every": 2}, "error": "OperationNotFoundException"},),
        operation={"status": "RUNNING", "states": [{"after_calls": 1, "status": "SUCCEEDED"}]},
    ),
    Fault(
        "A stack set that disappears",
        "page 2",
        fails("was not found"),
        (_page_2(error="StackSetNotFoundException"),),
    ),
)


def _to(url: str) -> dict[str, Any]:
    return {"endpoint_url": url}


def script(fault: Fault) -> dict[str, Any]:
    """The operation that the fault strikes, for the emulator."""
    told = {"operation_id": OPERATION_ID, "status": "SUCCEEDED", **_COUNTED, **fault.operation}
    return {"rows": ROWS, **told}
