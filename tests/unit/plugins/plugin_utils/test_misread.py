# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible would misread of a gate's arguments is refused, with its place."""

from __future__ import annotations

from datetime import date

import pytest

pytest.importorskip("ansible.plugins.action")

from ansible_collections.stackgate.stacksets.plugins.action.operation_gate import TEXTS
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import WITHOUT_QUOTES
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._misread import check_misread


@pytest.mark.parametrize(
    "entry",
    [
        "stack_set_name=org-a operation_id=op",
        "stack_set_name=org-a operation_id=op ignore_reasons='max_failed=2, max_failed=3'",
        'stack_set_name=org-a, operation_id="op", max_failed=2',
        r'{"stack_set_name": "org-a", "operation_id": "op", "ignore_reasons": "1\\.2"}',
        r' {"ignore_reasons": "a=1 a=2 \\."}',
        {"stack_set_name": "org-a", "ignore_reasons": r"1\.2 a=1 a=1"},
        {"stack_set_name": "no", "operation_id": "0123", "max_failed": 83},
        {"stack_set_name": None},
        "stack_set_name=no operation_id=0123",
        5,
    ],
)
def test_what_says_what_ansible_reads_is_taken(entry):
    check_misread({"operations": [entry, entry]})


@pytest.mark.parametrize("operations", [None, "stack_set_name=a a=1 a=2", {"a": 1}, 5])
def test_what_is_no_list_is_the_modules_to_refuse(operations):
    check_misread({"operations": operations})


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            r"stack_set_name=org-a ignore_reasons=1\.2",
            "operations[1] is a string with a backslash, 'stack_set_name=org-a ",
        ),
        (r"stack_set_name=org-a ignore_reasons='1\.2'", "operations[1] is a string with a backslash"),
        ("stack_set_name=org-a stack_set_name=org-b", "operations[1] has stack_set_name twice, 'stack_set_name=org-a"),
        ("max_failed=1 ignore_reasons='x y' max_failed=100", "operations[1] has max_failed twice"),
        ("max_failed=1,max_failed=100", "operations[1] has max_failed twice"),
        (
            {"stack_set_name": False},
            "operations[1].stack_set_name is False, not a string: YAML reads no as that. Put it in quotes. If quotes do"
            " not help, as in AWX, use the stack set's unique ID (name:uuid) or its ARN.",
        ),
        (
            {"stack_set_name": "org-a", "operation_id": 83},
            "operations[1].operation_id is 83, not a string: YAML reads 0123 as that. Put it in quotes. If quotes do"
            " not help, as in AWX, write the operation as a string in operations: stack_set_name=NAME operation_id=ID.",
        ),
    ],
)
def test_what_ansible_would_misread_is_refused(entry, said):
    with pytest.raises(OptionError) as caught:
        check_misread({"operations": [{"stack_set_name": "org-a"}, entry]})
    assert caught.value.message.startswith(said)


@pytest.mark.parametrize("option", TEXTS)
@pytest.mark.parametrize("value", [False, 83, 1.2, date(2026, 11, 2)])
def test_what_yaml_read_in_a_text_is_refused(option, value):
    with pytest.raises(OptionError, match=f"^{option} is {value}, not a string: YAML reads ") as caught:
        check_misread({"stack_set_name": "org-a", "operation_id": "op", option: value})
    assert "leave the option out" not in caught.value.message, "a gate needs its operation"


def test_the_action_plugin_looks_for_these_options_and_no_others():
    assert set(TEXTS) == set(WITHOUT_QUOTES)


def test_what_is_no_such_text_goes_on():
    check_misread({"stack_set_name": "no", "operation_id": "0123", "region": None, "profile": ["x"], "wait": False})
