# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""A report as one HTML page that needs nothing else: no network, no other file, no script to be read. Pure.

Jinja2 escapes whatever is put into the page. Should that fail once, the page's own policy lets no script and no style
run but the two that this collection ships, known by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import parse_time
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render._html.map import map_of
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import shown_statuses
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report, Result

_HERE = Path(__file__).resolve().parent
_UNKNOWN = "U"  # the style of a status that this version does not know
_SEEN = 0.01  # of a bar's width
# For where there is no style: in bars, and behind dark text.
_COLOURS = {"F": "#c01f2e", "C": "#e3a12f", "R": "#0b4283", "P": "#525c67", "S": "#86cb9d", _UNKNOWN: "#541a91"}
_TINTS = {"F": "#ffd9dc", "C": "#ffe3a8", "R": "#d3e6ff", "P": "#e9ecef", _UNKNOWN: "#ecdcff"}
# A browser takes seconds to draw a table of thousands of rows, and nobody reads it from one end to the other.
_MOST_OPEN = 1000
_MOST_SUCCEEDED_OPEN = 200
# Characters: longer commands are folded.
_SHORT_COMMANDS = 1200
# A long word may break behind what separates its parts, or anywhere.
_LONG_WORD = re.compile(r"\S{41,}")
_STRETCH = re.compile(r"(\S{20,39}[,:/]|\S{40})(?=\S)")
_STRETCH_LENGTH = 40


class _Part(NamedTuple):
    """A stretch of a bar, in percent."""

    status: str
    letter: str
    colour: str
    begin: str
    width: str


def to_html(report: Report) -> str:
    """The page."""
    template, style, script = _page()
    results: dict[str, list[Result]] = {}
    for result in report.results:
        results.setdefault(result.status, []).append(result)
    return template.render(
        report=report,
        statuses=shown_statuses(report.by_status),
        results=results,
        map=map_of(report),
        took=_took(report.began, report.ended),
        commands_are_short=sum(map(len, report.retry_commands)) <= _SHORT_COMMANDS,
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
    )


@lru_cache(maxsize=1)
def _page() -> tuple[Template, str, str]:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(class_of=_class, parts=_parts, moment=_moment, most_open=_most_open, tints=_TINTS)
    environment.filters["breakable"] = _breakable
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template("page.html.j2"), style, script


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _breakable(text: str) -> str:
    """With places to break a long word at, which a copy of it does not have."""
    if len(text) <= _STRETCH_LENGTH or not _LONG_WORD.search(text):
        return text
    # No text of a report has a NUL.
    marked = _LONG_WORD.sub(lambda word: _STRETCH.sub("\\1\0", word[0]), text)
    return Markup("<wbr>").join(marked.split("\0"))


def _class(status: str) -> str:
    """The first letters of AWS's statuses are different."""
    return status[0] if status in ROW_STATUSES else _UNKNOWN


def _most_open(status: str) -> int:
    """Up to how many rows a table of results is open."""
    return _MOST_SUCCEEDED_OPEN if status == "SUCCEEDED" else _MOST_OPEN


def _parts(by_status: Mapping[str, int], total: int) -> Iterator[_Part]:
    """What is rare is wide enough to be seen, at the cost of the rest."""
    shares = [(status, max(number / total, _SEEN)) for status, number in shown_statuses(by_status)]
    whole = sum(share for _status, share in shares)
    begin = 0.0
    for status, share in shares:
        width = 100 * share / whole
        letter = _class(status)
        yield _Part(status, letter, _COLOURS[letter], f"{begin:.3f}", f"{width:.3f}")
        begin += width


def _moment(time: str) -> str:
    """``2026-11-02 08:15:00 UTC``; what is no time stays as it is."""
    moment = parse_time(time)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else time


def _took(began: str, ended: str) -> str:
    """``5 min``, ``5 min 3 s``, ``1 h 5 min``: the two largest units, without a zero."""
    first, last = parse_time(began), parse_time(ended)
    if not first or not last or last < first:
        return ""
    minutes, seconds = divmod(int((last - first).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "h"), (minutes, "min")) if hours else ((minutes, "min"), (seconds, "s"))
    return " ".join(f"{number:,} {unit}" for number, unit in units if number) or "0 s"
