# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign text on one harmless line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line


def test_what_a_terminal_would_obey_is_shown_instead():
    assert one_line("a\x1b[31mred\x07") == "a\\x1b[31mred\\x07"
    assert one_line("abc\u202egnp.exe") == "abc\\u202egnp.exe"
    assert one_line("bell\x9b2J") == "bell\\x9b2J"


def test_lines_become_one():
    assert one_line(" first\r\n  second\tthird ") == "first second third"


def test_other_scripts_stay_readable():
    assert one_line("Größe 大きさ") == "Größe 大きさ"


def test_long_text_is_cut_and_says_so():
    assert one_line("x" * 70000, 10) == "xxxxxxx..."


@given(st.text(st.characters(exclude_categories=[])), st.integers(3, 50))
def test_any_text_is_one_printable_line_within_its_limit(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()
