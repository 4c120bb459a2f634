# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of messages: its tables are those of the code, and Ansible says what the page says of it."""

from __future__ import annotations

import re
from functools import cache

import pytest
import yaml
from integration.helpers.ansible_commands import Ansible
from tools import troubleshooting

pytestmark = pytest.mark.once

PAGE = troubleshooting.PAGE.read_text()
NAMESPACE = "stackgate.stacksets"
READ, GATE = f"{NAMESPACE}.operation_results_info", f"{NAMESPACE}.operation_gate"
NAME = {"stack_set_name": "org-baseline"}


@cache
def tables():
    return {name: rows for name, (_first, _second, rows) in troubleshooting.tables().items()}


def words_of(*names):
    return [words for name in names for words, _advice in tables()[name]]


def says(words, text):
    return re.search(".*".join(map(re.escape, words.split("..."))), text) is not None


def first_column(title):
    """The messages of each row of the table in this section."""
    section = re.split(rf"^{title}\n-+\n", PAGE, flags=re.MULTILINE)[1]
    section = re.split(r"^\S.*\n-{3,}\n", section, flags=re.MULTILINE)[0]
    cells = re.findall(r"^   \* - (``(?:.|\n       )+)\n     - ", section, re.MULTILINE)
    return [re.findall(r"``(.+?)``", " ".join(cell.split())) for cell in cells]


def test_the_tables_are_those_of_the_code():
    assert troubleshooting.made(PAGE) == PAGE, "run: make docs"


def test_a_message_that_changes_changes_the_page():
    stale = PAGE.replace("Access denied", "Access refused").replace("``max_failed is ...``", "``max_failed was ...``")
    assert stale != PAGE == troubleshooting.made(stale)


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no place for missing"):
        troubleshooting.made(PAGE.replace(".. messages: missing\n", ""))


@pytest.mark.parametrize(
    ("table", "words", "advice"),
    [
        (
            "aws",
            "Access denied: the credentials are not allowed to call cloudformation:... on ...",
            "Allow that action",
        ),
        ("credentials", "The config profile (...) could not be found", "Set profile to one that exists."),
        ("credentials", "The role ... could not be assumed", ""),
        ("connection", "No Region was found", "Set region, AWS_REGION, or a Region in the profile."),
        ("failed", "... FAILED, and max_failed is ...", "Fix the cause"),
        ("missing", "The operation has not ended: it is ...", "Raise wait_timeout"),
        ("missing", "The operation's action is ..., which this version does not know", "Check the operation in the"),
        ("missing", "The wait was interrupted by ...", "To resume, run the task again"),
        ("missing", "The task's timeout ended the wait", "Set the task's timeout above wait_timeout"),
        ("options", "max_unaccounted is ...", "Set a whole number, 0 or more (in a template: | int)."),
        ("options", "scope is ...", "Set one of operation, region, organizational_unit."),
        ("options", "starting_token is set for ... stack sets", "It belongs to one."),
        ("options", "... is ..., not a string: YAML reads ...", "Put it in quotes."),
        ("options", "created_before ... is not a time", "Set ISO 8601 with Z or an offset"),
        ("warnings", "Operation ... is ..., so the listings of ... are not one snapshot", "A result that changed"),
    ],
)
def test_a_message_is_told_from_its_advice(table, words, advice):
    assert [one for one in tables()[table] if one[0] == words and one[1].startswith(advice)] != []


def test_every_file_that_refuses_an_option_is_read():
    files = {source.name for _call, source, _function in troubleshooting.calls()["OptionError"]}
    shown = (*troubleshooting._OF_OPTIONS, *troubleshooting._OF_REPORTS, "_filters/rows")
    # The action plugin's own result of poll_only is for no user.
    assert {name for name in files if not name.endswith(shown)} <= {"module_utils/_modules/gate_result"}


@pytest.mark.parametrize(
    "kind", ["Missing", "ReadError", "StackSetsError", "AnsibleLookupError", "warn", "Interrupted"]
)
def test_every_sentence_of_the_code_is_in_a_table(kind):
    argument = 1 if kind == "Missing" else 0
    sentences = {text for _name, (text,) in troubleshooting.raised(kind, argument) if re.search("[a-z]{2}", text)}
    sentences.discard("... (AWS answered ....)")  # the end of those in the tables of AWS's errors
    shown = {re.sub(r"\W", "", words) for words in words_of(*tables())}
    lost = [text for text in sentences if not any(re.sub(r"\W", "", text).startswith(words) for words in shown)]
    assert sentences and lost == []


def test_every_hint_has_its_row():
    everything = words_of(*tables())
    assert [hint for hint in troubleshooting.HINTS if not any(one.startswith(hint) for one in everything)] == []


# What Ansible and amazon.aws say

# Nobody but Ansible of these versions says so.
OLDER = ("No setting was provided for required configuration",)
TASKS = [
    (GATE, {"operation_id": "op-1"}),
    (READ, {}),
    (READ, {**NAME, "starting_token": "token"}),
    (READ, {**NAME, "operation": "op-1"}),
    (GATE, {**NAME, "operation_id": "op-1", "scope": "account"}),
    (READ, {**NAME, "region": None}),
    ("ansible.builtin.debug", {"msg": f"{{{{ query('{NAMESPACE}.results', 'org-baseline') }}}}"}),
    ("ansible.builtin.debug", {"msg": f"{{{{ [] | {NAMESPACE}.gates }}}}"}),
    ("ansible.builtin.debug", {"msg": f"{{{{ query('{NAMESPACE}.operation_results', 'a', statuses=['failed']) }}}}"}),
]
REGION = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION", "EC2_REGION", "AWS_PROFILE"))


def tasks(*several):
    return [{module: arguments, "ignore_errors": True} for module, arguments in several]


def said_before(ansible, ansible_processes, tmp_path):
    """What Ansible says where the collection is not asked."""
    yield ansible.play(tasks(*TASKS), **REGION).output
    yield ansible.play(tasks((f"{NAMESPACE}.gate", {}))).output
    yield ansible.task({}, f"{NAMESPACE}.gate").output
    yield ansible.play(tasks(("ansible.builtin.ping", {})), "-l", "status_failed").output
    for name in ("operation_results.yml", "results.yml"):
        source = tmp_path / name
        source.write_text(yaml.safe_dump({"plugin": f"{NAMESPACE}.operation_results"}))
        ran = ansible.inventory(source)
        yield ran.stdout + ran.stderr
    # Without the SDK, then without the other collection.
    shim = tmp_path / "shim"
    shim.mkdir()
    (shim / "boto3.py").write_text("raise ImportError")
    lookup = {"msg": f"{{{{ query('{NAMESPACE}.operation_results', 'org-baseline') }}}}"}
    both = tasks((READ, NAME), ("ansible.builtin.debug", lookup))
    yield ansible_processes.play(both, PYTHONPATH=str(shim)).output
    alone = tmp_path / "alone" / "ansible_collections" / "stackgate"
    alone.mkdir(parents=True)
    (alone / "stacksets").symlink_to(troubleshooting.ROOT, target_is_directory=True)
    yield ansible_processes.play(both, ANSIBLE_COLLECTIONS_PATH=str(alone.parents[1])).output


def test_ansible_says_what_the_page_says_of_it(ansible, ansible_processes, tmp_path):
    assert isinstance(ansible, Ansible)
    said = " ".join(" ".join(said_before(ansible, ansible_processes, tmp_path)).split()).replace('\\"', '"')
    rows = first_column("Before this collection is asked")
    assert len(rows) > 10
    unsaid = [words for row in rows for words in row if words not in OLDER and not says(words, said)]
    assert unsaid == []
