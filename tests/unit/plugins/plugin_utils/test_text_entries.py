# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Entries that are text: what Ansible would misread is refused, with its place."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._text_entries import check_text_entries


@pytest.mark.parametrize(
    "entry",
    [
        "stack_set_name=org-a operation_id=op",
        "stack_set_name=org-a operation_id=op ignore_reasons='max_failed=2, max_failed=3'",
        'stack_set_name=org-a, operation_id="op", max_failed=2',
        r'{"stack_set_name": "org-a", "operation_id": "op", "ignore_reasons": "1\\.2"}',
        r' {"ignore_reasons": "a=1 a=2 \\."}',
        {"stack_set_name": "org-a", "ignore_reasons": r"1\.2 a=1 a=1"},
        5,
    ],
)
def test_what_says_what_ansible_reads_is_taken(entry):
    check_text_entries([entry, entry])


@pytest.mark.parametrize("operations", [None, "stack_set_name=a a=1 a=2", {"a": 1}, 5])
def test_what_is_no_list_is_the_modules_to_refuse(operations):
    check_text_entries(operations)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            r"stack_set_name=org-a ignore_reasons=1\.2",
            "operations[1] is a text with a backslash, 'stack_set_name=org-a ",
        ),
        (r"stack_set_name=org-a ignore_reasons='1\.2'", "operations[1] is a text with a backslash"),
        ("stack_set_name=org-a stack_set_name=org-b", "operations[1] has stack_set_name twice, 'stack_set_name=org-a"),
        ("max_failed=1 ignore_reasons='x y' max_failed=100", "operations[1] has max_failed twice"),
        ("max_failed=1,max_failed=100", "operations[1] has max_failed twice"),
    ],
)
def test_what_ansible_would_misread_is_refused(entry, said):
    with pytest.raises(OptionError) as caught:
        check_text_entries([{"stack_set_name": "org-a"}, entry])
    assert caught.value.message.startswith(said)
