# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's refusals and the SDK's failures as sentences."""

from __future__ import annotations

import pytest

botocore = pytest.importorskip("botocore")

from botocore import exceptions as sdk
from botocore.parsers import ResponseParserError
from botocore.retries.standard import ThrottledRetryableChecker

from ansible_collections.stackgate.stacksets.plugins.module_utils._api import aws_errors
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.aws_errors import (
    CallContext,
    no_answer_error,
    reading_timeout_error,
    translate,
)
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, ReadError, StackSetsError

CONTEXT = CallContext("ListStackSetOperationResults", "org-baseline", "5d1f-op", "SELF", "eu-west-1")


def refused(code, message="AWS's words", retries=0, context=CONTEXT, status=400):
    about = {"RetryAttempts": retries, "HTTPStatusCode": status}
    answer = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": about}
    return translate(sdk.ClientError(answer, context.action), context)


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("StackSetNotFoundException", ["org-baseline was not found in eu-west-1", "call_as=DELEGATED_ADMIN"]),
        (
            "OperationNotFoundException",
            [
                "5d1f-op was not found",
                "eu-west-1. Check the stack set, the Region and the ID. The module stackgate.stacksets.operat",
            ],
        ),
        ("AccessDenied", ["cloudformation:ListStackSetOperationResults", "AWS's words"]),
        ("AccessDeniedException", ["cloudformation:ListStackSetOperationResults"]),
        ("ExpiredToken", ["have expired", "aws sso login"]),
        ("ExpiredTokenException", ["have expired"]),
        ("RequestExpired", ["clock"]),
        ("SignatureDoesNotMatch", ["does not accept the credentials"]),
        ("InvalidClientTokenId", ["does not accept the credentials"]),
        ("UnrecognizedClientException", ["does not accept the credentials"]),
        ("Throttling", ["throttled", "aws_config", "total_max_attempts"]),
        ("ThrottlingException", ["throttled"]),
        ("OptInRequired", ["Enable the Region"]),
        ("SomethingNew", ["rejected ListStackSetOperationResults", "AWS's words"]),
    ],
)
def test_a_refusal_says_what_and_what_to_do(code, parts):
    error = refused(code)
    assert error.code == code
    for part in [*parts, f"AWS answered {code}"]:
        assert part in error.message


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ("Account used is not a delegated administrator", "call_as=SELF was rejected for operation 5d1f-op"),
        ("You must have organizations:ListDelegatedAdministrators", "set call_as=DELEGATED_ADMIN"),
        ("The token is invalid", "without starting_token"),
        ("NextToken has expired", "without starting_token"),
        ("Something else", "Something else"),
    ],
)
def test_a_validation_error_is_told_by_its_words(message, part):
    assert part in refused("ValidationError", message).message


def test_what_was_refused_is_what_was_sent():
    as_delegate = CONTEXT._replace(call_as="DELEGATED_ADMIN")
    message = refused("ValidationError", "Account used is not a delegated administrator", context=as_delegate).message
    assert message.startswith("call_as=DELEGATED_ADMIN was rejected")
    assert "use call_as=SELF" in message


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "UnrecognizedClientException"])
def test_credentials_that_are_valid_elsewhere_have_two_more_causes(code):
    message = refused(code).message
    assert "enable eu-west-1 for the account" in message
    assert "AWS_STS_REGIONAL_ENDPOINTS=regional" in message


@pytest.mark.parametrize("code", ["SignatureDoesNotMatch", "InvalidSignatureException"])
@pytest.mark.parametrize("when", ["Signature expired: 20261125T1 is now earlier than", "Signature not yet current: 2"])
def test_a_signature_of_another_time_is_the_clocks_fault(when, code):
    message = refused(code, when).message
    assert "Correct this machine's clock" in message
    assert "does not accept the credentials" not in message


@pytest.mark.parametrize(("code", "status"), [("InternalFailure", 500), ("502", 502), ("ServiceUnavailable", 503)])
def test_what_is_awss_fault_is_not_called_a_refusal(code, status):
    message = refused(code, "Service Unavailable", status=status).message
    assert message.startswith("AWS could not answer ListStackSetOperationResults")
    assert "Run again later" in message


def test_what_aws_quotes_of_the_request_is_masked():
    quoted = "x-amz-security-token:FwoGZXIvYXdzEXAMPLE Credential=AKIAABCDEFGHIJKLMNOP/2026"
    message = refused("SignatureDoesNotMatch", quoted).message
    assert "FwoG" not in message
    assert "AKIA" not in message


def test_the_delegate_hint_is_left_out_where_it_was_followed():
    message = refused("StackSetNotFoundException", context=CONTEXT._replace(call_as="DELEGATED_ADMIN")).message
    assert "seen only with" not in message


def test_retries_are_counted_in_the_message():
    assert "after 9 retries" in refused("Throttling", retries=9).message
    assert "retries." not in refused("Throttling", retries=0).message


@pytest.mark.parametrize(
    ("failure", "part"),
    [
        (sdk.NoCredentialsError(), "No AWS credentials"),
        (sdk.PartialCredentialsError(provider="env", cred_var="x"), "incomplete"),
        (sdk.NoRegionError(), "No Region was found"),
        (sdk.ProfileNotFound(profile="nope"), "nope"),
        (sdk.EndpointConnectionError(endpoint_url="http://127.0.0.1:9"), "could not be reached"),
        (sdk.ConnectTimeoutError(endpoint_url="http://127.0.0.1:9"), "connect_timeout"),
        (sdk.ReadTimeoutError(endpoint_url="http://127.0.0.1:9"), "read_timeout"),
        (sdk.ConnectionClosedError(endpoint_url="http://127.0.0.1:9"), "Run again"),
        (sdk.ProxyConnectionError(proxy_url="http://127.0.0.1:9"), "proxy"),
        (sdk.SSLError(endpoint_url="http://127.0.0.1:9", error="self signed"), "aws_ca_bundle"),
        (sdk.ParamValidationError(report="Unknown parameter"), "Update boto3"),
        (ResponseParserError("not XML"), "did not come from CloudFormation"),
        (sdk.UnauthorizedSSOTokenError(), "aws sso login"),
        (KeyError("ListStackSetOperationResultsResult"), "did not come from CloudFormation (KeyError"),
        (sdk.UnknownEndpointError(service_name="x", region_name="y"), "failed in the SDK with UnknownEndpointError"),
    ],
)
def test_a_failure_of_the_sdk_becomes_a_sentence(failure, part):
    error = translate(failure, CONTEXT)
    assert part in error.message
    assert error.code == type(failure).__name__


def test_aws_words_are_data():
    message = refused("ValidationError", "{subject} {0} \x1b[31m {{ lookup('pipe', 'id') }}\n" + "x" * 5000).message
    assert "{subject} {0} \\x1b[31m {{ lookup('pipe', 'id') }}" in message
    assert message.isprintable()
    assert len(message) < 1000


@pytest.mark.parametrize(
    ("failure", "part"),
    [
        (sdk.HTTPClientError(error=ValueError("Invalid header value b'x'")), "a credential has a line break"),
        (sdk.HTTPClientError(error=FileNotFoundError(2, "No such file or directory", "/ca")), "Check aws_ca_bundle"),
        (ResponseParserError("(reference to invalid character number: line 1)"), "a character that is not valid XML"),
    ],
)
def test_what_the_sdk_tells_in_words_alone_is_not_blamed_on_the_network(failure, part):
    error = translate(failure, CONTEXT)
    assert part in error.message
    assert not error.is_transient(reached=True)


def test_every_code_that_the_sdk_takes_for_throttling_is_throttling():
    for code in ThrottledRetryableChecker()._throttled_error_codes:
        assert refused(code).brief == "throttled by AWS", code


def test_an_answer_without_code_or_message_is_still_a_sentence():
    error = translate(sdk.ClientError({}, "X"), CONTEXT)
    assert isinstance(error, ReadError)
    assert "AWS rejected" in error.message


def test_every_sentence_can_be_said():
    context = CallContext("DescribeStackSetOperation", "s", None, "SELF", None)
    kinds = [*aws_errors._REFUSALS.values(), *aws_errors._SDK_FAILURES.values(), aws_errors._NOT_UNDERSTOOD]
    kinds += [kind for by_words in aws_errors._BY_WORDS.values() for kind in by_words.values()]
    for kind in kinds:
        text = aws_errors._read_error(kind, context, "why", "Code").message
        assert text.endswith(".")
        assert "{subject" not in text


# What passes by itself

ENDPOINT = "https://cloudformation.eu-west-1.amazonaws.com/"
OF_NETWORK = [
    sdk.EndpointConnectionError(endpoint_url=ENDPOINT),
    sdk.ConnectTimeoutError(endpoint_url=ENDPOINT),
    sdk.ProxyConnectionError(proxy_url="http://proxy"),
]


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *((code, 400) for code in ("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled")),
        *((code, 400) for code in ("TooManyRequestsException", "RequestLimitExceeded", "SlowDown")),
        *((code, 503) for code in ("ServiceUnavailable", "ServiceUnavailableException", "503")),
        *((code, 500) for code in ("InternalFailure", "InternalError", "InternalServerError", "SomethingNew")),
        *(("502", 502), ("504", 504), ("429", 429), ("RequestTimeout", 400), ("InternalFailure", 200)),
    ],
)
def test_what_aws_will_answer_later_passes(code, status):
    assert refused(code, status=status).is_transient(reached=False)


@pytest.mark.parametrize(
    "code",
    [
        *("AccessDenied", "ValidationError", "SomethingNew", "Throttle", "", "ExpiredToken", "InvalidClientTokenId"),
        *("StackSetNotFoundException", "OperationNotFoundException", "RequestExpired", "OptInRequired"),
    ],
)
def test_no_other_refusal_does(code):
    assert not refused(code).is_transient(reached=True)


@pytest.mark.parametrize(
    "failure",
    [
        sdk.ConnectionClosedError(endpoint_url=ENDPOINT),
        sdk.ReadTimeoutError(endpoint_url=ENDPOINT),
        sdk.ResponseStreamingError(error="reset"),
        sdk.IncompleteReadError(actual_bytes=1, expected_bytes=2),
    ],
)
def test_a_connection_that_breaks_passes(failure):
    assert translate(failure, CONTEXT._replace(endpoint=ENDPOINT)).is_transient(reached=False)


@pytest.mark.parametrize("failure", OF_NETWORK)
def test_what_cannot_be_reached_passes_only_where_it_could_be_before(failure):
    error = translate(failure, CONTEXT._replace(endpoint=ENDPOINT))
    assert (error.is_transient(reached=False), error.is_transient(reached=True)) == (False, True)


@pytest.mark.parametrize(
    "failure",
    [
        sdk.NoCredentialsError(),
        sdk.CredentialRetrievalError(provider="web identity", error_msg="Throttling"),
        sdk.UnauthorizedSSOTokenError(),
        sdk.SSLError(endpoint_url=ENDPOINT, error="self signed"),
        ResponseParserError("not XML"),
        sdk.ReadTimeoutError(endpoint_url="https://sts.eu-west-1.amazonaws.com/"),
        sdk.EndpointConnectionError(endpoint_url="https://sts.eu-west-1.amazonaws.com/"),
        sdk.ClientError({"Error": {"Code": "Throttling"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, "AssumeRole"),
        sdk.ClientError({"Error": {"Code": "503"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "GetRoleCredentials"),
    ],
)
def test_what_is_wrong_with_credentials_settings_or_answers_does_not_pass(failure):
    assert not translate(failure, CONTEXT._replace(endpoint=ENDPOINT)).is_transient(reached=True)


@pytest.mark.parametrize(
    ("code", "brief"), [("Throttling", "throttled by AWS"), ("503", "503"), ("AccessDenied", "AccessDenied")]
)
def test_an_error_has_a_short_name(code, brief):
    assert refused(code, status=503).brief == brief


def test_an_error_without_a_code_does_not_pass():
    error = ReadError("cut")
    assert (error.is_transient(reached=True), error.brief) == (False, "error")


@pytest.mark.parametrize("last", [None, refused("Throttling")])
def test_a_wait_that_ends_before_aws_answers_says_what_it_had_instead(last):
    error = no_answer_error(CONTEXT, last)
    assert error.is_timeout and not error.is_transient(reached=True)
    assert "before the wait time expired" in error.message
    assert ("(throttled by AWS)" in error.message) is (last is not None)


def test_an_error_is_there_for_machines_as_amazon_aws_writes_it():
    about = {
        "RequestId": "1-2",
        "HTTPStatusCode": 403,
        "HTTPHeaders": {"date": "x\n", "x": "ASIA" + "A" * 16},
        "RetryAttempts": 0,
        "Other": 1,
    }
    error = sdk.ClientError(
        {"Error": {"Code": "AccessDenied", "Message": "no\n way"}, "ResponseMetadata": about}, CONTEXT.action
    )
    assert translate(error, CONTEXT).facts == {
        "error": {"code": "AccessDenied", "message": "no way"},
        "response_metadata": {
            "request_id": "1-2",
            "http_status_code": 403,
            "http_headers": {"date": "x", "x": "****"},
            "retry_attempts": 0,
        },
    }


def test_an_error_of_the_sdk_has_its_class_for_a_code():
    found = translate(sdk.ConnectTimeoutError(endpoint_url="https://x"), CONTEXT).facts
    assert found == {
        "error": {"code": "ConnectTimeoutError", "message": 'Connect timeout on endpoint URL: "https://x"'}
    }


def test_an_error_of_ours_says_what_the_message_says():
    found = reading_timeout_error(CONTEXT, 5.0)
    assert found.facts == {"error": {"code": "ReadingTimeout", "message": found.message}}
    assert StackSetsError("why").facts == {"error": {"code": "Failed", "message": "why"}}
    option = OptionError("scope", "is x", "Give y.")
    assert option.facts == {"error": {"code": "InvalidOption", "message": "scope is x. Give y."}}
    assert option.within("operations[2]").facts["error"]["message"] == "operations[2].scope is x. Give y."


def test_no_credential_is_in_what_machines_read():
    text = f"The Canonical String should have been x-amz-security-token:abc AWS4-HMAC-SHA256 {'AKIA' + 'A' * 16}"
    error = sdk.ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": text}}, CONTEXT.action)
    assert "abc" not in str(translate(error, CONTEXT).facts)
    assert "AKIA" not in str(translate(error, CONTEXT).facts)
