# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reports of 2,000 accounts in 10 Regions: their size, the time to write them beside the time to read the rows.

The rows of the reports are the emulator's. What is read for comparison are as many rows, over loopback, from pages that
are written beforehand, so that the server is not what takes the time.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import conftest
from botocore.config import Config
from emulator.client import Emulator, operation
from integration.helpers.report_browser import SIZES, chromium, read
from running import Server, cores

from ansible_collections.stackgate.stacksets.plugins.filter.to_csv import FilterModule as ToCsv
from ansible_collections.stackgate.stacksets.plugins.filter.to_html import FilterModule as ToHtml
from ansible_collections.stackgate.stacksets.plugins.filter.to_junit import FilterModule as ToJunit
from ansible_collections.stackgate.stacksets.plugins.filter.to_markdown import FilterModule as ToMarkdown
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.info_result import success_result

PAGE = conftest.CHECKOUT / "docs" / "report.md"
FILTERS = {name: one for plugin in (ToHtml, ToMarkdown, ToJunit, ToCsv) for name, one in plugin().filters().items()}
ACCOUNTS, REGIONS = 2000, 10
GENERATE = {
    "accounts": ACCOUNTS,
    "regions": REGIONS,
    "failed": 400,
    "cancelled": 250,
    "organizational_units": ["ou-ab12-1a2b3c4d", "ou-ab12-5e6f7a8b", "ou-cd34-9c0d1e2f"],
}
PAGE_TEXT = """\
# The reports, measured

`{command}` writes this page: reports of {accounts:,} accounts in {regions} Regions and three organizational units,
{rows:,} results of which {bad} did not succeed. Each figure is the median of {repetitions} runs. The ratios compare the
time to write a report with the time to read the results, measured one after the other. The results are read over
loopback, from pages written in advance. AWS takes much longer for a page of 100 results. Measured with
{machine}.

| report | size | time to write it | compared with reading |
| --- | ---: | ---: | ---: |
{formats}

{browser}
"""
BROWSER_TEXT = """\
The HTML page as a file in Chromium {version}:

| screen | to the first paint | to `load` |
| --- | ---: | ---: |
{paints}
"""


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = action()
    return time.perf_counter() - start, done


def reader(server: Server) -> Callable[[], Any]:
    """Reads as many rows as the report has, as the module does."""
    client = boto3.client(
        "cloudformation",
        endpoint_url=server.url,
        region_name="eu-west-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="example",
        config=Config(proxies={}),
    )
    options = {"stack_set_name": "large", "operation_id": "op-1", "call_as": "SELF", "page_size": 100}
    asked = read_request({**options, "reading_timeout": 600})
    return lambda: success_result(read_results(client, asked, print))


def written(result: dict[str, Any], repetitions: int) -> list[str]:
    """A line of the table for each format."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in FILTERS}
    sizes: dict[str, int] = {}
    with Server(ACCOUNTS * REGIONS) as server:
        read_all = reader(server)
        read_all()
        for _repetition in range(repetitions):
            for name, write in FILTERS.items():
                reading, _rows = timed(read_all)
                writing, text = timed(lambda write=write: write(result))
                times[name].append((writing, writing / reading))
                sizes[name] = len(text.encode())
    return [
        f"| `{name}` | {sizes[name] / 1e6:,.3f} MB | {statistics.median(one for one, _ratio in taken):.2f} s"
        f" | {statistics.median(ratio for _one, ratio in taken):.2f} x |"
        for name, taken in times.items()
    ]


def painted(result: dict[str, Any], repetitions: int) -> str:
    """How long the browser takes with the page."""
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        if browser is None:
            return "There was no Chromium to open the page with."
        file = Path(folder) / "report.html"
        file.write_text(FILTERS["to_html"](result), encoding="utf-8")
        lines = []
        for size, viewport in SIZES.items():
            found = [_paint(browser, file, viewport) for _repetition in range(repetitions)]
            first, loaded = (statistics.median(one) / 1000 for one in zip(*found, strict=True))
            lines.append(f"| {size}, {viewport['width']} x {viewport['height']} | {first:.2f} s | {loaded:.2f} s |")
        return BROWSER_TEXT.format(version=browser.version, paints="\n".join(lines)).strip()


def _paint(browser: Any, file: Path, viewport: dict[str, int]) -> tuple[float, float]:
    """Milliseconds from the navigation's start."""
    context = browser.new_context(viewport=viewport)
    try:
        page = context.new_page()
        page.goto(file.as_uri())
        script = "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)"
        while not (first := page.evaluate(script)):
            page.wait_for_timeout(20)
        return first[0], page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    finally:
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/report.md")
    options = parser.parse_args()
    with Emulator() as emulator:
        emulator.stack_set("org-large", [operation("op-1", generate=GENERATE)])
        result = read(emulator, "org-large", "op-1")
    text = PAGE_TEXT.format(
        command="make figures",
        accounts=ACCOUNTS,
        regions=REGIONS,
        rows=len(result["operation_results"]),
        bad=GENERATE["failed"] + GENERATE["cancelled"],
        repetitions=options.repetitions,
        machine=f"Python {platform.python_version()} and {cores()}",
        formats="\n".join(written(result, options.repetitions)),
        browser=painted(result, options.repetitions),
    )
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
