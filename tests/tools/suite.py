# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`make test`: every part, the ones after a failure too, and a table of how they went."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
RUN = [sys.executable, str(TOOLS / "run.py")]
PYTEST = [*RUN, "pytest", "-n", "auto", "--dist", "worksteal"]
PARTS = {
    "unit": [*PYTEST, "tests/unit"],
    "integration": [*PYTEST, "tests/integration"],
    "sanity": [sys.executable, str(TOOLS / "sanity.py")],
    "lint": [sys.executable, str(TOOLS / "lint.py")],
}
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def _last_line(output: bytes) -> str:
    """What a part says about itself at its end; pytest's counts, for one."""
    lines = _COLOUR.sub("", output.decode(errors="replace")).split("\n")
    return next((line.strip("= \r") for line in reversed(lines) if line.strip("= \r")), "")


def _run(command: list[str]) -> tuple[int, str]:
    """Run and show it as it goes (pytest's dots do not end in a line), keeping the end of it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    end = b""
    while chunk := os.read(process.stdout.fileno(), 65536):
        sys.stdout.buffer.write(chunk)
        sys.stdout.flush()
        end = (end + chunk)[-4000:]
    return process.wait(), _last_line(end)


def main() -> int:
    rows = []
    # First of all, so that no part's time is that of the set-up.
    for part, command in {"set-up": [*RUN, "true"], **PARTS}.items():
        print(f"\n=== {part} " + "=" * (75 - len(part)), flush=True)
        start = time.monotonic()
        code, end = _run(command)
        rows.append((part, code, time.monotonic() - start, end))
        if part == "set-up" and code:
            return 1
    print("\n=== summary " + "=" * 68)
    for part, code, seconds, end in rows[1:]:
        print(f"{part:12} {'ok' if code == 0 else 'FAILED':7} {seconds:6.1f} s  {end}")
    failed = [part for part, code, *_rest in rows if code]
    print(f"set-up took {rows[0][2]:.1f} s, all {sum(row[2] for row in rows):.1f} s")
    print("make test: FAILED: " + ", ".join(failed) if failed else "make test: passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
