# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of "First steps" print against the emulated AWS of the demonstration what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from emulator.demo import STACK_SETS

pytestmark = pytest.mark.once

PAGE = (Path(__file__).resolve().parents[3] / "docs/docsite/rst/guide_first_steps.rst").read_text()


def blocks(language):
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", PAGE, re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in found]


def on_one_line(text):
    return " ".join(text.split())


def test_the_commands_print_what_the_page_shows(ansible, emulator, tmp_path):
    for name, operation in STACK_SETS.items():
        emulator.stack_set(name, operation)
    results, rollout = blocks("yaml")
    (tmp_path / "results.yml").write_text(results)
    (tmp_path / "rollout.yml").write_text(rollout)
    told = re.search(r"^Add ``(max_failed: \d+)`` below ``operation_id``", PAGE, re.MULTILINE)
    tolerant = re.sub(r"^( +)(operation_id: .*\n)", rf"\1\2\1{told[1]}\n", rollout, flags=re.MULTILINE)
    (tmp_path / "tolerant.yml").write_text(tolerant)
    asked = ansible.task("stack_set_name=org-baseline summary_only=true")
    plays = [ansible.book(tmp_path / f"{name}.yml") for name in ("results", "rollout", "tolerant")]
    assert [play.code for play in plays] == [0, 2, 0]
    shown = [on_one_line(block).removesuffix(" ...") for block in blocks("text")]
    printed = [asked.output, *(on_one_line(play.output) for play in plays)]
    # The last block is of a wait, which no test waits for.
    assert len(shown) == len(printed) + 1
    assert [block for block, output in zip(shown, printed, strict=False) if block not in output] == []
