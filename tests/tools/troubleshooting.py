# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the troubleshooting guide, made from the tables of messages in the code.

GitHub shows the guide's own file, so the tables are in it: each follows a mark, and ``write`` replaces it.
"""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from types import ModuleType

# Where pytest has not said yet where collections are.
sys.path += filter(None, os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep))

from botocore import exceptions

from ansible_collections.stackgate.stacksets.plugins.module_utils._api import aws_errors, credential_errors
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ErrorKind
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate import remediation
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.model import MissingKind, Rule

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
# What a message has no room for, by its beginning.
HINTS = {
    "Operation ... was not found": "An operation belongs to one stack set in one Region.",
    "The metadata service": "In a container on an instance, the service may need a hop limit of 2.",
    "No AWS credentials were found": "The environment differs under sudo, in a container and in a job template.",
}
_KINDS_OF_FILTER = (MissingKind.ROWS_OPERATION, MissingKind.WHOLE)
_WITHOUT_REMEDY = (MissingKind.OPERATION_STATUS, MissingKind.ACTION)
# Names of options and variables, with their values, in a sentence.
_CODE = re.compile(r"\w+=\{.*\}|(?<![=\w])[A-Za-z.]+_\w+(=(\w+|\.\.\.))?")

Row = tuple[str, str]
_fill = partial(textwrap.fill, width=120, subsequent_indent=" " * 7, break_long_words=False, break_on_hyphens=False)


def kinds(module: ModuleType) -> dict[ErrorKind, str]:
    """The error kinds that a module has, in constants and in tables, each with the name that it has there."""
    found: dict[ErrorKind, str] = {}
    for name, value in vars(module).items():
        for key, kind in (value if isinstance(value, dict) else {name: value}).items():
            if isinstance(kind, ErrorKind):
                found.setdefault(kind, key)
    return found


def _of_kinds(found: dict[ErrorKind, str]) -> Iterator[Row]:
    """Each message up to its advice, and the advice."""
    for kind, name in found.items():
        text = re.sub(r" AWS says: \{error\}\.$", "", kind.sentence)
        text = re.sub(r"(?<!\{)\{\w+\}(?!\})", "...", text).replace("{{", "{").replace("}}", "}")
        # Not at the dots that stand for a name in the middle of a sentence.
        message, _stop, advice = re.fullmatch(r"(.+?)(\. (?=[A-Z])|\.?$)(.*)", text).groups()
        if message == "...":
            # The SDK's own words.
            message = re.sub(r"\{\w+\}", "...", getattr(exceptions, name).fmt)
        hint = [hint for beginning, hint in HINTS.items() if message.startswith(beginning)]
        if advice:
            yield message, " ".join([advice, *hint])


def _errors() -> tuple[dict[ErrorKind, str], dict[ErrorKind, str], dict[ErrorKind, str]]:
    """The errors of AWS, of credentials and of the connection."""
    of_credentials = kinds(credential_errors)
    others = {kind: name for kind, name in kinds(aws_errors).items() if kind not in of_credentials}
    tables = (aws_errors._SDK_FAILURES, aws_errors._TOLD_BY)
    connection = {kind for table in tables for kind in table.values()} | {aws_errors._NOT_UNDERSTOOD}
    of_aws = {kind: name for kind, name in others.items() if kind not in connection}
    return of_aws, of_credentials, {kind: name for kind, name in others.items() if kind in connection}


def _broken_rules() -> Iterator[Row]:
    for rule in Rule:
        step = remediation.RETRY if rule in remediation._BROKEN_BY_FAILURES else remediation._STEPS[rule]
        yield f"and {rule.value} is", step[0].upper() + step[1:]


def _missing(in_filter: bool) -> Iterator[Row]:
    remedies = remediation._REMEDIES_OF_FILTER if in_filter else remediation._REMEDIES
    for key, remedy in {**remedies, **dict.fromkeys(_WITHOUT_REMEDY, remediation._NO_REMEDY)}.items():
        of_filter = key in _KINDS_OF_FILTER or remedy != remediation._REMEDIES.get(key, remedy)
        if of_filter is in_filter:
            advice = remedy.format(again="run the task again", named="", unaccounted="...")
            yield getattr(key, "value", key), advice


def tables() -> dict[str, tuple[str, list[Row]]]:
    """The title of each table's first column, and its rows, by the name of its mark in the guide."""
    of_aws, of_credentials, of_connection = _errors()
    return {
        "aws": ("Message", [*_of_kinds(of_aws)]),
        "credentials": ("Message", [*_of_kinds(of_credentials)]),
        "connection": ("Message", [*_of_kinds(of_connection)]),
        "failed": ("The message has", [*_broken_rules()]),
        "missing": ("``option`` or ``what``", [*_missing(in_filter=False)]),
        "filter": ("``option`` or ``what``", [*_missing(in_filter=True)]),
    }


def _table(title: str, rows: Iterable[Row]) -> Iterator[str]:
    """A table in which neighbours with the same advice are one row."""
    yield ".. list-table::\n   :header-rows: 1\n   :widths: 4 7\n"
    yield f"   * - {title}\n     - What to do"
    for advice, same in groupby(dict.fromkeys(rows), key=lambda row: row[1]):
        yield _fill(", ".join(f"``{message}``" for message, _advice in same), initial_indent="   * - ")
        yield _fill(_CODE.sub(r"``\g<0>``", advice), initial_indent="     - ")


def made(page: str) -> str:
    """The guide with its tables, each after its mark, as the code has them."""
    for name, (title, rows) in tables().items():
        before, mark, after = page.partition(f".. table of messages: {name}\n\n")
        if not mark:
            raise ValueError(f"the guide has no mark for the table {name}")
        after = re.sub(r"\A\.\. list-table::\n(?:(?: .*)?\n)*", "", after)
        page = f"{before}{mark}" + "\n".join(_table(title, rows)) + f"\n\n{after}"
    return page


def write() -> None:
    """Write the guide's tables."""
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
