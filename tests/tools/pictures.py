# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures in the README and in the guides, made from the demo's own data with a Chromium of this machine."""

import sys
import tempfile
from pathlib import Path
from typing import Any

import conftest
from emulator.client import Emulator
from emulator.demo import LOGGING
from integration.helpers.report_browser import SIZES, chromium, read

from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule

ROOT = conftest.CHECKOUT  # its import makes the collection one that can be imported
PICTURES = ROOT / "docs" / "docsite" / "rst" / "pictures"
TEAMS = ("payments", "search", "identity", "billing", "data")
# Name, screen, colours, and the part of the page that is brought to the top.
WANTED = (
    ("report.png", "desktop", "light", None),
    ("report_map.png", "desktop", "dark", "map"),
    ("report_phone.png", "phone", "light", None),
)


def page() -> str:
    """The report of the demo's larger operation."""
    with Emulator() as emulator:
        emulator.stack_set("org-logging", LOGGING)
        result = read(emulator, "org-logging", LOGGING["operation_id"])
    accounts = sorted({row["account"] for row in result["operation_results"]})
    names = {account: f"{TEAMS[number % len(TEAMS)]}-{number // len(TEAMS)}" for number, account in enumerate(accounts)}
    return FilterModule().filters()["to_html"](result, region="eu-west-1", account_names=names)


def take(browser: Any, file: Path, name: str, size: str, scheme: str, part: str | None) -> None:
    shown = browser.new_page(viewport=SIZES[size], color_scheme=scheme)
    shown.goto(file.as_uri())
    if part:
        shown.evaluate(f"document.getElementById('{part}').scrollIntoView()")
    shown.wait_for_timeout(500)
    shown.screenshot(path=PICTURES / name)
    shown.close()


if __name__ == "__main__":
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        if browser is None:
            sys.exit("There is no Chromium on this machine (Debian's package chromium has one).")
        report = Path(folder) / "report.html"
        report.write_text(page(), encoding="utf-8")
        for picture, *how in WANTED:
            take(browser, report, picture, *how)
            print(f"{PICTURES / picture}: {(PICTURES / picture).stat().st_size:,} bytes")
