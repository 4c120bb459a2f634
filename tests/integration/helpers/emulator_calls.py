# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to the emulator, each sent once and as it is told, for the emulator's own tests."""

from __future__ import annotations

import http.client
import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

TESTS = Path(__file__).resolve().parents[2]
OP = {"StackSetName": "baseline", "OperationId": "op-1"}
MIXED = {"accounts": 8, "regions": 3, "failed": 4, "cancelled": 3, "running": 2, "pending": 1}
NEVER = 1_000_000
FAILED_ONLY = [{"Name": "OPERATION_RESULT_STATUS", "Values": "FAILED"}]


def client_of(server, **config):
    return boto3.client(
        "cloudformation",
        endpoint_url=server.endpoint_url,
        region_name=server.region,
        aws_access_key_id=server.facts["access_key_id"],
        aws_secret_access_key=server.facts["secret_access_key"],
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False, proxies={}, **config),
    )


def results(aws, **more):
    return aws.list_stack_set_operation_results(**{**OP, **more})


def pages(aws, limit=1000, **more):
    """Every page of one walk."""
    read = [results(aws, **more)]
    while "NextToken" in read[-1]:
        assert len(read) < limit
        read.append(results(aws, **{**more, "NextToken": read[-1]["NextToken"]}))
    return read


def whole(aws, **more):
    return [one for page in pages(aws, **more) for one in page["Summaries"]]


def described(aws, **more):
    return aws.describe_stack_set_operation(**{**OP, **more})["StackSetOperation"]


def refusal(call, *args, **more):
    with pytest.raises(ClientError) as caught:
        call(*args, **more)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def answers(emulator, action=None):
    return [entry["answer"] for entry in emulator.log(action)]


def control(emulator, method, path, body):
    """What the control endpoint says to a body that the client would not send."""
    url = urlsplit(emulator.facts["control_url"] + path)
    connection = http.client.HTTPConnection(url.netloc, timeout=120)
    connection.request(method, url.path, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = json.load(answer)["error"]
    connection.close()
    return answer.status, said


def raw_results(emulator):
    """One listing over a bare socket: head, body, and the exception it ended with."""
    body = "Action=ListStackSetOperationResults&Version=2010-05-15&StackSetName=baseline&OperationId=op-1"
    scope = f"{emulator.facts['access_key_id']}/20260101/{emulator.region}/cloudformation/aws4_request"
    head = [
        "POST / HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8",
        f"Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        f"Content-Length: {len(body)}",
    ]
    data, ended = b"", None
    with socket.create_connection(("127.0.0.1", int(emulator.endpoint_url.rpartition(":")[2])), timeout=120) as sock:
        sock.sendall("\r\n".join([*head, "", body]).encode())
        try:
            while part := sock.recv(65536):
                data += part
        except ConnectionResetError as error:
            ended = type(error)
    head, _separator, rest = data.partition(b"\r\n\r\n")
    return head, rest, ended


def eventually(holds, timeout=120):
    deadline = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
