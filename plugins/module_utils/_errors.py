# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The collection's exceptions, and AWS's refusals and the SDK's failures as sentences.

Every message says what was asked, what went wrong and what to do next. Modules turn them into failed tasks, plugins
into Ansible's errors; neither adds words of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ._text import one_line

try:
    from botocore import exceptions as sdk
except ImportError:  # amazon.aws reports a missing SDK before anything here runs
    sdk = None

if TYPE_CHECKING:
    from ._api.results_reader import Reading


class StackSetsError(Exception):
    """Whatever ends a reading. ``message`` is for a person.

    What was read before goes along, as AWS sent it: ``operation`` (or None), ``reading`` (a Reading of its results,
    or None), ``operations`` (where those were listed). ``facts`` is for machines.
    """

    code: str | None = "Failed"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.cause = message
        self.response_metadata: Mapping[str, Any] = {}
        self.operation: dict[str, Any] | None = None
        self.reading: Reading | None = None
        self.operations: list[dict[str, Any]] = []

    @property
    def facts(self) -> dict[str, Any]:
        """What amazon.aws's fail_json_aws puts beside the message of a failed task, but for the SDK's versions.

        ``error`` has ``code`` and ``message``; ``response_metadata`` is there where AWS answered.
        """
        about = {ours: self.response_metadata[key] for key, ours in _METADATA.items() if key in self.response_metadata}
        if "http_headers" in about:
            about["http_headers"] = {name: one_line(value) for name, value in about["http_headers"].items()}
        return {**error_fact(self.code, self.cause), **({"response_metadata": about} if about else {})}


# AWS's keys of an answer's metadata, and ours as amazon.aws writes them.
_METADATA = {
    "RequestId": "request_id",
    "HTTPStatusCode": "http_status_code",
    "HTTPHeaders": "http_headers",
    "RetryAttempts": "retry_attempts",
}


def error_fact(code: str | None, message: Any) -> dict[str, Any]:
    """``error`` of a failed result."""
    return {"error": {"code": one_line(code or "Failed", 80), "message": one_line(message, 1000)}}


# Whether an error passes by itself. One of the network does where AWS could be reached before: otherwise it is the
# settings that are wrong, and waiting would only hide it.
PASSES = "passes"
PASSES_IF_REACHED = "passes if reached"


class Kind(NamedTuple):
    """A kind of error: its sentence, whether it passes by itself (None: never), and a short name for progress."""

    sentence: str
    passes: str | None = None
    brief: str | None = None


class OptionError(StackSetsError):
    """An option that is refused before any call to AWS."""

    code = "InvalidOption"

    def __init__(self, option: str, problem: str, remedy: str) -> None:
        super().__init__(f"{option} {problem}. {remedy}")
        self.option = option
        self._rest = problem, remedy

    def within(self, place: str) -> OptionError:
        """The same error, of an option that is part of another."""
        problem, remedy = self._rest
        return OptionError(f"{place}.{self.option}", problem, remedy)


class ReadError(StackSetsError):
    """AWS refused, the SDK failed, or the answers made no sense. ``code`` is AWS's code or the SDK's class name."""

    def __init__(self, message: str, code: str | None = None, kind: Kind | None = None) -> None:
        super().__init__(message)
        self.code = code
        self._kind = kind or Kind("")

    def passes(self, reached: bool) -> bool:
        """Whether the same call is likely to be answered later; ``reached``: whether AWS has been, before."""
        return self._kind.passes is PASSES or (self._kind.passes is PASSES_IF_REACHED and reached)

    @property
    def brief(self) -> str:
        """What it is in a word or two, for a line of progress."""
        return self._kind.brief or one_line(self.code or "error", 60)

    @property
    def out_of_time(self) -> bool:
        """Whether there was no time to wait for the answer."""
        return self.code in (_TIMED_OUT, _NO_ANSWER)


class Asked(NamedTuple):
    """What was asked of AWS, for the sentences."""

    action: str
    stack_set_name: str
    operation_id: str | None
    call_as: str
    region: str | None
    endpoint: str | None = None

    def __str__(self) -> str:
        what = f"operation {self.operation_id} of stack set" if self.operation_id else "stack set"
        return f"{what} {self.stack_set_name}"


def translate(error: Exception, asked: Asked) -> ReadError:
    """Any exception out of a boto3 call as a ReadError."""
    if sdk is not None and isinstance(error, sdk.ClientError):
        return _refusal(error, asked)
    code = type(error).__name__
    kind = next((one for name, one in _SDK_FAILURES.items() if _is_a(error, name)), _NOT_UNDERSTOOD)
    url = getattr(error, "kwargs", {}).get("endpoint_url") or ""
    if url and asked.endpoint and not url.startswith(asked.endpoint):
        kind = kind._replace(passes=None)  # not CloudFormation was called, but what obtains credentials
    return _read_error(kind, asked, error, code)


def token_repeated(asked: Asked) -> ReadError:
    """The listing runs in a circle."""
    return _read_error(_TOKEN_REPEATED, asked, "", "TokenRepeated")


def time_over(asked: Asked, seconds: float | None) -> ReadError:
    """The whole reading took too long."""
    return _read_error(_TIME_OVER, asked, "", _TIMED_OUT, seconds=f"{seconds:g}")


def no_answer(asked: Asked, refused: ReadError | None) -> ReadError:
    """The time of the wait ended before AWS answered; ``refused`` is what it said last, instead of an answer."""
    why = f" ({refused.brief})" if refused else ""
    return _read_error(_TOO_LATE, asked, "", _NO_ANSWER, why=why)


def _refusal(error: Exception, asked: Asked) -> ReadError:
    answer = error.response
    about = answer.get("ResponseMetadata", {})
    code = str(answer.get("Error", {}).get("Code") or "Unknown")
    message = answer.get("Error", {}).get("Message") or "no message"
    name, status = _name(code), about.get("HTTPStatusCode") or 0
    kind = _REFUSALS.get(name, _REFUSAL_OTHER)
    if name in _BY_WORDS:
        kind = next((one for words, one in _BY_WORDS[name].items() if words in message.lower()), kind)
    elif kind is _REFUSAL_OTHER and (status == 429 or status >= 500):
        kind = _THROTTLED if status == 429 else _UNAVAILABLE
    elif name == "StackSetNotFound" and asked.call_as == "SELF":
        kind = kind._replace(sentence=kind.sentence + _AS_DELEGATE)
    if getattr(error, "operation_name", asked.action) != asked.action:
        kind = kind._replace(passes=None)  # a call of what obtains credentials
    retries = about.get("RetryAttempts")
    tried = f" after {retries} retries" if retries else ""
    return _read_error(kind, asked, message, code, f" (AWS answered {one_line(code, 80)}{tried}.)", about)


def _name(code: str) -> str:
    # The model writes StackSetNotFoundException, some endpoints leave out the ending.
    return code[: -len("Exception")] if code.endswith("Exception") else code


def _read_error(
    kind: Kind,
    asked: Asked,
    error: Any,
    code: str,
    ending: str = "",
    metadata: Mapping[str, Any] | None = None,
    **more: str,
) -> ReadError:
    message = kind.sentence.format(
        **more,
        asked=asked,
        action=asked.action,
        call_as=asked.call_as,
        region=asked.region or "an unknown Region",
        stack_set_name=asked.stack_set_name,
        operation_id=asked.operation_id,
        error=one_line(error).rstrip("."),
        code=code,
    )
    found = ReadError(message + ending, code, kind)
    found.cause = error or found.message
    found.response_metadata = metadata or {}
    return found


def _is_a(error: Exception, name: str) -> bool:
    # By name along the inheritance, so that an SDK of any supported age will do: the older lack some classes.
    return any(cls.__name__ == name for cls in type(error).__mro__)


_TIMED_OUT, _NO_ANSWER = "ReadingTimeout", "NoAnswer"
_AS_DELEGATE = (
    " From a delegated administrator's account, service-managed stack sets are seen only with call_as=DELEGATED_ADMIN."
)
_NEW_CREDENTIALS = "Give valid ones by access_key, secret_key and session_token, by profile, or in the environment."
_EXPIRED = Kind(
    "The credentials have expired ({action} for {asked}). Renew them, with the AWS CLI for example by aws sso login"
    " or aws sts assume-role, and run again."
)
_DENIED = Kind(
    "Access denied: the credentials may not call cloudformation:{action} on {asked}. Allow that action on the stack"
    " set (for a delegated administrator the resource is in the management account). AWS says: {error}."
)
_THROTTLED = Kind(
    "AWS throttled {action} for {asked} and the retries were used up. Run again later, run fewer readings at a time,"
    ' or allow more retries, for example aws_config={{"retries": {{"mode": "adaptive", "total_max_attempts": 20}}}}.',
    PASSES,
    "AWS throttles",
)
_CLOCK = Kind(
    "AWS refused the signature of {action} for {asked} because of its time. Set this machine's clock and run again."
    " AWS says: {error}."
)
_INVALID_CREDENTIALS = Kind("AWS does not accept the credentials ({code}). " + _NEW_CREDENTIALS + " AWS says: {error}.")
_TOKEN_REFUSED = Kind(
    "AWS no longer accepts the token to go on with in {asked}. Tokens age and belong to one listing: read again from"
    " the start, without starting_token. AWS says: {error}."
)
_TOKEN_REPEATED = Kind(
    "AWS answered {action} for {asked} with a token that was followed before, so the listing would run in a circle."
    " Run again."
)
_TIME_OVER = Kind(
    "The reading was not done within reading_timeout, {seconds} seconds, and ended at {action} for {asked}. Run again,"
    " set a longer reading_timeout, or find out what is slow: throttling by AWS, a proxy, the network."
)
_NOT_DELEGATED = Kind(
    "call_as=DELEGATED_ADMIN was refused for {asked}: this account is no delegated administrator for CloudFormation"
    " StackSets, or the credentials lack organizations:ListDelegatedAdministrators. From the management account leave"
    " call_as at SELF. AWS says: {error}."
)
_UNAVAILABLE = Kind(
    "AWS could not answer {action} for {asked}: {error}. The fault is on AWS's side, or in what stands before it; run"
    " again later.",
    PASSES,
)
_TOO_LATE = Kind(
    "AWS did not answer {action} for {asked} before the time to wait was over{why}. Run again, or raise wait_timeout;"
    " where that lasts, find out what is slow: throttling by AWS, a proxy, the network."
)
_BROKE = "The connection to AWS broke during {action} for {asked}: {error}. Run again."
_REFUSAL_OTHER = Kind("AWS refused {action} for {asked}: {error}.")

# Codes without the ending "Exception". The first two: ListStackSetOperationResults, Errors; the others: API
# reference, Common errors.
_REFUSALS = {
    "StackSetNotFound": Kind(
        "Stack set {stack_set_name} was not found in {region} with call_as={call_as}. Check the name (it is"
        " case-sensitive), the region and whose credentials these are."
    ),
    "OperationNotFound": Kind(
        "Operation {operation_id} was not found in stack set {stack_set_name} in {region}. Check the stack set, the"
        " region and the id; stackgate.stacksets.operations_info lists the operations."
    ),
    "AccessDenied": _DENIED,
    "UnauthorizedOperation": _DENIED,
    "NotAuthorized": _DENIED,
    "ExpiredToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "RequestExpired": _CLOCK,
    "RequestTimeTooSkewed": _CLOCK,
    "RequestInTheFuture": _CLOCK,
    "SignatureDoesNotMatch": _INVALID_CREDENTIALS,
    "InvalidClientTokenId": _INVALID_CREDENTIALS,
    "UnrecognizedClient": _INVALID_CREDENTIALS,
    "InvalidAccessKeyId": _INVALID_CREDENTIALS,
    "IncompleteSignature": _INVALID_CREDENTIALS,
    "MissingAuthenticationToken": _INVALID_CREDENTIALS,
    "AuthFailure": _INVALID_CREDENTIALS,
    "OptInRequired": Kind(
        "The account is not enabled for CloudFormation in {region}: enable the Region. AWS says: {error}."
    ),
    "Throttling": _THROTTLED,
    "Throttled": _THROTTLED,
    "TooManyRequests": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "RequestThrottled": _THROTTLED,
    "BandwidthLimitExceeded": _THROTTLED,
    "SlowDown": _THROTTLED,
    "ServiceUnavailable": _UNAVAILABLE,
    "InternalFailure": _UNAVAILABLE,
    "InternalError": _UNAVAILABLE,
    "InternalServerError": _UNAVAILABLE,
    "RequestTimeout": _UNAVAILABLE,
}
# Where one code has several causes, words of the message tell which it is.
_BY_WORDS = {
    "ValidationError": {
        "not a delegated administrator": _NOT_DELEGATED,
        "listdelegatedadministrators": _NOT_DELEGATED,
        "token": _TOKEN_REFUSED,
    },
    "SignatureDoesNotMatch": {"signature expired": _CLOCK, "signature not yet current": _CLOCK},
}

# Classes of botocore.exceptions, the special ones before their bases.
_SDK_FAILURES = {
    "NoCredentialsError": Kind("No AWS credentials were found. " + _NEW_CREDENTIALS),
    "PartialCredentialsError": Kind("The AWS credentials are incomplete ({error}). " + _NEW_CREDENTIALS),
    "CredentialRetrievalError": Kind("AWS credentials could not be obtained: {error}. Renew them and run again."),
    "NoRegionError": Kind("No region was found. Set region, AWS_REGION, or a region in the profile."),
    "ProfileNotFound": Kind("{error}. Name one that exists with profile."),
    "SSOError": Kind("The single sign-on session is not usable: {error}. Renew it with aws sso login."),
    "ProxyConnectionError": Kind(
        "The proxy could not be reached: {error}. Check HTTPS_PROXY, NO_PROXY and aws_config.", PASSES_IF_REACHED
    ),
    "SSLError": Kind(
        "The endpoint's TLS certificate was not accepted: {error}. Give the certificate authority with aws_ca_bundle,"
        " or check endpoint_url."
    ),
    "EndpointConnectionError": Kind(
        "AWS could not be reached: {error}. Check region and endpoint_url, the network, and the proxy's settings.",
        PASSES_IF_REACHED,
    ),
    "ConnectTimeoutError": Kind(
        "AWS could not be reached in time: {error}. Check the network and the proxy's settings, or set"
        " connect_timeout (seconds) in aws_config.",
        PASSES_IF_REACHED,
    ),
    "ReadTimeoutError": Kind(
        "AWS did not answer {action} in time: {error}. Run again, or set read_timeout (seconds) in aws_config.",
        PASSES,
    ),
    "ConnectionClosedError": Kind(_BROKE, PASSES),
    "ResponseStreamingError": Kind(_BROKE, PASSES),
    "HTTPClientError": Kind(_BROKE, PASSES_IF_REACHED),
    "ConnectionError": Kind(_BROKE, PASSES_IF_REACHED),
    "IncompleteReadError": Kind("AWS's answer to {action} for {asked} was cut short: {error}. Run again.", PASSES),
    "ParamValidationError": Kind("The SDK refused the parameters of {action}: {error}. A newer boto3 may accept them."),
    "BotoCoreError": Kind("{action} for {asked} failed in the SDK with {code}: {error}."),
}
# Everything else is raised by the SDK's parser, which has an exception of its own for some answers only.
_NOT_UNDERSTOOD = Kind(
    "The answer to {action} for {asked} was not one of CloudFormation's ({code}: {error}). Check what stands between"
    " here and AWS: endpoint_url, a proxy, a portal that asks for a login."
)
