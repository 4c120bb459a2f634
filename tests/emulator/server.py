# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""moto's server with our reads in it: moto still takes the calls apart and writes the answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from moto import backends
from moto.cloudformation.exceptions import StackSetNotFoundException
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionContext, ActionResult
from moto.core.serialize import DefaultAttributePicker
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import urls
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

from emulator import control, faults, unscripted
from emulator.operations import StackSet
from emulator.reads import ReadResult, Reads, Request
from emulator.script import READS

NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


def start(reads: Reads) -> str:
    """Start the server, for this machine only; its URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    _install(reads)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    return f"http://{host}:{port}"


def _install(reads: Reads) -> None:
    # Before the first request: moto builds its routes once.
    for action in READS:
        setattr(CloudFormationResponse, camelcase_to_underscores(action), _handler(reads))
    CloudFormationResponse.call_action = _noted(reads, CloudFormationResponse.call_action)
    # moto looks through its own directory at every request to see which services it has.
    services = frozenset(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: services
    for path, view in control.views(reads).items():
        urls.url_paths[f"{{0}}{path}$"] = view


class _Exact(ActionResult):
    """A result whose members have AWS's names. moto would look for each under four more: half of its time."""

    def execute_result(self, context: ActionContext) -> Any:
        writer = context.serializer_class(context.operation_model, value_picker=DefaultAttributePicker())
        written = writer.serialize(self.result)
        return written["status_code"], written["headers"], written["body"]


def _handler(reads: Reads) -> Callable[[CloudFormationResponse], Any]:
    def handle(response: CloudFormationResponse) -> Any:
        answer = reads.answer(_request(response), lambda name: _unscripted(response, name))
        return _send(response, answer)

    return handle


def _noted(reads: Reads, call_action: Callable[[CloudFormationResponse], Any]) -> Callable[..., Any]:
    """moto's own dispatch, with the calls that do not come to our handlers in the log as well."""

    def noted(response: CloudFormationResponse) -> Any:
        request = _request(response)
        if request.action in READS:
            return call_action(response)
        entry = reads.note(request)
        # Unless it gets that far, moto has raised something.
        entry["answer"] = "moto failed"
        answered = call_action(response)
        entry["answer"] = f"moto {answered[0]}"
        return answered

    return noted


def _request(response: CloudFormationResponse) -> Request:
    sent = getattr(response, "params", None) or {}
    return Request(
        action=response._get_action(),
        stack_set_name=sent.get("StackSetName"),
        operation_id=sent.get("OperationId"),
        call_as=sent.get("CallAs"),
        next_token=sent.get("NextToken"),
        max_results=sent.get("MaxResults"),
        filters=sent.get("Filters"),
        region=response.region,
    )


def _unscripted(response: CloudFormationResponse, name: str) -> StackSet | None:
    try:
        return unscripted.stack_set(response.cloudformation_backend.describe_stack_set(name))
    except StackSetNotFoundException:
        return None


def _send(response: CloudFormationResponse, answer: ReadResult) -> Any:
    fault = answer.fault
    sock = response.normalized_request.environ["werkzeug.socket"]
    if fault and fault.kind == "delay":
        time.sleep(fault.value)
    if fault and fault.instead:
        if fault.kind == "reset":
            faults.reset(sock)
        if fault.kind == "error":
            return _error(fault.value, fault.message or "", fault.status or 400)
        if fault.kind == "http":
            # By hand: moto would add a request id, which only an answer that got as far as CloudFormation has.
            page = f"<html><body><b>Http/1.1 {fault.value}</b></body></html>"
            faults.send(sock, fault.value, {"Content-Type": "text/html"}, page)
            faults.hang_up(sock)
        return _plain(200, "text/xml", fault.value)
    changed = fault is not None and fault.kind in ("reset", "truncate", "drip", "extra")
    if answer.refusal:
        sent = _error(answer.refusal.code, answer.refusal.message, answer.refusal.status)
    elif not changed:
        return _Exact(answer.result)
    else:
        sent = response.serialized(_Exact(answer.result))
    if not changed:
        return sent
    if fault.kind == "extra":
        status, headers, body = sent
        ends = (f"</{name}>" for name in ("member", f"{response._get_action()}Result", "ResponseMetadata"))
        for end in ends:
            body = body.replace(end, fault.value + end)
        return status, headers, body
    if fault.kind == "drip":
        faults.send(sock, *sent, drip=fault.value)
    else:
        faults.send(sock, *sent, share=0.5)
    faults.reset(sock) if fault.kind == "reset" else faults.hang_up(sock)
    return sent


def _error(code: str, message: str, status: int) -> tuple[int, dict[str, Any], str]:
    # Not by moto's serializer: it answers 400 to every code that is not in CloudFormation's model.
    fault = "Sender" if status < 500 else "Receiver"
    body = (
        f'<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>{fault}</Type><Code>{escape(code)}</Code>'
        f"<Message>{escape(message)}</Message></Error><RequestId>-</RequestId></ErrorResponse>"
    )
    return _plain(status, "text/xml", body)


def _plain(status: int, content_type: str, body: str) -> tuple[int, dict[str, Any], str]:
    # moto takes the status from this header, and from nowhere else.
    return status, {"Content-Type": content_type, "status": status}, body
