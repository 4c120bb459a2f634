# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Argument specs used by more than one module; the documentation is in doc_fragments under the same names."""

from __future__ import annotations

from typing import Any

from .._validation import CALL_AS, PAGE_SIZE_LIMIT

READING_TIMEOUT = 1800  # seconds; the largest stack set has 1,000 pages: at a second a page, and with throttling


def connection_options() -> dict[str, Any]:
    """What differs from amazon.aws's own options of a connection: the access key's id is kept out of every result."""
    # Here, for on the controller the other options are read without the SDK.
    from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec

    return {"access_key": {**aws_argument_spec()["access_key"], "no_log": True}}


def stack_set_options() -> dict[str, Any]:
    """What every module takes, and ``group/stackgate.stacksets.all`` may set: doc fragments ``_operation``,
    ``_operation.reading`` and ``_paging``.
    """
    return {
        "stack_set_name": {"type": "str", "required": True},
        "call_as": {"type": "str", "choices": list(CALL_AS), "default": "SELF"},
        "reading_timeout": {"type": "int", "default": READING_TIMEOUT},
        "page_size": {"type": "int", "default": PAGE_SIZE_LIMIT},
    }
