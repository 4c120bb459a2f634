# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Entries of a gate's C(operations) that are text, C(stack_set_name=org-baseline max_failed=2), before Ansible reads
them: it drops backslashes, which makes another pattern of ignore_reasons, and of a key given twice the first value.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import shown

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_KEY = re.compile(r"(\w+)=")


def check_text_entries(operations: Any) -> None:
    """Raise OptionError for a text that Ansible would read as something else than it says."""
    for number, entry in enumerate(operations if isinstance(operations, list) else ()):
        # JSON text has escapes of its own, which Ansible keeps.
        if not isinstance(entry, str) or entry.strip().startswith("{"):
            continue
        keys = _KEY.findall(_QUOTED.sub("", entry))
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice:
            raise OptionError(
                f"operations[{number}]", f"has {twice} twice, {shown(entry)}", "Give one operation in an entry."
            )
        if "\\" in entry:
            raise OptionError(
                f"operations[{number}]",
                f"is a text with a backslash, {shown(entry)}, which Ansible drops",
                "Give the entry as a dict, or as JSON.",
            )
