# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that write reports, in playbooks: one text over whatever gives rows, and text of strangers stays text."""

from __future__ import annotations

import json

import pytest
from emulator.client import operation

NAME = "stackgate.stacksets"
FORMATS = ("to_html", "to_markdown", "to_junit", "to_csv")


READ = {"name": "Read", f"{NAME}.operation_results_info": {"stack_set_name": "org-baseline"}, "register": "read"}


def test_one_text_over_the_module_the_lookup_and_a_file(ansible, emulator, tmp_path):
    generate = {"accounts": 10, "regions": 2, "failed": 3, "cancelled": 1, "reasons": ["Denied {account}"]}
    emulator.stack_set("org-baseline", [operation("op-1", generate=generate)])
    (tmp_path / "result.json").write_text(json.dumps(ansible.module({"stack_set_name": "org-baseline"}).result))
    sources = {
        "module": ("read", "stack_set_name='org-baseline'"),
        "lookup": (f"query('{NAME}.operation_results', 'org-baseline')", "operation=read.operation"),
        "file": (
            "(lookup('ansible.builtin.file', playbook_dir ~ '/result.json') | from_json)",
            "stack_set_name='org-baseline'",
        ),
    }
    keeps = [
        {"name": "Write", "keep": f"{rows} | {NAME}.{name}({arguments})", "as": f"{name}-{source}"}
        for name in FORMATS
        for source, (rows, arguments) in sources.items()
    ]
    play = ansible.play([READ, *keeps])
    assert play.code == 0, play.output
    for name in FORMATS:
        # Of the lookup's rows nobody knows whether they are all.
        texts = [play.kept[f"{name}-{source}"].replace(",true\r\n", ",\r\n") for source in sources]
        assert texts == [texts[0]] * 3, name
        assert "Denied " in texts[0], name


HOSTILE = "{{ lookup('ansible.builtin.pipe', 'id') }} {% set x = 1 %} {{ 1/0 }} {# gone #}"


def test_text_of_strangers_stays_text_through_facts_and_variables(ansible, emulator, tmp_path):
    row = {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": HOSTILE}
    emulator.stack_set("org-baseline", [operation("op-1", rows=[row], failed_stack_instances_count=1)])
    tasks = [
        task
        for name in FORMATS
        for task in (
            {"name": "Keep as a fact", "ansible.builtin.set_fact": {"written": f"{{{{ read | {NAME}.{name} }}}}"}},
            {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ written }}}} {{{{ variable_{name} }}}}"}},
            {
                "name": "Write",
                "ansible.builtin.copy": {"content": "{{ written }}", "dest": str(tmp_path / name), "mode": "0600"},
            },
        )
    ]
    variables = {f"variable_{name}": f"{{{{ read | {NAME}.{name} }}}}" for name in FORMATS}
    play = ansible.play([READ, *tasks], play={"vars": variables})
    assert play.code == 0, play.output
    assert "uid=" not in play.output
    for name in FORMATS:
        text = (tmp_path / name).read_text()
        assert "{% set x = 1 %}" in text, name
        assert "{# gone #}" in text, name
        assert "{{ 1/0 }}" in text, name


@pytest.mark.once
def test_what_is_no_report_is_refused_in_words(ansible, emulator):
    task = ansible.play(
        [
            {"name": "Refuse", "ansible.builtin.debug": {"msg": f"{{{{ [] | {NAME}.to_markdown(max_length=9) }}}}"}},
        ]
    )
    assert task.code == 2
    words = " ".join(task.output.split())
    assert "stackgate.stacksets.to_markdown: max_length is 9. Set a whole number, 2000 or more." in words
    assert "Traceback" not in task.output
