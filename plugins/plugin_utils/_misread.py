# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What Ansible would misread of the gate's arguments on their way to the module.

It makes texts of numbers, of true and false, and of dates: of an operation's id 0123, which YAML reads as 83, the id
C(83). Of entries of C(operations) that are text, C(stack_set_name=org-baseline max_failed=2), it drops backslashes,
which makes another pattern of ignore_reasons, and of a key given twice it takes the first value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import shown
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import WITHOUT_QUOTES, check_texts

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_KEY = re.compile(r"(\w+)=")

# Text within an entry that is text stays text.
_WAYS = {
    **WITHOUT_QUOTES,
    "operation_id": "write the operation as a string in operations: stack_set_name=NAME operation_id=ID",
}


def check_misread(arguments: Mapping[str, Any]) -> None:
    """Raise OptionError for an argument that Ansible would read as something else than it says."""
    check_texts(arguments, _WAYS)
    operations = arguments.get("operations")
    for number, entry in enumerate(operations if isinstance(operations, list) else ()):
        place = f"operations[{number}]"
        if isinstance(entry, Mapping):
            try:
                check_texts(entry, _WAYS)
            except OptionError as error:
                raise error.within(place) from error
        elif isinstance(entry, str):
            _check_text_entry(entry, place)


def _check_text_entry(entry: str, place: str) -> None:
    # JSON text has escapes of its own, which Ansible keeps.
    if entry.strip().startswith("{"):
        return
    keys = _KEY.findall(_QUOTED.sub("", entry))
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise OptionError(place, f"has {twice} twice, {shown(entry)}", "Set one operation in each entry.")
    if "\\" in entry:
        raise OptionError(
            place,
            f"is a string with a backslash, {shown(entry)}, which Ansible drops",
            "Write the entry as a dict or as JSON.",
        )
