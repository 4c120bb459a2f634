# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""AWS's refusals and the SDK's failures as sentences that say what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._errors import (
    NO_ANSWER,
    READING_TIMED_OUT,
    ErrorKind,
    ReadError,
    Transient,
)
from .._text import one_line
from .credential_errors import NEW_CREDENTIALS, OTHER, THROTTLING_CODES, credential_kind, quotable

try:
    from botocore import exceptions as sdk
except ImportError:  # amazon.aws reports a missing SDK before anything here runs
    sdk = None


class CallContext(NamedTuple):
    """One call of AWS's API, for the sentences: ``action`` is its name, as in the API reference."""

    action: str
    stack_set_name: str
    operation_id: str | None
    call_as: str
    region: str | None
    endpoint: str | None = None

    def __str__(self) -> str:
        what = f"operation {self.operation_id} of stack set" if self.operation_id else "stack set"
        return f"{what} {self.stack_set_name}"


def translate(error: Exception, context: CallContext) -> ReadError:
    """Any exception out of a boto3 call as a ReadError."""
    kind = credential_kind(error, context.action, context.endpoint)
    if kind:
        return _of_credentials(error, kind, context)
    if sdk is not None and isinstance(error, sdk.ClientError):
        return _refusal(error.response, context)
    kind = next((one for name, one in _SDK_FAILURES.items() if _is_a(error, name)), _NOT_UNDERSTOOD)
    if kind in (_BROKEN, _NOT_UNDERSTOOD):
        kind = next((one for words, one in _TOLD_BY.items() if words in str(error).lower()), kind)
    return _read_error(kind, context, error, type(error).__name__)


def credentials_error(error: Exception) -> ReadError:
    """Any exception out of a call that obtains credentials as a ReadError."""
    return _of_credentials(error, credential_kind(error, "") or OTHER, CallContext("", "", None, "SELF", None))


def raise_of_credentials(error: BaseException | None) -> None:
    """Raise ReadError for an error of what obtains credentials; none else. Without its cause, which may quote some."""
    if isinstance(error, Exception) and credential_kind(error, ""):
        raise credentials_error(error) from None


def _of_credentials(error: Exception, kind: ErrorKind, context: CallContext) -> ReadError:
    if sdk is not None and isinstance(error, sdk.ClientError):
        return _refusal(error.response, context._replace(action=error.operation_name), kind)
    return _read_error(kind, context, quotable(error), type(error).__name__)


def nameless_operation_error(context: CallContext) -> ReadError:
    """AWS listed the operation that is meant without its id."""
    return _read_error(_NAMELESS, context, "", "NoOperationId")


def token_repeated_error(context: CallContext) -> ReadError:
    """The listing runs in a circle."""
    return _read_error(_TOKEN_REPEATED, context, "", "TokenRepeated")


def reading_timeout_error(context: CallContext, seconds: float | None) -> ReadError:
    """The reading took too long."""
    return _read_error(_TIME_OVER, context, "", READING_TIMED_OUT, seconds=f"{seconds:g}")


def no_answer_error(context: CallContext, refused: ReadError | None) -> ReadError:
    """The time of the wait ended before AWS answered; ``refused`` is what it said last, instead of an answer."""
    why = f" ({refused.brief})" if refused else ""
    return _read_error(_TOO_LATE, context, "", NO_ANSWER, why=why)


def _refusal(answer: Mapping[str, Any], context: CallContext, kind: ErrorKind | None = None) -> ReadError:
    """AWS's refusal of an action; the kind is given where that was to obtain credentials."""
    about = answer.get("ResponseMetadata", {})
    code = str(answer.get("Error", {}).get("Code") or "Unknown")
    message = answer.get("Error", {}).get("Message") or "no message"
    kind = kind or _refusal_kind(code.removesuffix("Exception"), message, about.get("HTTPStatusCode") or 0, context)
    retries = about.get("RetryAttempts")
    tried = f" after {retries} retries" if retries else ""
    return _read_error(kind, context, message, code, f" (AWS answered {one_line(code, 80)}{tried}.)", about)


def _refusal_kind(name: str, message: str, status: int, context: CallContext) -> ErrorKind:
    """``name`` is the code without its ending: the model writes StackSetNotFoundException, some endpoints don't."""
    kind = _REFUSALS.get(name, _REFUSAL_OTHER)
    if name in _BY_WORDS:
        kind = next((one for words, one in _BY_WORDS[name].items() if words in message.lower()), kind)
    elif kind is _REFUSAL_OTHER and (status == 429 or status >= 500):
        kind = _THROTTLED if status == 429 else _UNAVAILABLE
    elif name == "StackSetNotFound" and context.call_as == "SELF":
        kind = kind._replace(sentence=kind.sentence + _AS_DELEGATE)
    return _NOT_DELEGATED_AS_SELF if kind is _NOT_DELEGATED and context.call_as == "SELF" else kind


def _read_error(
    kind: ErrorKind,
    context: CallContext,
    error: Any,
    code: str,
    ending: str = "",
    metadata: Mapping[str, Any] | None = None,
    **more: str,
) -> ReadError:
    message = kind.sentence.format(
        **more,
        subject=context,
        action=context.action,
        call_as=context.call_as,
        region=context.region or "an unknown Region",
        stack_set_name=context.stack_set_name,
        operation_id=context.operation_id,
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


_AS_DELEGATE = " From a delegated administrator account, set call_as=DELEGATED_ADMIN to see service-managed stack sets."
_EXPIRED = ErrorKind(
    "The credentials have expired ({action} for {subject}). Renew them, for example with aws sso login or"
    " aws sts assume-role, and run again."
)
_DENIED = ErrorKind(
    "Access denied: the credentials are not allowed to call cloudformation:{action} on {subject}. Allow that action on"
    " the stack set. For a delegated administrator, it is a resource of the management account. AWS says: {error}."
)
_THROTTLED = ErrorKind(
    "AWS throttled {action} for {subject} until the retries were exhausted. Run again later, run fewer tasks at a time,"
    ' or allow more attempts for a call, for example aws_config={{"retries": {{"total_max_attempts": 20}}}}.',
    Transient.ALWAYS,
    "throttled by AWS",
)
_CLOCK = ErrorKind(
    "AWS rejected the signature of {action} for {subject} because of its time. Correct this machine's clock and run"
    " again. AWS says: {error}."
)
_INVALID_CREDENTIALS = ErrorKind(
    "AWS does not accept the credentials ({code}). " + NEW_CREDENTIALS + " AWS says: {error}."
)
_INVALID_TOKEN = ErrorKind(
    "AWS does not accept the credentials in {region} ({code}). " + NEW_CREDENTIALS + " If they are valid in other"
    " Regions, enable {region} for the account, or get the session token from a regional STS endpoint"
    " (AWS_STS_REGIONAL_ENDPOINTS=regional). Tokens of the global endpoint are valid only in Regions that are enabled"
    " by default. AWS says: {error}."
)
_TOKEN_REFUSED = ErrorKind(
    "AWS does not accept the token for {subject}. Tokens expire, and each belongs to one listing. Read again from the"
    " start, without starting_token. AWS says: {error}."
)
_TOKEN_REPEATED = ErrorKind(
    "AWS returned a token twice in {action} for {subject}, so the listing would never end. Run again."
)
_NAMELESS = ErrorKind(
    "AWS listed the most recent operation of {subject} without its ID, so it can't be read. Run again, or set"
    " operation_id."
)
_TIME_OVER = ErrorKind(
    "The reading did not finish within reading_timeout ({seconds} seconds). It stopped at {action} for {subject}. Run"
    " again, raise reading_timeout, or check what is slow: AWS throttling, a proxy, the network."
)
_NOT_DELEGATED = ErrorKind(
    "call_as=DELEGATED_ADMIN was rejected for {subject}: this account is not a delegated administrator for StackSets,"
    " or the credentials lack organizations:ListDelegatedAdministrators. From the management account, use"
    " call_as=SELF. AWS says: {error}."
)
_NOT_DELEGATED_AS_SELF = ErrorKind(
    "call_as=SELF was rejected for {subject}: it requires the management account. From a delegated administrator"
    " account, set call_as=DELEGATED_ADMIN, which requires"
    " organizations:ListDelegatedAdministrators. AWS says: {error}."
)
_UNAVAILABLE = ErrorKind(
    "AWS could not answer {action} for {subject}: {error}. The fault is in AWS or in a proxy. Run again later.",
    Transient.ALWAYS,
)
_TOO_LATE = ErrorKind(
    "AWS did not answer {action} for {subject} before the wait time expired{why}. Run again, or raise wait_timeout. If"
    " that does not help, check what is slow: AWS throttling, a proxy, the network."
)
_BROKE = "The connection to AWS was lost during {action} for {subject}: {error}. Run again."
_BROKEN = ErrorKind(_BROKE, Transient.IF_REACHED)
_HEADER = ErrorKind(
    "No request to AWS can be sent: a credential has a line break or another character that a header can't have. Check"
    " the end of access_key, secret_key and session_token, also in the profile and in the environment."
)
_NO_FILE = ErrorKind("A file that the connection needs was not found: {error}. Check aws_ca_bundle and AWS_CA_BUNDLE.")
_REFUSAL_OTHER = ErrorKind("AWS rejected {action} for {subject}: {error}.")

# Codes without the ending "Exception". The first two: ListStackSetOperationResults, Errors; the others: API
# reference, Common errors.
_REFUSALS = {
    "StackSetNotFound": ErrorKind(
        "Stack set {stack_set_name} was not found in {region} with call_as={call_as}. Check the name"
        " (case-sensitive), the Region, and the account of the credentials."
    ),
    "OperationNotFound": ErrorKind(
        "Operation {operation_id} was not found in stack set {stack_set_name} in {region}. Check the stack set, the"
        " Region and the ID. The module stackgate.stacksets.operations_info lists the operations."
    ),
    **dict.fromkeys(("AccessDenied", "UnauthorizedOperation", "NotAuthorized"), _DENIED),
    **dict.fromkeys(("ExpiredToken", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(("RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"), _CLOCK),
    **dict.fromkeys(("SignatureDoesNotMatch", "InvalidSignature", "IncompleteSignature"), _INVALID_CREDENTIALS),
    **dict.fromkeys(("InvalidAccessKeyId", "MissingAuthenticationToken", "AuthFailure"), _INVALID_CREDENTIALS),
    **dict.fromkeys(("InvalidClientTokenId", "UnrecognizedClient"), _INVALID_TOKEN),
    "OptInRequired": ErrorKind(
        "The account is not enabled for CloudFormation in {region}. Enable the Region. AWS says: {error}."
    ),
    **dict.fromkeys(THROTTLING_CODES, _THROTTLED),
    **dict.fromkeys(("ServiceUnavailable", "InternalFailure", "InternalError", "InternalServerError"), _UNAVAILABLE),
    "RequestTimeout": _UNAVAILABLE,
}
_ANOTHER_TIME = {"signature expired": _CLOCK, "signature not yet current": _CLOCK}
# Where one code has several causes, words of the message tell which it is.
_BY_WORDS = {
    "ValidationError": {
        "not a delegated administrator": _NOT_DELEGATED,
        "listdelegatedadministrators": _NOT_DELEGATED,
        "token": _TOKEN_REFUSED,
    },
    "SignatureDoesNotMatch": _ANOTHER_TIME,
    "InvalidSignature": _ANOTHER_TIME,
}

# Classes of botocore.exceptions, the special ones before their bases.
_SDK_FAILURES = {
    "NoRegionError": ErrorKind("No Region was found. Set region, AWS_REGION, or a Region in the profile."),
    "ProxyConnectionError": ErrorKind(
        "The proxy could not be reached: {error}. Check HTTPS_PROXY, NO_PROXY and aws_config.", Transient.IF_REACHED
    ),
    "SSLError": ErrorKind(
        "The endpoint's TLS certificate was not accepted: {error}. Set aws_ca_bundle to the certificate authority, or"
        " check endpoint_url."
    ),
    "EndpointConnectionError": ErrorKind(
        "AWS could not be reached: {error}. Check region, endpoint_url, the network and the proxy settings.",
        Transient.IF_REACHED,
    ),
    "ConnectTimeoutError": ErrorKind(
        "AWS could not be reached in time: {error}. Check the network and the proxy settings, or raise"
        " connect_timeout (seconds) in aws_config.",
        Transient.IF_REACHED,
    ),
    "ReadTimeoutError": ErrorKind(
        "AWS did not answer {action} in time: {error}. Run again, or raise read_timeout (seconds) in aws_config.",
        Transient.ALWAYS,
    ),
    "ConnectionClosedError": ErrorKind(_BROKE, Transient.ALWAYS),
    "ResponseStreamingError": ErrorKind(_BROKE, Transient.ALWAYS),
    "HTTPClientError": _BROKEN,
    "ConnectionError": _BROKEN,
    "IncompleteReadError": ErrorKind(
        "The response to {action} for {subject} was truncated: {error}. Run again.", Transient.ALWAYS
    ),
    "ParamValidationError": ErrorKind("The SDK rejected the parameters of {action}: {error}. Update boto3."),
    "BotoCoreError": ErrorKind("{action} for {subject} failed in the SDK with {code}: {error}."),
}
# The SDK's parser says so of a character reference; older SDKs can't be helped, see repair_xml.
_NO_XML = ErrorKind(
    "The response to {action} for {subject} has a character that is not valid XML, for example in a status reason, and"
    " this SDK can't read it. Update boto3: with a newer version the character is replaced. Or read the other results"
    " by their statuses."
)
# Everything else is raised by the SDK's parser, which has an exception of its own for some answers only.
_NOT_UNDERSTOOD = ErrorKind(
    "The response to {action} for {subject} did not come from CloudFormation ({code}: {error}). Check endpoint_url, and"
    " whether a proxy or a login page answered."
)
# What the SDK tells in its own words alone.
_TOLD_BY = {
    "invalid header value": _HEADER,
    "no such file": _NO_FILE,
    "invalid character number": _NO_XML,
}
