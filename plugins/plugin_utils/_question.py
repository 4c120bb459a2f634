# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What a remembered answer answers: whom was asked, by whom, and for what."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import Request

# Of the options, what a Request has of its own, and what changes nothing in the rows that AWS sends.
_NOT_OF_THE_CONNECTION = frozenset((*Request._fields, "_terms", "starting_token", "on_truncated"))


class Question(NamedTuple):
    """What an answer answers: whom is asked, by whom and how (``connection``), and for what."""

    connection: str
    asked: Request

    @property
    def operation(self) -> tuple[Any, ...]:
        """What all questions about the same operation have in common."""
        return self.connection, self.asked.stack_set, self.asked.operation_id, self.asked.call_as


def connection(options: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """A digest of all that decides who asks which endpoint: no secret can be had from it.

    The resolved credentials would say less: a profile that assumes a role gets new ones for every client, and to ask
    for them is a call.
    """
    of_sdk = {
        name: value
        for name, value in sorted(environ.items())
        if name.startswith(("AWS_", "BOTO")) or name.lower().endswith("_proxy") or name == "HOME"
    }
    files = [
        _identity(environ.get("AWS_CONFIG_FILE") or "~/.aws/config"),
        _identity(environ.get("AWS_SHARED_CREDENTIALS_FILE") or "~/.aws/credentials"),
    ]
    about = {name: value for name, value in options.items() if name not in _NOT_OF_THE_CONNECTION}
    text = json.dumps([_plain(about), of_sdk, files])
    return hashlib.sha256(text.encode()).hexdigest()


def _identity(path: str) -> list[Any]:
    path = os.path.expanduser(os.path.expandvars(path))  # as the SDK does
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return [path, None]
    return [path, found.st_mtime_ns, found.st_size]


def _plain(value: Any) -> Any:
    """A value as JSON takes it, whatever Ansible knows about it besides; members may be templates until asked for."""
    if isinstance(value, Mapping):
        return [[str(key), _plain(value[key])] for key in value]
    if isinstance(value, (list, tuple)):
        return [_plain(member) for member in value]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)
