# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Errors of what obtains credentials: a profile, a role, single sign-on, a web identity, a container, a process, an
instance's metadata. The SDK does that during the first call, so they look like errors of that call.

None of them passes by itself: a wait would hide what has to be set right.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from .._errors import ErrorKind

_MODULES = frozenset({"botocore.credentials", "botocore.tokens"})
_PROVIDER_PROCESS = "custom-process"


def credential_kind(error: Exception, action: str, endpoint: str | None = None) -> ErrorKind | None:
    """The kind of an error that what obtains credentials has raised; None for any other.

    ``action`` is the call that was made, at ``endpoint``: an error of another call or of another endpoint is one of
    what obtains credentials.
    """
    operation = getattr(error, "operation_name", None)
    if operation is not None:
        return _refusal(error, operation) if operation != action else None
    names = [cls.__name__ for cls in type(error).__mro__]
    kind = next((kind for name, kind in _FAILURES.items() if name in names), None)
    modules = set(_modules(error))
    about = getattr(error, "kwargs", {})
    elsewhere = endpoint and not (about.get("endpoint_url") or endpoint).startswith(endpoint)
    if "CredentialRetrievalError" in names:
        return _BY_PROVIDER.get(str(about.get("provider")), _RETRIEVAL)
    if kind:
        return kind
    if not elsewhere and not modules & _MODULES:
        return None
    if "getpass" in modules:
        return _MFA
    if {"HTTPClientError", "ConnectionError"} & set(names):
        return _UNREACHABLE
    if isinstance(error, OSError):
        return _PROCESS if "subprocess" in modules else _TOKEN_FILE
    return _PROCESS_FAILED if "json.decoder" in modules else OTHER


def quotable(error: Exception) -> str:
    """The error's own words, unless they may hold a credential: those of a credential_process, or of what the SDK could
    not read.
    """
    names = {cls.__name__ for cls in type(error).__mro__}
    of_process = str(getattr(error, "kwargs", {}).get("provider")) == _PROVIDER_PROCESS
    return str(error) if isinstance(error, OSError) or ("BotoCoreError" in names and not of_process) else ""


def _modules(error: Exception) -> Iterator[str]:
    """The modules that the error came through."""
    for frame, _line in traceback.walk_tb(error.__traceback__):
        yield frame.f_globals.get("__name__", "")


def _refusal(error: Exception, operation: str) -> ErrorKind:
    """The kind of AWS's refusal of a call that obtains credentials."""
    answer = getattr(error, "response", {})
    code = str(answer.get("Error", {}).get("Code")).removesuffix("Exception")
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode") or 0
    if code in THROTTLING_CODES or status == 429:
        return _THROTTLED
    if status >= 500:
        return _UNAVAILABLE
    web_identity, single_sign_on = operation == "AssumeRoleWithWebIdentity", operation in _SINGLE_SIGN_ON
    if web_identity and code in ("ExpiredToken", "InvalidIdentityToken"):
        return _WEB_IDENTITY_TOKEN
    if single_sign_on and code in ("Unauthorized", "ExpiredToken", "InvalidGrant", "InvalidClient"):
        return _SINGLE_SIGN_ON_ENDED
    if single_sign_on:
        return _SINGLE_SIGN_ON_REFUSED
    if code in ("AccessDenied", "UnauthorizedOperation", "NotAuthorized"):
        return _WEB_IDENTITY_REFUSED if web_identity else _ROLE_REFUSED
    if code in ("ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClient"):
        return _SOURCE_REFUSED
    return _REFUSED


# Codes without the ending "Exception": the API reference's common errors, and those that the SDK takes for throttling.
THROTTLING_CODES = frozenset(
    {
        *("Throttling", "Throttled", "RequestThrottled", "TooManyRequests", "RequestLimitExceeded", "LimitExceeded"),
        *("BandwidthLimitExceeded", "SlowDown", "ProvisionedThroughputExceeded", "TransactionInProgress"),
        *("PriorRequestNotComplete", "EC2Throttled"),
    }
)
_SINGLE_SIGN_ON = ("GetRoleCredentials", "CreateToken", "RegisterClient")

NEW_CREDENTIALS = "Set valid ones in access_key, secret_key and session_token, in a profile, or in the environment."
_THROTTLED = ErrorKind(
    "AWS throttled {action}, the call that obtains the credentials. Run again later, or run fewer tasks at the same"
    " time. AWS says: {error}.",
    brief="credentials call throttled by AWS",
)
_UNAVAILABLE = ErrorKind(
    "AWS could not answer {action}, the call that obtains the credentials: {error}. Run again later."
)
_ROLE_REFUSED = ErrorKind(
    "STS rejected {action}, the call that obtains the credentials. Check the role's ARN (role_arn in the profile, or"
    " assume_role_arn), its trust policy, and that the source credentials are allowed to call sts:AssumeRole on it. AWS"
    " says: {error}."
)
_SOURCE_REFUSED = ErrorKind(
    "The source credentials for {action} are not valid ({code}). Renew them in the profile's source_profile or"
    " credential_source, or in the environment. AWS says: {error}."
)
_WEB_IDENTITY_TOKEN = ErrorKind(
    "STS does not accept the web identity token ({code}). Get a new one in AWS_WEB_IDENTITY_TOKEN_FILE: start the CI"
    " job again, or check the Kubernetes service account. AWS says: {error}."
)
_WEB_IDENTITY_REFUSED = ErrorKind(
    "STS rejected {action}, the call that obtains the credentials. Check AWS_ROLE_ARN, and that the role's trust policy"
    " allows the provider and the token's subject and audience. AWS says: {error}."
)
_SINGLE_SIGN_ON_ENDED = ErrorKind(
    "The single sign-on session has expired. Renew it with aws sso login. AWS says: {error}."
)
_SINGLE_SIGN_ON_REFUSED = ErrorKind(
    "Single sign-on returned no credentials: AWS rejected {action} ({code}). Check sso_account_id and sso_role_name in"
    " the profile, and that the user has that role in that account. AWS says: {error}."
)
_REFUSED = ErrorKind("AWS rejected {action}, the call that obtains the credentials ({code}): {error}.")
_MFA = ErrorKind(
    "The profile asks for an MFA code, which can't be entered here. Get session credentials first, with"
    " aws sts get-session-token or aws sts assume-role and --token-code, and use those."
)
_PROCESS = ErrorKind(
    "The credential_process of the profile could not be run: {error}. Check its path and permissions. Ansible may run"
    " it on another machine, in another container or as another user than your shell."
)
_PROCESS_FAILED = ErrorKind(
    "The credential_process of the profile returned no credentials: it failed, or did not write the JSON that the SDK"
    " accepts. To see why, run its command as the user that Ansible runs as. Its output may be secret, so it is not"
    " shown here."
)
_TOKEN_FILE = ErrorKind(
    "A file with credentials could not be read: {error}. Check AWS_WEB_IDENTITY_TOKEN_FILE, or web_identity_token_file"
    " in the profile, and that the file exists on the machine where this runs."
)
_METADATA = ErrorKind(
    "The metadata service of the container or instance returned no credentials: {error}. Check that it has a role and"
    " can reach the service."
)
_SOURCE_PROFILE = ErrorKind(
    "The profile has no credentials to assume its role with: {error}. Check source_profile or credential_source."
)
_PROFILE = ErrorKind("The profile can't be used: {error}. Correct it in the AWS configuration, or set another one.")
_UNREACHABLE = ErrorKind(
    "The service that provides the credentials could not be reached: {error}. Check the network, the proxy settings and"
    " the Region."
)
OTHER = ErrorKind(
    "AWS credentials could not be obtained ({code}). Check the profile or the role that they come from, for example"
    " with aws sts get-caller-identity as the user that Ansible runs as."
)
_RETRIEVAL = ErrorKind(
    "AWS credentials could not be obtained: {error}. Check the profile or the role that they come from, and run again."
)
_SINGLE_SIGN_ON_UNUSABLE = ErrorKind("The single sign-on session is not usable: {error}. Renew it with aws sso login.")

# By the names of the SDK's classes, the special ones before their bases: the older SDKs lack some.
_FAILURES = {
    "NoCredentialsError": ErrorKind("No AWS credentials were found. " + NEW_CREDENTIALS),
    "PartialCredentialsError": ErrorKind("The AWS credentials are incomplete ({error}). " + NEW_CREDENTIALS),
    "CredentialRetrievalError": _RETRIEVAL,
    "MetadataRetrievalError": _METADATA,
    "RefreshWithMFAUnsupportedError": _MFA,
    "ProfileNotFound": ErrorKind("{error}. Set profile to one that exists."),
    "InvalidConfigError": _PROFILE,
    "InfiniteLoopConfigError": _PROFILE,
    "UnknownCredentialError": _PROFILE,
    "ConfigParseError": _PROFILE,
    "ConfigNotFound": _PROFILE,
    "SSOError": _SINGLE_SIGN_ON_UNUSABLE,
    "TokenRetrievalError": _SINGLE_SIGN_ON_UNUSABLE,
    "LoginError": ErrorKind("The login session is not usable: {error}. Renew it with aws login."),
}
# What the SDK calls its ways to credentials.
_BY_PROVIDER = {
    _PROVIDER_PROCESS: _PROCESS_FAILED,
    "container-role": _METADATA,
    "iam-role": _METADATA,
    "assume-role": _SOURCE_PROFILE,
}
