# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reports of the emulator's results as HTML pages, and a browser that shows them."""

from __future__ import annotations

import json

import pytest
from emulator.client import operation
from integration.helpers.report_browser import CHROMIUM, Shown, chromium, read

from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule

to_html = FilterModule().filters()["to_html"]
UNITS = ["ou-ab12-1a2b3c4d", "ou-ab12-5e6f7a8b", "ou-cd34-9c0d1e2f"]
REASONS = [
    "Account {account} should have 'Stacks' role with trust relationship to Role 'Admin'.",
    "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:User is not authorized",
    "The bucket already exists",
]
SMALL = {"accounts": 5, "regions": 3, "failed": 3, "cancelled": 1, "reasons": REASONS}
# All statuses, and several units.
MIXED = {
    **{"accounts": 60, "regions": 4, "failed": 20, "cancelled": 9, "running": 4, "pending": 5},
    **{"reasons": REASONS, "organizational_units": UNITS},
}
# What does not fit a screen in either direction, and one that a browser has to work for.
WIDE = {
    **{"accounts": 200, "regions": 10, "failed": 100, "cancelled": 60},
    **{"reasons": REASONS, "organizational_units": UNITS},
}
LARGE = {**WIDE, "accounts": 2000, "failed": 400, "cancelled": 250}
# Much of it did not succeed, for twelve causes.
STOPPED = {
    **{"accounts": 1500, "regions": 3, "failed": 12, "cancelled": 340, "organizational_units": UNITS},
    "reasons": [*REASONS, *(f"ResourceLogicalId:Part{part}, ResourceStatusReason:Denied" for part in "ABCDEFGHI")],
}
GENERATED = {"small": SMALL, "mixed": MIXED, "wide": WIDE, "large": LARGE, "stopped": STOPPED}


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine (Debian's package chromium has one)")
    with chromium() as started:
        if started is None:
            pytest.skip(f"{CHROMIUM} does not start on this machine")
        yield started


@pytest.fixture(scope="session")
def pages(server, made_once):
    """Results of operations as the emulator lists them, as JSON, and their reports."""

    def make(folder):
        # Another test may have left a fault.
        server.reset()
        for name, generate in GENERATED.items():
            status = "RUNNING" if name == "mixed" else "SUCCEEDED"
            server.stack_set(f"org-{name}", [operation(f"op-{name}", status, generate=generate)])
            result = read(server, f"org-{name}", f"op-{name}")
            (folder / f"{name}.json").write_text(json.dumps(result))
            accounts = sorted({row["account"] for row in result["operation_results"]})
            names = {account: f"team {number}" for number, account in enumerate(accounts) if number % 3}
            (folder / f"{name}.html").write_text(to_html(result, account_names=names, region="eu-west-1"))

    return made_once("pages", make)


@pytest.fixture(scope="session")
def shown(browser):
    """Show a file, in a window that those with the same options share: a new one takes a second."""
    windows = {}

    def shown(file, size="desktop", scheme="light", **options):
        key = frozenset(options.items())
        if key not in windows:
            windows[key] = Shown(browser.new_context(**options).new_page())
        opened = windows[key]
        # Away from what was shown before, so that nothing of it is taken for the file's.
        opened.page.goto("about:blank")
        opened.page.mouse.move(0, 0)
        opened.look(size, scheme)
        opened.forget()
        opened.page.goto(file.as_uri())
        return opened

    yield shown
    for opened in windows.values():
        opened.page.context.close()
