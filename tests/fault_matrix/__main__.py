# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Meet every fault and write the page: python -m fault_matrix (inside the project's environment, tests/ on PYTHONPATH).

Arguments choose faults by parts of their names, and then nothing is written.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from emulator.client import Emulator
from integration.helpers.ansible_commands import Ansible
from integration.helpers.fork_server import ForkServers

from fault_matrix.broken_ways import broken_ways
from fault_matrix.faults import FAULTS, Fault
from fault_matrix.page import page, rows
from fault_matrix.ways import Met, meet

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fault_matrix.md"
_AT_ONCE = 2


def main() -> int:
    wanted = [one for one in FAULTS if not sys.argv[1:] or any(part in one.id for part in sys.argv[1:])]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        met = dict(zip((one.id for one in wanted), threads.map(_meet, wanted), strict=True))
    if len(wanted) == len(FAULTS):
        PAGE.write_text(page(met))
        print(f"{PAGE} written")
    return 0 if all(one.kept for ones in met.values() for one in ones) else 1


def _meet(fault: Fault) -> list[Met]:
    with (
        Emulator() as emulator,
        tempfile.TemporaryDirectory() as place,
        broken_ways() as ways,
        ForkServers() as servers,
    ):
        met = meet(fault, Ansible(Path(place), emulator, servers, timeout=120), emulator, ways)
    print(rows(fault, met), end="", flush=True)
    return met


if __name__ == "__main__":
    sys.exit(main())
