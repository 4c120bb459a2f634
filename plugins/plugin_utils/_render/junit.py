# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report as JUnit's XML, for whatever shows tests: a suite for each Region, a case for each account. Pure.

A result that lacks its account or Region is a case of its own, with a number.
Only SUCCEEDED passes. FAILED and CANCELLED are failures; a status that is no end, and whatever the rows do not tell
(a suite of its own, which is there only then), are errors: what isn't known must not be green. The order of elements
and the attributes are those that the schemas of Apache Ant's JUnit report and of Jenkins both ask for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import NamedTuple
from xml.etree import ElementTree

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import parse_time
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report, Result

_NO_REGION = "no Region"
_NO_ACCOUNT = "no account"
_OPERATION = "operation"
_NEVER = "1970-01-01T00:00:00"
_MESSAGE_LIMIT = 160  # characters of an attribute that readers show in a list; the element's text has the whole reason


class _Case(NamedTuple):
    """A test; ``outcome`` is ``failure``, ``error`` or empty; ``reason`` says why, in full."""

    name: str
    outcome: str = ""
    kind: str = ""
    reason: str = ""


def to_junit(report: Report) -> str:
    """The document, to be written as UTF-8."""
    root = ElementTree.Element("testsuites")
    suites = [(region or _NO_REGION, _cases(_of_region(report, region))) for region in report.regions]
    wrong = list(_wrong(report))
    if wrong:
        suites.insert(0, (_OPERATION, wrong))
    for number, (name, cases) in enumerate(suites):
        _add_suite(root, report, number, name, cases)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'


def _of_region(report: Report, region: str) -> list[Result]:
    """One result for each account, the worst where it was targeted through several organizational units."""
    worst: dict[tuple[str, int], Result] = {}
    # They come trouble first.
    for number, result in enumerate(report.results):
        if result.region == region:
            worst.setdefault((result.account, 0 if result.is_named else number), result)
    return [worst[target] for target in sorted(worst)]


def _cases(results: Iterable[Result]) -> list[_Case]:
    cases = []
    numbers = count(1)
    for result in results:
        account = result.account or _NO_ACCOUNT
        name = f"{account} ({result.name})" if result.name else account
        if not result.is_named:
            name += f" {next(numbers)}"
        outcome = {"SUCCEEDED": "", "FAILED": "failure", "CANCELLED": "failure"}.get(result.status, "error")
        cases.append(_Case(name, outcome, result.status or "no status", result.explanation or "No reason given."))
    return cases


def _wrong(report: Report) -> Iterable[_Case]:
    if report.operation_status in ("FAILED", "STOPPED"):
        reason = f": {report.operation_reason}" if report.operation_reason else ""
        yield _Case("status", "failure", report.operation_status, f"The operation is {report.operation_status}{reason}")
    for number, remark in enumerate(report.remarks, 1):
        yield _Case(f"remark {number}", "error", "unknown", str(remark))


def _add_suite(root: ElementTree.Element, report: Report, number: int, name: str, cases: Sequence[_Case]) -> None:
    outcomes = [case.outcome for case in cases]
    stack_set = report.stack_set_name or "stack set"
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        name=name,
        package=stack_set,
        id=str(number),
        # No time zone: the schema has none. AWS's times are in UTC.
        timestamp=_timestamp(report.began),
        hostname="localhost",
        tests=str(len(cases)),
        failures=str(outcomes.count("failure")),
        errors=str(outcomes.count("error")),
        time="0",
    )
    properties = ElementTree.SubElement(suite, "properties")
    # Jenkins's schema wants at least one.
    about = {
        "headline": report.headline,
        "subheadline": report.subheadline,
        "stack_set_name": report.stack_set_name,
        "operation_id": report.operation_id,
        "action": report.action,
        "operation_status": report.operation_status,
        "console_url": report.console_url,
    }
    for key, value in about.items():
        if value:
            ElementTree.SubElement(properties, "property", name=key, value=value)
    for case in cases:
        element = ElementTree.SubElement(suite, "testcase", name=case.name, classname=f"{stack_set}.{name}", time="0")
        if case.outcome:
            outcome = ElementTree.SubElement(element, case.outcome, type=case.kind, message=_message(case.reason))
            outcome.text = case.reason
    ElementTree.SubElement(suite, "system-out")
    ElementTree.SubElement(suite, "system-err")


def _message(reason: str) -> str:
    """The reason, cut between two words. It is one safe line already, so this need not look at it again."""
    if len(reason) <= _MESSAGE_LIMIT:
        return reason
    cut = reason[: _MESSAGE_LIMIT - len("...")]
    return f"{cut.rpartition(' ')[0] or cut}..."


def _timestamp(began: str) -> str:
    """``2026-11-02T08:15:00`` in UTC; what is no time becomes the epoch, as the schema wants one."""
    moment = parse_time(began)
    return moment.replace(tzinfo=None, microsecond=0).isoformat() if moment else _NEVER
