# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What obtains credentials is blamed for its own errors: the SDK's own chain, with a service of STS's on loopback."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import botocore
import pytest
from botocore import exceptions as sdk
from botocore.config import Config

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.aws_errors import (
    CallContext,
    credentials_error,
    translate,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import StackSetClient, connect
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.credential_errors import credential_kind
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import StackSetName
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError

PYTHON = shlex.quote(sys.executable)
CONTEXT = CallContext("DescribeStackSetOperation", "org-baseline", "op", "SELF", "eu-west-1")
ROLE = "arn:aws:iam::111122223333:role/reader"
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = a-hidden-one\n"
# Only from then on an environment variable leads the SDK to another STS.
asks_sts = pytest.mark.skipif(
    tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 31), reason="botocore is older than 1.31"
)


@pytest.fixture(scope="module")
def sts():
    """It refuses every call with what ``answer`` says."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status, code, message = self.server.answer
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def describe(monkeypatch, tmp_path, sts):
    """The error of a reading whose credentials come from a profile and the environment."""

    def described(profile, answer=None, **environment):
        sts.answer = answer
        config = tmp_path / "config"
        config.write_text(f"[profile used]\n{profile}\n[profile keys]\n{KEYS}", encoding="utf-8")
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        environment |= {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none")}
        environment |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": url(sts), "AWS_MAX_ATTEMPTS": "1"}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", None)

        def make_client(service, config):
            session = boto3.session.Session(profile_name="used" if profile else None, region_name="eu-west-1")
            return session.client(service, endpoint_url="http://127.0.0.1:9", config=Config(**config))

        with pytest.raises(ReadError) as caught:
            StackSetClient(connect(make_client), StackSetName("org-baseline", None), "SELF").describe_operation("op")
        assert not caught.value.is_transient(reached=True)
        assert "cloudformation:" not in caught.value.message
        assert "a-hidden-one" not in str(caught.value.facts) + caught.value.message
        return caught.value

    return described


def url(server):
    return f"http://127.0.0.1:{server.server_port}"


def with_role(more=""):
    return f"role_arn = {ROLE}\nsource_profile = keys\n{more}"


@asks_sts
@pytest.mark.parametrize(
    ("answer", "parts"),
    [
        (
            (403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole"),
            ["STS rejected AssumeRole, the call that obtains the credentials.", "its trust policy"],
        ),
        ((400, "Throttling", "Rate exceeded"), ["AWS throttled AssumeRole, the call that obtains the credentials"]),
        ((503, "ServiceUnavailable", "busy"), ["AWS could not answer AssumeRole, the call that obtains"]),
        (
            (403, "ExpiredToken", "expired"),
            ["The source credentials for AssumeRole are not valid"],
        ),
        ((403, "InvalidClientTokenId", "invalid"), ["The source credentials for AssumeRole are not valid"]),
        (
            (400, "PackedPolicyTooLarge", "too large"),
            ["AWS rejected AssumeRole, the call that obtains the credentials"],
        ),
    ],
)
def test_a_refused_role(describe, answer, parts):
    error = describe(with_role(), answer)
    assert error.code == answer[1]
    for part in [*parts, answer[2], f"AWS answered {answer[1]}"]:
        assert part in error.message


@asks_sts
@pytest.mark.parametrize(
    ("answer", "part"),
    [
        ((400, "ExpiredTokenException", "Token expired"), "STS does not accept the web identity token"),
        ((400, "InvalidIdentityToken", "No OpenIDConnect provider"), "STS does not accept the web identity token"),
        (
            (403, "AccessDenied", "Not authorized"),
            "STS rejected AssumeRoleWithWebIdentity, the call that obtains the credentials. Check AWS_ROLE_ARN",
        ),
    ],
)
def test_a_refused_web_identity(describe, answer, part, tmp_path):
    token = tmp_path / "token"
    token.write_text("eyJhbGciOiJub25lIn0", encoding="utf-8")
    error = describe("", answer, AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE=str(token))
    assert part in error.message
    assert "aws sso login" not in error.message
    assert "eyJhbGciOiJub25lIn0" not in error.message


def test_a_token_file_that_is_not_there(describe):
    error = describe("", AWS_ROLE_ARN=ROLE, AWS_WEB_IDENTITY_TOKEN_FILE="/nowhere/token")
    assert error.message.startswith("A file with credentials could not be read: [Errno 2]")
    assert "/nowhere/token" in error.message and "AWS_WEB_IDENTITY_TOKEN_FILE" in error.message


@pytest.mark.filterwarnings("ignore::getpass.GetPassWarning")
def test_an_mfa_device_can_not_be_asked_for(describe, monkeypatch):
    def no_terminal(*_args):
        raise OSError(6, "No such device or address", "/dev/tty")

    real = os.open
    monkeypatch.setattr(os, "open", lambda path, *args: no_terminal() if path == "/dev/tty" else real(path, *args))
    error = describe(with_role("mfa_serial = arn:aws:iam::111122223333:mfa/me"))
    assert "asks for an MFA code" in error.message
    assert "aws sts get-session-token" in error.message


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("/nowhere/program --secret", "could not be run: [Errno 2] No such file or directory: '/nowhere/program'"),
        ("/dev/null", "could not be run: [Errno 13] Permission denied: '/dev/null'"),
        (f'{PYTHON} -c "import sys; sys.exit(3)"', "returned no credentials"),
        (f"{PYTHON} -c print(1/1)", "could not be obtained"),
        (f"{PYTHON} -c pass", "returned no credentials"),
        (f"{PYTHON} -c \"import sys; sys.exit('a-hidden-one')\"", "returned no credentials"),
        ("echo a-hidden-one", "returned no credentials"),
    ],
)
def test_a_process_that_gives_no_credentials(describe, command, part):
    assert part in describe(f"credential_process = {command}").message


@pytest.mark.parametrize(
    ("profile", "part"),
    [
        ("role_arn = arn:aws:iam::111122223333:role/x\nsource_profile = gone", "The profile can't be used"),
        ("role_arn = arn:aws:iam::111122223333:role/x\nsource_profile = used", "The profile can't be used"),
        ("role_arn = arn:aws:iam::111122223333:role/x\ncredential_source = Magic", "The profile can't be used"),
        ("aws_access_key_id = AKIAIOSFODNN7EXAMPLE", "The AWS credentials are incomplete"),
        ("region = eu-west-1", "No AWS credentials were found"),
    ],
)
def test_a_profile_without_credentials(describe, profile, part):
    assert part in describe(profile).message


def test_what_obtains_credentials_can_not_be_reached():
    failure = sdk.EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com/")
    found = translate(failure, CONTEXT._replace(endpoint="https://cloudformation.eu-west-1.amazonaws.com"))
    assert found.message.startswith("The service that provides the credentials could not be reached")


@pytest.mark.parametrize(
    ("failure", "part"),
    [
        (sdk.SSOTokenLoadError(error_msg="no token"), "Renew it with aws sso login"),
        (sdk.TokenRetrievalError(provider="sso", error_msg="expired"), "Renew it with aws sso login"),
        (
            sdk.MetadataRetrievalError(error_msg="timed out"),
            "The metadata service of the container or",
        ),
        (sdk.CredentialRetrievalError(provider="container-role", error_msg="404"), "The metadata service of"),
        (sdk.CredentialRetrievalError(provider="assume-role", error_msg="none"), "no credentials to assume its role"),
        (sdk.CredentialRetrievalError(provider="new", error_msg="none"), "AWS credentials could not be obtained"),
        (sdk.RefreshWithMFAUnsupportedError(), "MFA"),
        (sdk.InfiniteLoopConfigError(source_profile="a", visited_profiles="a"), "The profile can't be used"),
        (sdk.ConfigParseError(path="/x"), "The profile can't be used"),
    ],
)
def test_what_the_sdk_itself_says_of_credentials(failure, part):
    assert part in translate(failure, CONTEXT).message
    assert credential_kind(failure, CONTEXT.action) is not None


@pytest.mark.parametrize(
    ("operation", "code", "part"),
    [
        (
            "GetRoleCredentials",
            "UnauthorizedException",
            "The single sign-on session has expired. Renew it",
        ),
        (
            "GetRoleCredentials",
            "ForbiddenException",
            "Single sign-on returned no credentials: AWS rejected",
        ),
        ("CreateToken", "InvalidGrantException", "The single sign-on session has expired"),
        ("GetRoleCredentials", "TooManyRequestsException", "AWS throttled GetRoleCredentials"),
        ("GetSessionToken", "AccessDenied", "STS rejected GetSessionToken"),
    ],
)
def test_a_refusal_names_the_call_that_was_refused(operation, code, part):
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    assert part in translate(sdk.ClientError(answer, operation), CONTEXT).message


def test_a_refusal_of_the_call_itself_is_none_of_credentials():
    answer = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    error = sdk.ClientError(answer, CONTEXT.action)
    assert credential_kind(error, CONTEXT.action) is None
    assert "cloudformation:DescribeStackSetOperation" in translate(error, CONTEXT).message
    assert credential_kind(ValueError("x"), CONTEXT.action) is None
    assert credential_kind(FileNotFoundError("x"), CONTEXT.action) is None


def test_a_call_that_obtains_credentials_is_told_as_one():
    answer = {"Error": {"Code": "AccessDenied", "Message": "no"}}
    error = credentials_error(sdk.ClientError(answer, "AssumeRole"))
    assert error.message.startswith(
        "STS rejected AssumeRole, the call that obtains the credentials. Check the role's ARN"
    )
    assert error.code == "AccessDenied"
