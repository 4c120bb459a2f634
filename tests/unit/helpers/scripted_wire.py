# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real boto3 client whose wire is a script: requests are serialised and answers parsed by botocore itself.

Every expected call stands in the script with its answer. A call too many, a call that differs and a call that never
came are all failures.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config

_SESSION = boto3.session.Session()  # reads the SDK's description of CloudFormation once


class _Body:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, *_args: Any, **_kwargs: Any):
        yield self._content

    def read(self, *_args: Any, **_kwargs: Any) -> bytes:
        return self._content


def element(name: str, value: Any) -> str:
    """AWS's query-protocol XML of a Python value."""
    if value is None:
        return ""
    if isinstance(value, dict):
        inner = "".join(element(key, member) for key, member in value.items())
    elif isinstance(value, list):
        inner = "".join(element("member", member) for member in value)
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def answer(action: str, **result: Any) -> tuple[int, bytes]:
    """A successful answer: status and body."""
    body = element(f"{action}Response", {f"{action}Result": result, "ResponseMetadata": {"RequestId": "1-2-3"}})
    return 200, body.encode()


def refusal(code: str, message: str = "AWS's own words", status: int = 400) -> tuple[int, bytes]:
    """AWS's refusal: status and body."""
    error = {"Type": "Sender", "Code": code, "Message": message}
    return status, element("ErrorResponse", {"Error": error, "RequestId": "1-2-3"}).encode()


def new_client(handler: Callable[[dict[str, str]], tuple], region: str = "eu-west-1", attempts: int = 1) -> Any:
    """A client without retries; ``handler`` gets each request's parameters as they stand on the wire.

    An answer may have a third item, a dict of headers.
    """
    client = _SESSION.client(
        "cloudformation",
        region_name=region,
        aws_access_key_id="scripted",
        aws_secret_access_key="scripted",
        config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}),
    )
    # The number is the test's: it counts as one that no user gave.
    client.meta.config.retries.pop("total_max_attempts")

    def send(request: Any, **_kwargs: Any) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        parameters = dict(parse_qsl(body, keep_blank_values=True))
        parameters.pop("Version")
        result = handler(parameters)
        if isinstance(result, Exception):
            raise result
        headers = result[2] if len(result) == 3 else {}
        return AWSResponse(request.url, result[0], {"content-type": "text/xml", **headers}, _Body(result[1]))

    client.meta.events.register("before-send.cloudformation", send)
    return client


@contextmanager
def scripted_client(*script: tuple[dict[str, str], tuple | Exception], **options: Any):
    """A client that expects the calls of ``script``, in order."""
    left, wrong = list(script), []

    def handler(parameters: dict[str, str]) -> tuple | Exception:
        expected, result = left.pop(0) if left else ("no further call", None)
        if parameters != expected:
            wrong.append(f"{parameters} came instead of {expected}")
            raise AssertionError(wrong[-1])
        return result

    yield new_client(handler, **options)
    assert not wrong, wrong[0]  # also where the code under test took it for an error of AWS's
    assert not left, f"calls that never came: {[call for call, _answer in left]}"
