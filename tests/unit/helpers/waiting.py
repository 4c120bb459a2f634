# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gate's wait under test: its calls are a script over a real boto3 client, its clock only moves by sleeping."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.policy import policy
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_options import waiting_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import stack_set_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.gate_request import gate_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._wait.waiter import (
    OperationWaiter,
    throttle_retry_for,
)
from ansible_collections.stackgate.stacksets.tests.unit.helpers.scripted_wire import (
    answer,
    new_client,
    refusal,
    scripted_client,
)

NAME = "org-baseline"
OPERATION = "5d1f2a44-op"
CREATED = datetime(2026, 11, 2, 8, 15, tzinfo=timezone.utc)
THROTTLED = refusal("Throttling", "Rate exceeded")
LATEST = {"operation_id": "latest", "created_after": "2026-11-02T08:00:00Z"}
CREATED_WHEN = ("created_after", "created_before")
NO_COUNT = None
# What the module hands over where a task gives no more than it must.
OPTIONS = {
    **{name: option.get("default") for name, option in {**stack_set_options(), **waiting_options()}.items()},
    "stack_set_name": NAME,
    "operation_id": OPERATION,
}


class FakeClock:
    """A Clock that only sleeping moves; ``slept`` has how long each time."""

    stop = None

    def __init__(self, random=0.0):
        self.now = 0.0
        self.slept = []
        self.random = lambda: random

    def elapsed(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(round(seconds, 2))
        self.now += seconds


@contextmanager
def waiting(clock, *script, **options):
    """A Wait whose calls are those of the script: one too many fails, and so does one that never comes."""
    request = gate_request(
        {**OPTIONS, **{name: options.pop(name) for name in [*OPTIONS, *CREATED_WHEN] if name in options}}
    )
    with ExitStack() as stack:
        client = stack.enter_context(scripted_client(*script))
        retry = throttle_retry_for(request, clock, client)
        stack_set = StackSetClient(client, request.stack_set, request.call_as, retry=retry)
        yield OperationWaiter(stack_set, request, policy(options), clock)


@contextmanager
def endlessly(clock, calls, answers, **options):
    """A Wait whose calls have the same answer each time, by their action, or what a function of their parameters gives;
    ``calls`` gets what was called.
    """
    request = gate_request({**OPTIONS, **options})

    def answered(parameters):
        calls.append(parameters["Action"])
        found = answers[parameters["Action"]]
        return found(parameters) if callable(found) else found

    client = new_client(answered)
    retry = throttle_retry_for(request, clock, client)
    stack_set = StackSetClient(client, request.stack_set, request.call_as, retry=retry)
    yield OperationWaiter(stack_set, request, policy({}), clock)


def decided(clock, *script, **options):
    with waiting(clock, *script, **options) as wait:
        return wait.run()


def lacking(decision):
    return [(one.what, one.option) for one in decision.missing]


def call(action, **parameters):
    return {"Action": action, "StackSetName": NAME, "CallAs": "SELF", **parameters}


def describe(operation=OPERATION):
    return call("DescribeStackSetOperation", OperationId=operation)


def described(status="SUCCEEDED", failed=0, ended=None, now=None, operation=OPERATION, created=CREATED, **more):
    """An operation; ``now`` is AWS's time at this answer, ``ended`` that of the operation's end."""
    fact = {
        "OperationId": operation,
        "Action": "UPDATE",
        "Status": status,
        "CreationTimestamp": created.isoformat(),
        "EndTimestamp": ended and ended.isoformat(),
        "StatusDetails": None if failed is NO_COUNT else {"FailedStackInstancesCount": failed},
        **more,
    }
    headers = {"Date": format_datetime(now, usegmt=True)} if now else {}
    return (*answer("DescribeStackSetOperation", StackSetOperation=fact), headers)


def results(status=None, token=None, operation=OPERATION):
    parameters = {"OperationId": operation, "MaxResults": "100"}
    if status:
        parameters |= {"Filters.member.1.Name": "OPERATION_RESULT_STATUS", "Filters.member.1.Values": status}
    if token:
        parameters["NextToken"] = token
    return call("ListStackSetOperationResults", **parameters)


def page(*rows, token=None):
    """Rows as (account, status)."""
    rows = [{"Account": account, "Region": "eu-west-1", "Status": status} for account, status in rows]
    return answer("ListStackSetOperationResults", Summaries=rows, NextToken=token)


def listing(token=None):
    return call("ListStackSetOperations", MaxResults="100", **({"NextToken": token} if token else {}))


def listed(*operations, now=None):
    """Operations as (id, minutes after the usual creation, status)."""
    summaries = [
        {"OperationId": one, "Status": status, "CreationTimestamp": (CREATED + timedelta(minutes=later)).isoformat()}
        for one, later, status in operations
    ]
    headers = {"Date": format_datetime(now, usegmt=True)} if now else {}
    return (*answer("ListStackSetOperations", Summaries=summaries), headers)


def bad_rows(pending=(), running=(), failed=(), cancelled=()):
    """The four listings that every decision on an ended operation needs, with these accounts."""
    given = {"PENDING": pending, "RUNNING": running, "FAILED": failed, "CANCELLED": cancelled}
    return [(results(status), page(*((one, status) for one in accounts))) for status, accounts in given.items()]


GOOD_ROW = (results("SUCCEEDED"), page(("1", "SUCCEEDED")))
ALL_GOOD = [*bad_rows(), GOOD_ROW]


def lagging(*times, **more):
    """Readings of an operation of which AWS counted a failure that its rows do not show."""
    reading = [*bad_rows(), GOOD_ROW]
    return [step for time in times for step in [(describe(), described(failed=1, now=time, **more)), *reading]]


def whole(*accounts, failed=NO_COUNT, **more):
    rows = page(*((one, "SUCCEEDED") for one in accounts))
    return [(describe(), described(failed=failed, **more)), (results(), rows)]


def pinned(*afterwards, now):
    """The calls of a gate on the latest, pinned at this time, that finds these operations at its end."""
    return [
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), now=now)),
        (describe(), described()),
        *ALL_GOOD,
        (listing(), listed((OPERATION, 0, "SUCCEEDED"), *afterwards)),
    ]
