# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark measures what it says: every subject reads every row that it should."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"


def test_every_subject_and_baseline_is_measured():
    command = [sys.executable, BENCHMARKS / "measure.py", "--rows", "2345", "--repetitions", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    files = [path.read_text() for folder in ("baselines", "subjects") for path in (BENCHMARKS / folder).glob("*.py")]
    measured = re.findall(r"^\| (\S.*?) \| [0-9.]+ \|", ran.stdout, re.MULTILINE)
    assert sorted(measured) == sorted([text.split('"""')[1] for text in files] * 3)
