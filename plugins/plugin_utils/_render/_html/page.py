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
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.operations import parse_time
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render._html.map import Line, Unit, units
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.headline import shown_statuses
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.report import Report

_HERE = Path(__file__).resolve().parent
_UNKNOWN = "U"  # the style of a status that this version does not know
_SEEN = 0.01  # of a bar's width


class _Part(NamedTuple):
    """A stretch of a bar, in percent."""

    status: str
    begin: str
    width: str


def to_html(report: Report) -> str:
    """The page."""
    template, style, script = _page()
    shown_units = units(report)
    return template.render(
        report=report,
        statuses=shown_statuses(report.by_status),
        units=[_unit(unit) for unit in shown_units],
        some_accounts_are_fine=_mixed(shown_units),
        took=_took(report.began, report.ended),
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
    environment.globals.update(class_of=_class, parts=_parts, moment=_moment)
    style, script = ((_HERE / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    return environment.get_template("page.html.j2"), style, script


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _class(status: str) -> str:
    """The first letters of AWS's statuses are different."""
    return status[0] if status in ROW_STATUSES else _UNKNOWN


def _parts(by_status: Mapping[str, int], total: int) -> Iterator[_Part]:
    """What is rare is wide enough to be seen, at the cost of the rest."""
    shares = [(status, max(number / total, _SEEN)) for status, number in shown_statuses(by_status)]
    whole = sum(share for _status, share in shares)
    begin = 0.0
    for status, share in shares:
        width = 100 * share / whole
        yield _Part(status, f"{begin:.3f}", f"{width:.3f}")
        begin += width


def _unit(unit: Unit) -> dict[str, Any]:
    lines = [{**line._asdict(), "troubled": _troubled(line)} for line in unit.lines]
    return {
        "id": unit.id,
        "statuses": shown_statuses(unit.by_status),
        "accounts": len({line.account for line in unit.lines if line.account}),
        "lines": lines,
        "troubled": any(line["troubled"] for line in lines),
    }


def _troubled(line: Line) -> bool:
    return any(not cell.succeeded for cell in line.cells if cell)


def _mixed(shown_units: list[Unit]) -> bool:
    """Whether there are accounts of both kinds, so that hiding one kind makes sense."""
    return len({_troubled(line) for unit in shown_units for line in unit.lines}) > 1


def _moment(time: str) -> str:
    """``2026-11-02 08:15:00 UTC``; what is no time stays as it is."""
    moment = parse_time(time)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else time


def _took(began: str, ended: str) -> str:
    first, last = parse_time(began), parse_time(ended)
    if not first or not last or last < first:
        return ""
    minutes, seconds = divmod(int((last - first).total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
