# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The collection's exceptions, and what playbooks see of them.

Every message says what was asked, what went wrong and what to do next. Modules turn them into failed tasks, plugins
into Ansible's errors; neither adds words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

from ._text import one_line

# AWS's keys of an answer's metadata, and ours as amazon.aws writes them.
_METADATA = {
    "RequestId": "request_id",
    "HTTPStatusCode": "http_status_code",
    "HTTPHeaders": "http_headers",
    "RetryAttempts": "retry_attempts",
}

READING_TIMED_OUT, NO_ANSWER = "ReadingTimeout", "NoAnswer"  # codes of calls for which there was no time


class Transient(Enum):
    """When an error passes by itself. A network error does if AWS was reached before: otherwise the settings are
    probably wrong, and retries would hide that.
    """

    NEVER = "never"
    ALWAYS = "always"
    IF_REACHED = "if reached"


def error_fact(code: str | None, message: Any) -> dict[str, Any]:
    """``error`` of a failed result."""
    return {"error": {"code": one_line(code or "Failed", 80), "message": one_line(message, 1000)}}


class StackSetsError(Exception):
    """Whatever ends a reading. ``message`` is for a person.

    What was read before goes along: ``operation`` (an Operation or None), ``reading`` (a Reading of its results, or
    None), ``operations`` (OperationSummaries, where those were listed). ``facts`` is for machines.
    """

    code: str | None = "Failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.cause = message
        self.response_metadata: Mapping[str, Any] = {}
        self.operation: Any = None
        self.reading: Any = None
        self.operations: list[Any] = []

    @property
    def facts(self) -> dict[str, Any]:
        """What amazon.aws's fail_json_aws puts beside the message of a failed task, but for the SDK's versions.

        ``error`` has ``code`` and ``message``; ``response_metadata`` is there where AWS answered.
        """
        about = {ours: self.response_metadata[key] for key, ours in _METADATA.items() if key in self.response_metadata}
        if "http_headers" in about:
            about["http_headers"] = {name: one_line(value) for name, value in about["http_headers"].items()}
        return {**error_fact(self.code, self.cause), **({"response_metadata": about} if about else {})}


class OptionError(StackSetsError):
    """An option that is refused before any call to AWS."""

    code = "InvalidOption"

    def __init__(self, option: str, problem: str, remedy: str) -> None:
        super().__init__(f"{option} {problem}. {remedy}")
        self.option = option
        self._problem, self._remedy = problem, remedy

    def within(self, place: str) -> OptionError:
        """The same error, of an option that is part of another."""
        return OptionError(f"{place}.{self.option}", self._problem, self._remedy)

    def without_value(self) -> OptionError:
        """The same error, where the value is a secret: the problem may quote it."""
        return OptionError(self.option, "is rejected, and not shown because it has a vaulted value", self._remedy)


class ErrorKind(NamedTuple):
    """A kind of error: its sentence, when it passes by itself, and a short name for progress."""

    sentence: str
    transient: Transient = Transient.NEVER
    brief: str | None = None


class ReadError(StackSetsError):
    """AWS refused, the SDK failed, or the answers made no sense. ``code`` is AWS's code or the SDK's class name."""

    def __init__(self, message: str, code: str | None = None, kind: ErrorKind | None = None) -> None:
        super().__init__(message)
        self.code = code
        self._kind = kind or ErrorKind("")

    def is_transient(self, reached: bool) -> bool:
        """Whether the same call is likely to be answered later; ``reached``: whether AWS has been, before."""
        transient = self._kind.transient
        return transient is Transient.ALWAYS or (transient is Transient.IF_REACHED and reached)

    @property
    def brief(self) -> str:
        """What it is in a word or two, for a line of progress."""
        return self._kind.brief or one_line(self.code or "error", 60)

    @property
    def is_timeout(self) -> bool:
        """Whether there was no time to wait for the answer."""
        return self.code in (READING_TIMED_OUT, NO_ANSWER)


class Interrupted(BaseException):
    """The wait was ended from outside; the message says by what. No Exception, so that nothing takes it for an error
    of AWS's.
    """

    @property
    def facts(self) -> dict[str, Any]:
        """``error`` of the failed result."""
        return error_fact("Interrupted", self)
