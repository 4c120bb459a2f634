# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The StackSets reads over a boto3 client: describe, list operations, list results. Nothing here changes anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .._errors import OptionError, ReadError
from .._rows.operations import newest_first
from .._rows.types import Operation, OperationSummary, Row
from .._text import one_line, shown
from .._validation import PAGE_SIZE_LIMIT
from .aws_errors import (
    CallContext,
    nameless_operation_error,
    no_answer_error,
    raise_of_credentials,
    reading_timeout_error,
    token_repeated_error,
    translate,
)
from .deadline import MIN_CALL_SECONDS, Deadline, DeadlineExceeded
from .normalise import normalise_operation, normalise_operation_summary, normalise_row, repair_xml
from .pagination import Fetch, Listing, TokenRepeated
from .request import StackSetName
from .throttling import ThrottleRetry

try:
    from botocore.exceptions import BotoCoreError
except ImportError:  # amazon.aws reports a missing SDK before anything here runs
    BotoCoreError = Exception

Normalise = Callable[[Mapping[str, Any]], Any]

_REGION = re.compile(r"[A-Za-z0-9-]+")

CONNECTIONS = 10  # as botocore keeps open by itself

# Nothing about retries: what the environment and the profile say of them, and else the SDK's own default, is enough
# below ThrottleRetry, which calls again for as long as there is time. aws_config replaces any of these.
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
        client = make_client("cloudformation", config={**CLIENT_CONFIG, "max_pool_connections": threads})
    except Exception as error:
        raise_of_credentials(error)  # the SDK looks for credentials here, and runs credential_process
        if isinstance(error, (TypeError, ValueError, AttributeError)):  # botocore's Config, of values of other kinds
            raise OptionError(
                "aws_config",
                f"is rejected by the SDK: {one_line(error)}",
                "Set parameters of botocore's Config.",
            ) from error
        if isinstance(error, BotoCoreError):
            raise ReadError(
                f"The connection to AWS can't be set up: {one_line(error)}. Check profile and aws_config.",
                type(error).__name__,
            ) from error
        raise
    # botocore lets a line break at its end pass, and then no request can be made.
    if not _REGION.fullmatch(client.meta.region_name):
        raise OptionError(
            "region", f"is {shown(client.meta.region_name)}", "Set the name of one Region, such as eu-west-1."
        )
    # Older SDKs don't have the event.
    client.meta.events.register("before-parse.cloudformation", repair_xml, unique_id="stackgate.stacksets")
    return client


class StackSetClient:
    """One stack set, read over one boto3 client; ``call_as`` goes along with every call.

    All methods raise ReadError; the constructor, OptionError where an ARN's Region is not the client's. ``calls``
    counts the requests made, the SDK's retries among them; ``aws_time`` is AWS's own, at its last answer (None: not
    told). All calls together take no longer than the ``deadline``. An error that passes by itself is raised once the
    SDK has given up, or, with ``retry``, when that is at its end too.
    """

    def __init__(
        self,
        client: Any,
        stack_set: StackSetName,
        call_as: str,
        deadline: Deadline | None = None,
        retry: ThrottleRetry | None = None,
        page_size: int = PAGE_SIZE_LIMIT,
    ) -> None:
        self._client = client
        self.region = client.meta.region_name
        stack_set.check_region(self.region)
        self.name = stack_set.value
        self.call_as = call_as
        self.deadline = deadline or Deadline()
        self._retry = retry or ThrottleRetry(seconds=0.0)
        self._page_size = page_size
        self.calls = 0
        self.aws_time: datetime | None = None

    def describe_operation(self, operation_id: str) -> Operation:
        """The operation (DescribeStackSetOperation: strongly consistent)."""
        if not operation_id:
            raise nameless_operation_error(self._context("DescribeStackSetOperation", None))
        answer = self._call("DescribeStackSetOperation", operation_id)
        return normalise_operation(answer.get("StackSetOperation") or {})

    def list_operations(self) -> list[OperationSummary]:
        """All operations, newest first (ListStackSetOperations). One begun a moment ago may not be listed yet.

        An error carries those that were listed before it.
        """
        fetch = self._fetch("ListStackSetOperations", None, normalise_operation_summary)
        operations: list[OperationSummary] = []
        try:
            with self.listing_errors("ListStackSetOperations", None):
                for page in Listing(fetch, page_size=self._page_size):
                    operations += page
        except ReadError as error:
            error.operations = newest_first(operations)
            raise
        return newest_first(operations)

    def result_pages(self, operation_id: str, status: str | None) -> Iterator[list[Row]]:
        """The pages of one listing of results, of one status or (None) of all, for a caller that may stop early."""
        with self.listing_errors("ListStackSetOperationResults", operation_id):
            yield from Listing(self.fetch_results(operation_id, status), page_size=self._page_size)

    def fetch_results(self, operation_id: str, status: str | None) -> Fetch:
        """Fetches a page of the rows of one operation (ListStackSetOperationResults)."""
        by_status = {"Filters": [{"Name": "OPERATION_RESULT_STATUS", "Values": status}]} if status else {}
        return self._fetch("ListStackSetOperationResults", operation_id, normalise_row, **by_status)

    @contextmanager
    def listing_errors(self, action: str, operation_id: str | None) -> Iterator[None]:
        """Within it, a listing that runs in a circle raises ReadError too."""
        try:
            yield
        except TokenRepeated as error:
            raise token_repeated_error(self._context(action, operation_id)) from error

    def _fetch(self, action: str, operation_id: str | None, normalise: Normalise, **parameters: Any) -> Fetch:
        def fetch(token: str | None, limit: int | None) -> tuple[list[Any], str | None]:
            paging = {"NextToken": token, "MaxResults": limit}
            given = {name: value for name, value in paging.items() if value}
            answer = self._call(action, operation_id, **parameters, **given)
            return list(map(normalise, answer.get("Summaries") or ())), answer.get("NextToken")

        return fetch

    def _call(self, action: str, operation_id: str | None, **parameters: Any) -> dict[str, Any]:
        if operation_id:
            parameters["OperationId"] = operation_id
        return self._retry.call(lambda: self._call_once(action, operation_id, parameters), self.deadline)

    def _call_once(self, action: str, operation_id: str | None, parameters: dict[str, Any]) -> dict[str, Any]:
        method = getattr(self._client, _METHODS[action])
        context = self._context(action, operation_id)
        last_error = self._retry.last_error
        try:
            answer = self.deadline.call(
                lambda: method(StackSetName=self.name, CallAs=self.call_as, **parameters),
                # Where AWS has no answer at the moment, no time is spent beyond what there is.
                MIN_CALL_SECONDS if last_error is None else 0.0,
            )
        except DeadlineExceeded as error:
            if self.deadline.expired:
                raise reading_timeout_error(context, self.deadline.seconds) from error
            raise no_answer_error(context, last_error) from error
        except Exception as error:  # the SDK's own parser errors have no common base with its others
            self._record(getattr(error, "response", None))
            raise translate(error, context) from None  # an error of the credentials may quote them
        self._record(answer)
        return answer

    def _record(self, answer: Any) -> None:
        about = (answer or {}).get("ResponseMetadata") or {}
        self.calls += 1 + (about.get("RetryAttempts") or 0)
        date = (about.get("HTTPHeaders") or {}).get("date")
        with suppress(TypeError, ValueError):  # whatever a proxy puts there
            time = parsedate_to_datetime(date) if date else None
            self.aws_time = time if time and time.tzinfo else self.aws_time

    def _context(self, action: str, operation_id: str | None) -> CallContext:
        endpoint = self._client.meta.endpoint_url
        return CallContext(action, self.name, operation_id, self.call_as, self.region, endpoint)
