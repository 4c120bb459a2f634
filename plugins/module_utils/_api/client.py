# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The StackSets reads over a boto3 client: describe, list operations, list results. Nothing here changes anything.

This is where module and lookup meet: ``read_results`` is the whole of a reading, from checked options to rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from .._errors import (
    Asked,
    OptionError,
    ReadError,
    no_answer,
    time_over,
    token_repeated,
    translate,
)
from .._rows.operations import TERMINAL, matching, newest_first
from .._text import one_line
from .._validation import (
    PAGE_SIZE_LIMIT,
    OperationsRequest,
    Request,
    StackSetName,
)
from .deadline import LEAST, Deadline, TimeOver
from .pagination import (
    Fetch,
    Listing,
    TokenRepeated,
)
from .results_reader import Reading
from .throttling import Patience

try:
    from botocore.exceptions import BotoCoreError
except ImportError:  # amazon.aws reports a missing SDK before anything here runs
    BotoCoreError = Exception

Warn = Callable[[str], None]
Take = Callable[[list], None]

CONNECTIONS = 10  # as botocore keeps open by itself

# Nothing about retries: what the environment and the profile say of them, and else the SDK's own default, is enough
# below Patience, which asks again for as long as there is time. aws_config replaces any of these.
CLIENT_CONFIG = {
    "connect_timeout": 10,
    "read_timeout": 60,
    "user_agent_extra": "stackgate.stacksets",
}


_METHODS = {
    "DescribeStackSetOperation": "describe_stack_set_operation",
    "ListStackSetOperations": "list_stack_set_operations",
    "ListStackSetOperationResults": "list_stack_set_operation_results",
}


def connect(make_client: Callable[..., Any], threads: int = CONNECTIONS) -> Any:
    """A CloudFormation client with our time limits, from amazon.aws's ``client`` of a module or plugin.

    It has a connection for each of the ``threads`` that use it.

    Raises OptionError or ReadError for what amazon.aws itself does not turn into an error.
    """
    try:
        return make_client("cloudformation", config={**CLIENT_CONFIG, "max_pool_connections": threads})
    except (TypeError, ValueError, AttributeError) as error:  # how botocore's Config takes values of other kinds
        raise OptionError(
            "aws_config", f"is refused by the SDK: {one_line(error)}", "It takes the parameters of botocore's Config."
        ) from error
    except BotoCoreError as error:
        raise ReadError(
            f"No connection to AWS can be set up: {one_line(error)}. Check profile and aws_config.",
            type(error).__name__,
        ) from error


class Answer(NamedTuple):
    """What a reading gave: AWS's StackSetOperation (None: the stack set has none) and the rows."""

    operation: dict[str, Any] | None
    reading: Reading


class StackSets:
    """One stack set, read over one client; ``call_as`` goes along with every call.

    All methods raise ReadError; the constructor, OptionError where an ARN's Region is not the client's. ``calls``
    counts the requests made, the SDK's retries among them; ``time`` is AWS's own, at its last answer (None: not told).
    All calls together take no longer than the ``deadline``. An error that passes by itself is raised once the SDK has
    given up, or, with ``patience``, when that is at its end too.
    """

    def __init__(
        self,
        client: Any,
        stack_set: StackSetName,
        call_as: str,
        deadline: Deadline | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self.region = client.meta.region_name
        stack_set.check_region(self.region)
        self.name = stack_set.value
        self.call_as = call_as
        self.deadline = deadline or Deadline()
        self._patience = patience or Patience(seconds=0.0)
        self.calls = 0
        self.time: datetime | None = None

    def describe_operation(self, operation_id: str) -> dict[str, Any]:
        """The StackSetOperation (DescribeStackSetOperation: strongly consistent)."""
        answer = self._call("DescribeStackSetOperation", operation_id)
        return answer.get("StackSetOperation") or {}

    def operations(self, page_size: int) -> list[dict[str, Any]]:
        """All StackSetOperationSummaries, newest first. An operation begun a moment ago may not be listed yet."""

        def fetch(token: str | None, limit: int | None) -> tuple[list | None, str | None]:
            return self._page("ListStackSetOperations", None, token, limit)

        reading = Reading(lambda status: fetch, page_size=page_size)
        try:
            self._run(reading, "ListStackSetOperations", None)
        except ReadError as error:
            error.operations = newest_first(reading.rows)
            raise
        return newest_first(reading.rows)

    def results(self, request: Request, operation_id: str, take: Take | None = None) -> Reading:
        """The rows of one operation (ListStackSetOperationResults), or page by page to ``take``.

        An error carries the reading with what it got.
        """
        reading = Reading(
            lambda status: self._results_of(operation_id, status),
            operation_id,
            request.statuses,
            request.starts,
            request.max_items,
            request.page_size,
            self._patience.over,
        )
        try:
            self._run(reading, "ListStackSetOperationResults", operation_id, take)
        except ReadError as error:
            error.reading = reading
            raise
        return reading

    def result_pages(self, operation_id: str, status: str | None) -> Iterator[list[dict[str, Any]]]:
        """The pages of one listing of results, of one status or (None) of all, for whoever may stop before its end."""
        try:
            yield from Listing(self._results_of(operation_id, status), page_size=PAGE_SIZE_LIMIT)
        except TokenRepeated as error:
            raise token_repeated(self._asked("ListStackSetOperationResults", operation_id)) from error

    def _results_of(self, operation_id: str, status: str | None) -> Fetch:
        by_status = {"Filters": [{"Name": "OPERATION_RESULT_STATUS", "Values": status}]} if status else {}

        def fetch(token: str | None, limit: int | None) -> tuple[list | None, str | None]:
            return self._page("ListStackSetOperationResults", operation_id, token, limit, **by_status)

        return fetch

    def _run(self, reading: Reading, action: str, operation_id: str | None, take: Take | None = None) -> None:
        try:
            reading.run(take)
        except TokenRepeated as error:
            raise token_repeated(self._asked(action, operation_id)) from error

    def _page(
        self, action: str, operation_id: str | None, token: str | None, limit: int | None, **parameters: Any
    ) -> tuple[list | None, str | None]:
        if token:
            parameters["NextToken"] = token
        if limit:
            parameters["MaxResults"] = limit
        answer = self._call(action, operation_id, **parameters)
        return answer.get("Summaries"), answer.get("NextToken")

    def _call(self, action: str, operation_id: str | None, **parameters: Any) -> dict[str, Any]:
        if operation_id:
            parameters["OperationId"] = operation_id

        def ask() -> dict[str, Any]:
            return self._ask(action, operation_id, parameters)

        return self._patience.ask(ask, self.deadline)

    def _ask(self, action: str, operation_id: str | None, parameters: dict[str, Any]) -> dict[str, Any]:
        method = getattr(self._client, _METHODS[action])
        asked = self._asked(action, operation_id)
        refused = self._patience.refused
        try:
            answer = self.deadline.call(
                lambda: method(StackSetName=self.name, CallAs=self.call_as, **parameters),
                # Where AWS has no answer at the moment, no time is spent beyond what there is.
                LEAST if refused is None else 0.0,
            )
        except TimeOver as error:
            raise (
                time_over(asked, self.deadline.seconds) if self.deadline.over else no_answer(asked, refused)
            ) from error
        except Exception as error:  # the SDK's own parser errors have no common base with its others
            self._note(getattr(error, "response", None))
            raise translate(error, asked) from error
        self._note(answer)
        return answer

    def _note(self, answer: Any) -> None:
        about = (answer or {}).get("ResponseMetadata") or {}
        self.calls += 1 + (about.get("RetryAttempts") or 0)
        date = (about.get("HTTPHeaders") or {}).get("date")
        with suppress(TypeError, ValueError):  # whatever a proxy puts there
            time = parsedate_to_datetime(date) if date else None
            self.time = time if time and time.tzinfo else self.time

    def _asked(self, action: str, operation_id: str | None) -> Asked:
        return Asked(action, self.name, operation_id, self.call_as, self.region, self._client.meta.endpoint_url)


def _patiently(client: Any, request: Request | OperationsRequest) -> StackSets:
    return StackSets(client, request.stack_set, request.call_as, Deadline(request.reading_timeout), Patience())


def read_results(client: Any, request: Request, warn: Warn, take: Take | None = None) -> Answer:
    """A whole reading: find the operation, describe it, read its rows (page by page to ``take``, where given).

    Raises OptionError before any call, or ReadError with the operation and the rows so far. ``warn`` is told what
    the rows alone don't show.
    """
    stack_set = _patiently(client, request)
    operation_id = request.operation_id
    if operation_id is None:
        operations = stack_set.operations(PAGE_SIZE_LIMIT)
        if not operations:
            warn(f"Stack set {stack_set.name} has no operations, so there are no results to read.")
            return Answer(None, Reading.of_nothing())
        operation_id = operations[0]["OperationId"]
    operation = stack_set.describe_operation(operation_id)
    if len(request.statuses) > 1 and operation.get("Status") not in TERMINAL:
        warn(
            f"Operation {operation_id} is {one_line(operation.get('Status'))}: the listings of"
            f" {', '.join(request.statuses)} are not one snapshot, and a row that changed its status in between can be"
            " missing from all of them. Read all rows (without statuses), or read again when the operation has ended."
        )
    try:
        return Answer(operation, stack_set.results(request, operation_id, take))
    except ReadError as error:
        error.operation = operation
        raise


def read_operations(client: Any, request: OperationsRequest) -> tuple[list[dict[str, Any]], bool]:
    """The operations asked for, newest first, and whether ``max_items`` left some out.

    Raises OptionError before any call, or ReadError with the operations so far.
    """
    stack_set = _patiently(client, request)
    operations = matching(stack_set.operations(request.page_size), request.actions, request.statuses)
    kept = operations[: request.max_items]
    return kept, len(kept) < len(operations)
