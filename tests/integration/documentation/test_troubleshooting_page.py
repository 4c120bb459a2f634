# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of messages: its tables are those of the code, and Ansible says what the page says of it."""

from __future__ import annotations

import re

import pytest
import yaml
from integration.helpers.ansible_commands import Ansible
from tools import troubleshooting

pytestmark = pytest.mark.once

PAGE = troubleshooting.PAGE.read_text()
NAMESPACE = "stackgate.stacksets"
READ, GATE = f"{NAMESPACE}.operation_results_info", f"{NAMESPACE}.operation_gate"
NAME = {"stack_set_name": "org-baseline"}


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


def test_a_row_that_is_stale_is_made_again():
    stale = PAGE.replace("``Access denied:", "``Access refused:").replace("``and max_failed is``", "``max_failed was``")
    assert stale != PAGE == troubleshooting.made(stale)


def test_a_page_without_a_place_for_a_table_is_refused():
    with pytest.raises(ValueError, match="no mark for the table missing"):
        troubleshooting.made(PAGE.replace(".. table of messages: missing\n", ""))


@pytest.mark.parametrize(
    ("table", "message", "advice"),
    [
        ("aws", "Operation ... was not found in stack set ... in ...", "Check the stack set, the Region and the ID."),
        ("credentials", "The config profile (...) could not be found", "Set profile to one that exists."),
        ("connection", "No Region was found", "Set region, AWS_REGION, or a Region in the profile."),
        ("failed", "and max_failed is", "Fix the cause"),
        ("missing", "settle_timeout", "Set wait=true and raise settle_timeout"),
        ("missing", "action", "Check the operation in the console"),
        ("filter", "rows", "Read all rows"),
    ],
)
def test_a_message_is_told_from_its_advice(table, message, advice):
    _title, rows = troubleshooting.tables()[table]
    assert [row for row in rows if row[0] == message and row[1].startswith(advice)] != []


def test_every_error_that_gives_advice_is_in_one_table_and_no_hint_is_left_over():
    rows = [row for table in ("aws", "credentials", "connection") for row in troubleshooting.tables()[table][1]]
    modules = (troubleshooting.aws_errors, troubleshooting.credential_errors)
    kinds = {kind.sentence for module in modules for kind in troubleshooting.kinds(module)}
    assert len(kinds) > 40
    for kind in kinds:
        beginning = kind.partition("{")[0].rstrip("(")
        advised = re.search(r"\. (?=[A-Z])", kind.removesuffix(" AWS says: {error}."))
        if beginning and advised:
            assert any(message.startswith(beginning.partition(". ")[0]) for message, _advice in rows), kind
    for hint in troubleshooting.HINTS:
        assert any(message.startswith(hint) for message, _advice in rows), hint


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
