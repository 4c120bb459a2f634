# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo, with commands that are forked, and against a service that it did not start."""

from __future__ import annotations

import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from emulator.client import operation

CHECKOUT = Path(__file__).resolve().parents[3]
NAME = "it's a ünit dir"


def loaded(path):
    spec = importlib.util.spec_from_file_location("demo", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def demo(ansible, servers, collections, tmp_path, monkeypatch, capsys):
    """Run the demo with the playbooks that are in the archive; its exit code and what it printed."""
    place = tmp_path / NAME / "examples" / "demo"
    shutil.copytree(collections / "ansible_collections/stackgate/stacksets/examples/demo", place)
    shutil.copy2(CHECKOUT / "examples/demo/run.py", place)
    module = loaded(place / "run.py")

    def forked(command, *, env, cwd, check):
        if command[0] == "bash":
            ran = subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=300, check=check)
        else:
            words = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
            ran = servers.run({"command": words}, env, cwd, timeout=300)
        print(ran.stdout + ran.stderr)
        return ran

    def run(**environment):
        monkeypatch.setattr(module, "subprocess", SimpleNamespace(run=forked))
        merged = {**ansible.environment, "COLUMNS": "160", **environment}
        for name in set(os.environ) - set(merged):
            monkeypatch.delenv(name)
        for name, value in merged.items():
            monkeypatch.setenv(name, value)
        return module.main(), capsys.readouterr().out

    return run


@pytest.mark.once
def test_the_demo_shows_hidden_failures_a_task_that_is_held_back_and_a_report(demo, tmp_path):
    code, output = demo()
    assert code == 0, output
    commands = [shlex.split(line[1:]) for line in output.splitlines() if line.startswith("$ ")]
    assert [command[0] for command in commands] == ["ansible-playbook"] * 3 + ["ansible", "ansible-playbook"]
    asked = output.partition("4. As an ad-hoc command")[2].partition("5. A report")[0].splitlines()
    asked = [line for line in asked[1:] if line.strip("= ")]
    place = tmp_path / NAME / ".cache" / "report"
    assert json.loads(commands[-1][-1])["report_dest"] == str(place)
    output = " ".join(output.split())
    assert "AWS reports operation 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e as SUCCEEDED." in output
    assert "117 succeeded, 3 failed, 0 were cancelled." in output
    assert "Held back: 3 of 120 results did not succeed, in 3 accounts." in output
    assert "Held back: 352 of 4500 results did not succeed" in output
    assert output.count("Check that module and lookup agree") == 2
    assert output.partition("5. A report")[0].count("skipping: [localhost]") == 2
    assert "Rolling out to production" not in output.replace("msg: Rolling out to production. when:", "")
    assert (len(asked), asked[1].partition(":")[0]) == (2, '    "msg"')
    assert "stack set org-baseline is SUCCEEDED: 3 results in 3 accounts and 2 Regions, 3 FAILED" in asked[1]
    assert "[localhost] org-rollout 7be1a0d4…: RUNNING, 3 failed" in output
    assert "Gate failed: 2 FAILED in us-east-1, and max_failed is 1." in output
    assert f"The report is {place / 'report.html'}: open it in a browser." in output
    assert {path.name for path in place.iterdir()} == {"report.html", "report.md", "report.junit.xml", "report.csv"}
    assert "<h1>12 of 4,500 results failed, 340 were cancelled</h1>" in (place / "report.html").read_text()


@pytest.mark.once
def test_a_command_that_fails_in_front_of_a_pipe_is_not_hidden():
    module = loaded(CHECKOUT / "examples/demo/run.py")
    assert module.pipeline(os.environ, "(echo found; exit 3) | grep found") == 3


@pytest.mark.once
@pytest.mark.parametrize(
    ("failed", "code", "words"), [(0, 0, "playbook succeeded"), (2, 2, "Held back: 2 of 10 results")]
)
def test_with_a_name_in_the_environment_the_same_playbook_reads_the_real_service(demo, emulator, failed, code, words):
    generate = {"accounts": 5, "regions": 2, "failed": failed}
    emulator.stack_set("org-own", [operation(generate=generate)], call_as="DELEGATED_ADMIN")
    ended, output = demo(STACK_SET_NAME="org-own", CALL_AS="DELEGATED_ADMIN")
    assert (ended, words in " ".join(output.split())) == (code, True), output
    assert {call["call_as"] for call in emulator.log()} == {"DELEGATED_ADMIN"}
