# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoint: scripts and faults in, the log out. JSON over HTTP, beside moto's own /moto-api/."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from botocore.validate import ParamValidator
from moto.core.utils import get_service_model
from moto.moto_api._internal import moto_api_backend

from emulator import script
from emulator.operations import StackSet
from emulator.reads import DESCRIBE, Reads

PATH = "/moto-api/stack-sets"
View = Callable[[Any, str, Any], tuple[int, dict[str, str], str]]


def views(reads: Reads) -> dict[str, View]:
    """What moto is to serve: a function for each path."""

    def add_stack_set(body: Any) -> Any:
        stack_set = script.stack_set(body, reads.clock)
        _check_shapes(stack_set)
        reads.add_stack_set(stack_set)
        return {"stack_set_id": stack_set.stack_set_id}

    def reset(body: Any) -> Any:
        reads.reset()
        moto_api_backend.reset()
        return {}

    return {
        PATH: _view(PUT=add_stack_set),
        f"{PATH}/faults": _view(
            POST=lambda body: reads.add_fault(script.fault(body)) or {}, DELETE=lambda body: reads.clear_faults() or {}
        ),
        f"{PATH}/log": _view(GET=lambda body: reads.log(), DELETE=lambda body: reads.clear_log() or {}),
        f"{PATH}/reset": _view(POST=reset),
    }


def _view(**methods: Callable[[Any], Any]) -> View:
    def view(request: Any, url: str, headers: Any) -> tuple[int, dict[str, str], str]:
        method = methods.get(request.method)
        if method is None:
            return _json(405, {"error": f"This takes {' and '.join(methods)}."})
        try:
            return _json(200, method(_body(request)))
        except script.ScriptError as error:
            return _json(400, {"error": str(error)})

    return view


def _body(request: Any) -> Any:
    try:
        # Not request.data: it is empty where the content type is a form's, as curl sends it with --data.
        return json.loads(request.get_data() or b"{}")
    except ValueError as error:
        raise script.ScriptError(f"The body is not JSON: {error}") from error


def _json(status: int, content: Any) -> tuple[int, dict[str, str], str]:
    return status, {"Content-Type": "application/json"}, json.dumps(content) + "\n"


def _check_shapes(stack_set: StackSet) -> None:
    # A misspelt member would simply not be written, and a test would pass for the wrong reason.
    shape = get_service_model("cloudformation").operation_model(DESCRIBE).output_shape
    for at, operation in enumerate(stack_set.operations):
        for index in range(len(operation.states)):
            report = ParamValidator().validate({"StackSetOperation": operation.shape(index)}, shape)
            if report.has_errors():
                raise script.ScriptError(f"operations[{at}].fields: {report.generate_report()}")
