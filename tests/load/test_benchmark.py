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


def ran(script: str, *words: str) -> str:
    command = [sys.executable, BENCHMARKS / script, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_subject_and_baseline_of_the_load_is_measured():
    printed = ran("load.py", "--rows", "2345", "--repetitions", "1")
    names = re.findall(
        r'"(\w+)"', re.search(r"^BASELINES = .*\nSUBJECTS = .*$", (BENCHMARKS / "load.py").read_text(), re.M)[0]
    )
    files = [path.read_text() for name in names for path in BENCHMARKS.glob(f"*/{name}.py")]
    measured = re.findall(r"^\| (\S.*?) \| [0-9.]+ \|", printed, re.MULTILINE)
    assert sorted(measured) == sorted([text.split('"""')[1] for text in files] * 3)


QUICK = ("reading", "rows", "module", "lookup", "gate", "statuses", "kept", "whole")


def test_rows_of_the_table_are_measured():
    printed = ran("speed.py", *QUICK, "--turns", "1")
    assert re.findall(r"^\| `([\w-]+)` \|.* (?:x|x as fast) \|", printed, re.MULTILINE) == list(QUICK)


def test_every_file_to_measure_belongs_to_a_row():
    scripts = (BENCHMARKS / "speed.py").read_text() + (BENCHMARKS / "load.py").read_text()
    for path in [*BENCHMARKS.glob("baselines/*.*"), *BENCHMARKS.glob("subjects/*.*")]:
        used = (
            scripts if path.suffix != ".sh" else scripts + (BENCHMARKS / "baselines" / "aws_cli_kept.yml").read_text()
        )
        assert path.stem in used, path
