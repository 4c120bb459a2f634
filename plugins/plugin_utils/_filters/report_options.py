# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The options of the role stackgate.stacksets.report, checked before anything is read.

The role's argument_specs can't do it. A survey leaves an empty text, which is no number and no dict, and counts as not
given here. And Ansible checks there only whether it could convert a value: the role gets the value as it was given.

The module takes the options of the reading as they are, so they are checked here, and not returned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible.module_utils.parsing.convert_bool import boolean

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import first_of, shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import (
    WITHOUT_QUOTES,
    check_call_as,
    check_text,
    check_texts,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.report import (
    account_names,
    stack_set_of,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._filters.rows import operation_of, row_filter
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._render.markdown import LEAST_LENGTH, MAX_LENGTH
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._vaulted import unquoted

_PREFIX = "report_"
_ENDINGS = {"html": "html", "markdown": "md", "junit": "junit.xml", "csv": "csv"}
# What an option is where it is not given. The others are left out then.
_DEFAULTS = {
    "formats": list(_ENDINGS),
    "dest": "",
    "name": "report",
    "mode": "0640",
    "max_length": MAX_LENGTH,
    "csv_bom": False,
}
_WITHOUT_QUOTES = {
    **WITHOUT_QUOTES,
    **dict.fromkeys(("dest", "name"), "use one that contains a letter"),
}
_NOT_CHECKED = object()
_PERMISSIONS = r"(?:a|[ugo]*)(?:[-+=][rwxXstugo]*)+"
_MODE = re.compile(rf"[0-7]{{1,5}}|{_PERMISSIONS}(?:,{_PERMISSIONS})*|preserve")


def report_options(options: Any, result: Any = _NOT_CHECKED) -> dict[str, Any]:
    """What the role's tasks take, out of its ``options`` by their names. With a ``result``, which is ``report_result``,
    the options are checked against that, too: whether it is given, and not what is in it.

    ``reads`` says whether the operation is to be read. ``about`` has the arguments of the filters that write a report,
    ``files`` the name of each format's file. Raises StackSetsError, with all that is wrong.
    """
    if not isinstance(options, Mapping):
        raise OptionError("The input", f"is {shown(options)}, not a dict", "Pass the role's options by name.")
    names = [_PREFIX + name for name in _CHECKS]
    unknown = sorted(str(name) for name in options if name not in names)
    if unknown:
        raise StackSetsError(f"No such option: {first_of(unknown, 3, 60)}. The options are {', '.join(names)}.")
    given = {name.removeprefix(_PREFIX): options[name] for name in options if _is_given(options[name])}
    against = () if result is _NOT_CHECKED else _contradictions(given, _is_given(result))
    problems = [error.message for error in against]
    found = {}
    for name, value in {**_DEFAULTS, **given}.items():
        try:
            found[name] = _CHECKS[name](value, name)
        except OptionError as error:
            problems.append(_PREFIX + unquoted(error, value).message)
    if problems:
        raise StackSetsError(" ".join(problems))
    reads = "stack_set_name" in found
    about = {name: found[name] for name in ("operation", "region", "call_as", "account_names") if name in found}
    if reads:
        # For a stack set that has no operation to name it.
        about["stack_set_name"] = stack_set_of(found["stack_set_name"])
    return {
        "reads": reads,
        "about": about,
        "files": {form: f"{found['name']}.{ending}" for form, ending in _ENDINGS.items() if form in found["formats"]},
        **{name: found[name] for name in ("dest", "mode", "directory_mode", "max_length", "csv_bom") if name in found},
    }


_report_options = row_filter(report_options, further_rows="result")


def options_or_error(options: Any, result: Any = _NOT_CHECKED) -> dict[str, Any]:
    """What the filter returns: the options and an empty ``error``, or an ``error`` alone, for a task to show.

    Ansible would print the error of a filter three times, each with where it was called.
    """
    try:
        return {"error": "", **_report_options(options, result)}
    except AnsibleFilterError as error:
        return {"error": str(error).partition("report_options: ")[2]}


def _is_given(value: Any) -> bool:
    return value is not None and value != ""


def _contradictions(given: Mapping[str, Any], result: bool) -> Iterator[OptionError]:
    reads = "stack_set_name" in given
    sources = "report_result and report_stack_set_name"
    if reads and result:
        yield OptionError(sources, "are both set", "Set only one of them.")
    if not reads and not result:
        yield OptionError(
            sources,
            "are both missing",
            "Set report_result to a result of stackgate.stacksets.operation_results_info or to rows, or"
            " report_stack_set_name to the stack set to read.",
        )
    if reads and "operation" in given:
        yield OptionError(
            "report_operation",
            "is set together with report_stack_set_name",
            "Omit it. To select the operation to read, set report_operation_id.",
        )
    if not reads and "operation_id" in given:
        yield OptionError(
            "report_operation_id",
            "is set without report_stack_set_name",
            "Omit it, or set report_stack_set_name instead of report_result.",
        )


def _as_given(value: Any, _option: str) -> Any:
    """What the module checks, which takes it in other forms too, before it calls AWS."""
    return value


def _text(value: Any, option: str) -> str:
    check_texts({option: value}, _WITHOUT_QUOTES)
    check_text(value, option, "Put it in quotes.")
    if not isinstance(value, str):
        raise OptionError(option, f"is {shown(value)}, not a string", "Set a string.")
    return value


def _call_as(value: Any, option: str) -> str:
    return check_call_as(_text(value, option), option)


def _account_names(value: Any, _option: str) -> dict[str, str]:
    return account_names(value)


def _formats(value: Any, option: str) -> list[str]:
    remedy = f"Set one or more of {', '.join(_ENDINGS)}."
    # A list as JSON is taken for its words.
    wanted = re.findall(r"""[^,\s\[\]"']+""", value) if isinstance(value, str) else value
    if not isinstance(wanted, Sequence):
        raise OptionError(option, f"is {shown(value)}, not a list", remedy)
    unknown = [str(form) for form in wanted if not isinstance(form, str) or form not in _ENDINGS]
    if unknown or not wanted:
        raise OptionError(option, f"has {first_of(unknown, 3, 40) or 'nothing'}", remedy)
    return list(wanted)


def _directory(value: Any, option: str) -> str:
    path = _text(value, option)
    if not path.strip():
        raise OptionError(option, "is missing", "Set the directory for the reports.")
    return path


def _file_name(value: Any, option: str) -> str:
    name = _text(value, option)
    if not name.strip() or any(char == "/" or char < " " for char in name):
        raise OptionError(
            option,
            f"is {shown(value)}",
            "Set a file name without directory and extension, such as org-baseline.",
        )
    return name


def _mode(value: Any, option: str) -> str:
    remedy = 'Set permissions in quotes, such as "0640". If quotes do not help, as in AWX, use u=rw,g=r.'
    # Of a number nobody can tell which permissions were meant: 416 are those of 0640, and 640 are no others than 01200.
    check_text(value, option, remedy)
    if not isinstance(value, str) or not _MODE.fullmatch(value):
        raise OptionError(option, f"is {shown(value)}", remedy)
    return value


def _true_or_false(value: Any, option: str) -> bool:
    # A variable of the command line is a string.
    try:
        return boolean(value)
    except TypeError:
        raise OptionError(option, f"is {shown(value)}", "Set true or false.") from None


def _max_length(value: Any, option: str) -> int:
    # A variable of the command line is a string.
    if not re.fullmatch("[0-9]{1,9}", str(value)) or int(value) < LEAST_LENGTH:
        raise OptionError(option, f"is {shown(value)}", f"Set a whole number, {LEAST_LENGTH} or more.")
    return int(value)


_CHECKS: dict[str, Callable[[Any, str], Any]] = {
    "operation": operation_of,
    "stack_set_name": _text,
    "operation_id": _text,
    "call_as": _call_as,
    "reading_timeout": _as_given,
    "account_names": _account_names,
    "formats": _formats,
    "dest": _directory,
    "name": _file_name,
    "mode": _mode,
    "directory_mode": _mode,
    "max_length": _max_length,
    "csv_bom": _true_or_false,
    "region": _text,
    "profile": _text,
    "endpoint_url": _text,
    "aws_ca_bundle": _text,
    "validate_certs": _as_given,
    "aws_config": _as_given,
}
