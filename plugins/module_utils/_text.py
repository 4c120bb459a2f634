# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Foreign text made safe for terminals and messages. Pure.

Status reasons, names and AWS's own messages are written by strangers: in rows they stay as they are, in a sentence
of ours they are one line, of bounded length, without anything that a terminal would obey, and without the credentials
that an error may quote.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

REASON_LIMIT = 300
SHOWN_LIMIT = 80
_SHOWN_END = 20  # characters of a long text's end

# What AWS and the SDK quote of a request where they refuse it: the Authorization header, or the canonical string with
# the session token in it. Access key ids: IAM User Guide, "Unique identifiers". A URL's user is a proxy's.
_SECRETS = re.compile(
    r"\bAWS4-HMAC-SHA256\b[^'\"]*"
    r"|(?P<named>(?i:\bCredential=|\bSignature=|\bx-amz-security-token[:=]\s*))[^\s,&'\"]+"
    r"|\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"
    r"|(?<=://)[^/\s@]+(?=@)"
)


def one_line(text: Any, limit: int = REASON_LIMIT) -> str:
    r"""``text`` on one line of at most ``limit`` characters; what is not printable is shown as an escape (``\x1b``).

    Line breaks and runs of blanks become one blank. Unicode's format characters, which reorder or hide text, are
    escaped too. What is a credential by its form becomes ``****``. None, what AWS did not send, is ``none``.
    """
    if text is None:
        return "none"
    # Only as much is looked at as can be shown: the text may be of any length.
    words = _without_secrets(str(text)[: limit * 4]).split()
    line = " ".join(words)
    if not line.isprintable():
        line = "".join(char if char.isprintable() else _escape(char) for char in line)
    return line if len(line) <= limit else line[: max(limit - 3, 0)] + "..."


def whole_words(text: Any, limit: int) -> str:
    """``one_line`` that is cut between two words, unless the last one is very long."""
    line = one_line(text, limit)
    if line == one_line(text, limit + 1):
        return line
    cut = line[: -len("...")].rpartition(" ")[0]
    return f"{cut} ..." if len(cut) > limit // 2 else line


def first_of(texts: Sequence[str], most: int, limit: int | None = None) -> str:
    """``a, b and 1,500 more``, each text cut to ``limit`` and made safe where one is given."""
    said = ", ".join(one_line(text, limit) if limit else text for text in texts[:most])
    return f"{said} and {len(texts) - most:,} more" if len(texts) > most else said


def count_of(number: int, name: str) -> str:
    """``1 account``, ``1,500 accounts``."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def shown(value: Any) -> str:
    """A value that was given for an option, as a message quotes it.

    A string is quoted with all its spaces and line breaks, because they may be what is wrong with it; so may be a
    dash or a quotation mark that looks like another. A long one is cut in its middle: what is wrong is often at its
    end.
    """
    if value is None:
        return "null"
    if not isinstance(value, str):
        return one_line(value if isinstance(value, date) else repr(value), SHOWN_LIMIT)
    text = _without_secrets(str(value))
    if len(text) > SHOWN_LIMIT:
        text = f"{text[: SHOWN_LIMIT - _SHOWN_END - 3]}...{text[-_SHOWN_END:]}"
    return "".join(char if char.isascii() or char.isalnum() else _escape(char) for char in str.__repr__(text))


def _without_secrets(text: str) -> str:
    return _SECRETS.sub(lambda found: f"{found['named'] or ''}****", text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
