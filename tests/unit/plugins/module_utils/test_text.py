# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Foreign text on one harmless line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.module_utils._text import (
    first_of,
    one_line,
    shown,
    whole_words,
)


def test_what_a_terminal_would_obey_is_shown_instead():
    assert one_line("a\x1b[31mred\x07") == "a\\x1b[31mred\\x07"
    assert one_line("abc\u202egnp.exe") == "abc\\u202egnp.exe"
    assert one_line("bell\x9b2J") == "bell\\x9b2J"


def test_lines_become_one():
    assert one_line(" first\r\n  second\tthird ") == "first second third"


def test_what_was_given_is_shown_with_all_that_is_wrong_with_it():
    assert shown("org-baseline ") == "'org-baseline '"
    assert shown("org-baseline\n") == "'org-baseline\\n'"
    assert shown("org-baseline\u00a0") == "'org-baseline\\xa0'"
    assert shown("a  b\u202e") == "'a  b\\u202e'"
    assert shown("it's") == '"it\'s"'
    assert shown("org\u2011baseline") == "'org\\u2011baseline'"
    assert shown("\u201csuspended\u201d") == "'\\u201csuspended\\u201d'"
    assert shown("größe 口座") == "'größe 口座'"


def test_what_was_given_keeps_its_end_where_it_is_cut():
    assert shown("a" * 80) == repr("a" * 80)
    assert shown("a" * 100 + "b" * 20 + " ") == f"'{'a' * 57}...{'b' * 19} '"


@given(st.text())
def test_what_was_given_is_shown_on_one_harmless_line(text):
    assert shown(text).isprintable()
    assert len(shown(text)) <= 10 * 80 + 2


def test_other_scripts_stay_readable():
    assert one_line("Größe 大きさ") == "Größe 大きさ"


def test_nothing_is_not_called_as_in_python():
    assert (one_line(None), shown(None)) == ("none", "null")


def test_long_text_is_cut_and_says_so():
    assert one_line("x" * 70000, 10) == "xxxxxxx..."


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two ..."),
        ("one two three four", 17, "one two three ..."),
        ("one " + "x" * 50, 20, "one " + "x" * 13 + "..."),  # nothing would be left of it
        ("x" * 50, 20, "x" * 17 + "..."),
        ("\x1b[2J " * 9, 30, "\\x1b[2J \\x1b[2J \\x1b[2J ..."),
        (None, 20, "none"),
    ],
)
def test_a_text_can_be_cut_between_words(text, limit, cut):
    assert whole_words(text, limit) == cut
    assert len(cut) <= limit


KEY_ID = "AKIA" + "ABCDEFGHIJKLMNOP"
CANONICAL = """The request signature we calculated does not match. The Canonical String should have been
'POST
/

host:cloudformation.eu-west-1.amazonaws.com
x-amz-date:20261125T000000Z
x-amz-security-token:IQoJb3JpZ2luX2VjEXAMPLE//////////token+/=

host;x-amz-date;x-amz-security-token
hash'"""


@pytest.mark.parametrize(
    ("text", "secrets", "kept"),
    [
        (CANONICAL, ["IQoJb3"], "x-amz-security-token:**** host;x-amz-date"),
        (
            f"in Authorization header: 'AWS4-HMAC-SHA256 Credential={KEY_ID}/20261125/x, Signature=0a1b2c'",
            [KEY_ID, "0a1b2c"],
            "in Authorization header: '****'",
        ),
        (f"Credential={KEY_ID}/2026, Signature=0a1b2c", [KEY_ID, "0a1b2c"], "Credential=****, Signature=****"),
        (f"The key {KEY_ID} is not valid", [KEY_ID], "The key **** is not valid"),
        (f"ASIA{KEY_ID[4:]}.", [KEY_ID[4:]], "****."),
        ('Failed: "https://someone:pa55@proxy:3128/"', ["someone", "pa55"], "https://****@proxy:3128/"),
        ("?X-Amz-Security-Token=abc%2F&X-Amz-Date=1", ["abc"], "X-Amz-Security-Token=****&X-Amz-Date=1"),
    ],
)
def test_what_an_error_quotes_of_the_credentials_is_masked(text, secrets, kept):
    line = one_line(text)
    assert kept in line
    for secret in secrets:
        assert secret not in line


def test_a_credential_that_the_limit_cuts_is_masked_all_the_same():
    assert "SECRET" not in one_line("x-amz-security-token:" + "SECRET" * 5000, 40)


@pytest.mark.parametrize(
    "text", ["ASIAPACIFICBASELINE1", "arn:aws:iam::111122223333:role/a@b", "mail me at a@b.example"]
)
def test_what_only_looks_like_one_stays(text):
    assert one_line(text) == text


@given(st.text(st.characters(exclude_categories=[])), st.integers(3, 50))
def test_any_text_is_one_printable_line_within_its_limit(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line.isprintable()


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (["a"] * 1002, "a, a and 1,000 more"),
    ],
)
def test_the_first_of_many_and_how_many_more(texts, said):
    assert first_of(texts, 2) == said


def test_the_first_of_many_are_made_safe_where_a_limit_is_given():
    assert first_of(["a\x1b", "b" * 9, "c"], 2, 6) == "a\\x1b, bbb... and 1 more"
