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

from typing import TYPE_CHECKING, Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line

try:
    from botocore import exceptions as sdk
except ImportError:  # amazon.aws reports a missing SDK before anything here runs
    sdk = None

if TYPE_CHECKING:
    from ansible_collections.stackgate.stacksets.plugins.module_utils._reading import Reading


class StackSetsError(Exception):
    """Whatever ends a reading. ``message`` is for a person.

    What was read before goes along, as AWS sent it: ``operation`` (or None), ``reading`` (a Reading of its results,
    or None), ``operations`` (where those were listed).
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.operation: dict[str, Any] | None = None
        self.reading: Reading | None = None
        self.operations: list[dict[str, Any]] = []


class OptionError(StackSetsError):
    """An option that is refused before any call to AWS."""

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

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code

    @property
    def throttled(self) -> bool:
        """Whether the same call is likely to be answered later."""
        return _REFUSALS.get(_name(self.code or "")) is _THROTTLED

    @property
    def timed_out(self) -> bool:
        """Whether the time of the whole reading is over."""
        return self.code == _TIMED_OUT


class Asked(NamedTuple):
    """What was asked of AWS, for the sentences."""

    action: str
    stack_set_name: str
    operation_id: str | None
    call_as: str
    region: str | None

    def __str__(self) -> str:
        what = f"operation {self.operation_id} of stack set" if self.operation_id else "stack set"
        return f"{what} {self.stack_set_name}"


def translate(error: Exception, asked: Asked) -> ReadError:
    """Any exception out of a boto3 call as a ReadError."""
    if sdk is not None and isinstance(error, sdk.ClientError):
        return _refusal(error, asked)
    code = type(error).__name__
    sentence = next((text for name, text in _SDK_FAILURES.items() if _is_a(error, name)), _NOT_UNDERSTOOD)
    return ReadError(_say(sentence, asked, error, code), code)


def token_repeated(asked: Asked) -> ReadError:
    """The listing runs in a circle."""
    return ReadError(_say(_TOKEN_REPEATED, asked, "", "TokenRepeated"), "TokenRepeated")


def time_over(asked: Asked, seconds: float | None) -> ReadError:
    """The whole reading took too long."""
    return ReadError(_say(_TIME_OVER, asked, "", _TIMED_OUT, seconds=f"{seconds:g}"), _TIMED_OUT)


def _refusal(error: Exception, asked: Asked) -> ReadError:
    answer = error.response
    code = str(answer.get("Error", {}).get("Code") or "Unknown")
    message = answer.get("Error", {}).get("Message") or "no message"
    name = _name(code)
    sentence = _REFUSALS.get(name, _REFUSAL_OTHER)
    if name in _BY_WORDS:
        sentence = next((text for words, text in _BY_WORDS[name].items() if words in message.lower()), sentence)
    elif sentence is _REFUSAL_OTHER and answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        sentence = _UNAVAILABLE
    elif name == "StackSetNotFound" and asked.call_as == "SELF":
        sentence += _AS_DELEGATE
    retries = answer.get("ResponseMetadata", {}).get("RetryAttempts")
    tried = f" after {retries} retries" if retries else ""
    return ReadError(_say(sentence, asked, message, code) + f" (AWS answered {one_line(code, 80)}{tried}.)", code)


def _name(code: str) -> str:
    # The model writes StackSetNotFoundException, some endpoints leave out the ending.
    return code[: -len("Exception")] if code.endswith("Exception") else code


def _say(sentence: str, asked: Asked, error: Any, code: str, **more: str) -> str:
    return sentence.format(
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


def _is_a(error: Exception, name: str) -> bool:
    # By name along the inheritance, so that an SDK of any supported age will do: the older lack some classes.
    return any(cls.__name__ == name for cls in type(error).__mro__)


_TIMED_OUT = "ReadingTimeout"
_AS_DELEGATE = (
    " From a delegated administrator's account, service-managed stack sets are seen only with call_as=DELEGATED_ADMIN."
)
_NEW_CREDENTIALS = "Give valid ones by access_key, secret_key and session_token, by profile, or in the environment."
_EXPIRED = (
    "The credentials have expired ({action} for {asked}). Renew them, with the AWS CLI for example by aws sso login"
    " or aws sts assume-role, and run again."
)
_DENIED = (
    "Access denied: the credentials may not call cloudformation:{action} on {asked}. Allow that action on the stack"
    " set (for a delegated administrator the resource is in the management account). AWS says: {error}."
)
_THROTTLED = (
    "AWS throttled {action} for {asked} and the retries were used up. Run again later, run fewer readings at a time,"
    ' or allow more retries, for example aws_config={{"retries": {{"mode": "adaptive", "total_max_attempts": 20}}}}.'
)
_CLOCK = (
    "AWS refused the signature of {action} for {asked} because of its time. Set this machine's clock and run again."
    " AWS says: {error}."
)
_INVALID_CREDENTIALS = "AWS does not accept the credentials ({code}). " + _NEW_CREDENTIALS + " AWS says: {error}."
_TOKEN_REFUSED = (
    "AWS no longer accepts the token to go on with in {asked}. Tokens age and belong to one listing: read again from"
    " the start, without starting_token. AWS says: {error}."
)
_TOKEN_REPEATED = (
    "AWS answered {action} for {asked} with a token that was followed before, so the listing would run in a circle."
    " Run again."
)
_TIME_OVER = (
    "The reading was not done within reading_timeout, {seconds} seconds, and ended at {action} for {asked}. Run again,"
    " set a longer reading_timeout, or find out what is slow: throttling by AWS, a proxy, the network."
)
_NOT_DELEGATED = (
    "call_as=DELEGATED_ADMIN was refused for {asked}: this account is no delegated administrator for CloudFormation"
    " StackSets, or the credentials lack organizations:ListDelegatedAdministrators. From the management account leave"
    " call_as at SELF. AWS says: {error}."
)
_UNAVAILABLE = (
    "AWS could not answer {action} for {asked}: {error}. The fault is on AWS's side, or in what stands before it; run"
    " again later."
)
_REFUSAL_OTHER = "AWS refused {action} for {asked}: {error}."

# Codes without the ending "Exception". The first two: ListStackSetOperationResults, Errors; the others: API
# reference, Common errors.
_REFUSALS = {
    "StackSetNotFound": (
        "Stack set {stack_set_name} was not found in {region} with call_as={call_as}. Check the name (it is"
        " case-sensitive), the region and whose credentials these are."
    ),
    "OperationNotFound": (
        "Operation {operation_id} was not found in stack set {stack_set_name} in {region}. Leave operation_id out for"
        " the most recent operation, or list them with stackgate.stacksets.operations_info."
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
    "OptInRequired": "The account is not enabled for CloudFormation in {region}: enable the Region. AWS says: {error}.",
    "Throttling": _THROTTLED,
    "Throttled": _THROTTLED,
    "TooManyRequests": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
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
    "NoCredentialsError": "No AWS credentials were found. " + _NEW_CREDENTIALS,
    "PartialCredentialsError": "The AWS credentials are incomplete ({error}). " + _NEW_CREDENTIALS,
    "CredentialRetrievalError": "AWS credentials could not be obtained: {error}. Renew them and run again.",
    "NoRegionError": "No region was found. Set region, AWS_REGION, or a region in the profile.",
    "ProfileNotFound": "{error}. Name one that exists with profile.",
    "SSOError": "The single sign-on session is not usable: {error}. Renew it with aws sso login.",
    "ProxyConnectionError": "The proxy could not be reached: {error}. Check HTTPS_PROXY, NO_PROXY and aws_config.",
    "SSLError": (
        "The endpoint's TLS certificate was not accepted: {error}. Give the certificate authority with aws_ca_bundle,"
        " or check endpoint_url."
    ),
    "EndpointConnectionError": (
        "AWS could not be reached: {error}. Check region and endpoint_url, the network, and the proxy's settings."
    ),
    "ConnectTimeoutError": (
        "AWS could not be reached in time: {error}. Check the network and the proxy's settings, or set"
        " connect_timeout (seconds) in aws_config."
    ),
    "ReadTimeoutError": (
        "AWS did not answer {action} in time: {error}. Run again, or set read_timeout (seconds) in aws_config."
    ),
    "HTTPClientError": "The connection to AWS broke during {action} for {asked}: {error}. Run again.",
    "ConnectionError": "The connection to AWS broke during {action} for {asked}: {error}. Run again.",
    "IncompleteReadError": "AWS's answer to {action} for {asked} was cut short: {error}. Run again.",
    "ParamValidationError": "The SDK refused the parameters of {action}: {error}. A newer boto3 may accept them.",
    "BotoCoreError": "{action} for {asked} failed in the SDK with {code}: {error}.",
}
# Everything else is raised by the SDK's parser, which has an exception of its own for some answers only.
_NOT_UNDERSTOOD = (
    "The answer to {action} for {asked} was not one of CloudFormation's ({code}: {error}). Check what stands between"
    " here and AWS: endpoint_url, a proxy, a portal that asks for a login."
)
