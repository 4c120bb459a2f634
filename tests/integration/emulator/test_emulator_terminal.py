# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator for a person at a terminal: what it prints, copied as it is, and the README's lines."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError
from emulator.client import variables
from emulator.demo import ROLLOUT
from emulator.instructions import STOP, exports
from integration.helpers.emulator_calls import TESTS, answers, client_of, described, results

pytestmark = pytest.mark.emulator_process
NAME = "it's a ünit dir"


@contextlib.contextmanager
def foreground(*words, **environment):
    """What ``python -m emulator --foreground`` prints. It runs until the block ends, and ends with Ctrl-C."""
    command = [sys.executable, "-m", "emulator", "--foreground", *words]
    with subprocess.Popen(
        command,
        cwd=TESTS,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        said = []
        try:
            for line in process.stdout:
                said.append(line)
                if line.startswith(STOP):
                    break
            yield "".join(said)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(120) == 0


def pasted(lines, directory, **before):
    """The environment of a shell in this directory after these lines."""
    environment = {"PATH": os.environ["PATH"], **before}
    shell = subprocess.run(["sh", "-ec", f"{lines}\nenv -0"], cwd=directory, env=environment, stdout=-1, check=True)
    return dict(pair.split("=", 1) for pair in shell.stdout.decode().split("\0") if pair)


def test_the_lines_that_are_printed_send_the_commands_that_are_printed_to_the_demos_stack_sets(
    ansible, servers, tmp_path
):
    tree = ansible.environment["ANSIBLE_COLLECTIONS_PATH"]
    with foreground("--demo", ANSIBLE_COLLECTIONS_PATH=tree) as words:
        block = re.search(r"\n\n((?:export .*\n)+unset .*\n)\n", words)[1]
        environment = pasted(block, tmp_path)
        mine = {name: value for name, value in ansible.environment.items() if not name.startswith("AWS_")}

        def run(line):
            command, *arguments = shlex.split(line)
            found = shutil.which(command, path=environment["PATH"])
            return servers.run({"command": [found, *arguments]}, {**mine, **environment}, tmp_path, timeout=300)

        asked, gated = re.search(r"\n\n(ansible .*) \| grep .*\n(ansible-playbook .*\\\n.*)\n\n", words).groups()
        read = run(asked)
        assert json.loads(read.stdout.removeprefix("localhost | SUCCESS => "))["summary"]["total"] == 3

        # So that the gate need not wait for the end.
        keys = {name: environment[f"AWS_{name.upper()}"] for name in ("access_key_id", "secret_access_key")}
        aws = client_of(
            SimpleNamespace(endpoint_url=environment["AWS_ENDPOINT_URL"], region=environment["AWS_REGION"], facts=keys)
        )
        rollout = {"StackSetName": "org-rollout", "OperationId": ROLLOUT["operation_id"]}
        assert [described(aws, **rollout)["Status"] for _call in range(4)] == ["QUEUED", *["RUNNING"] * 2, "SUCCEEDED"]
        gate = run(gated.replace("\\\n", ""))
        assert (gate.returncode, "Gate failed: 3 FAILED" in gate.stdout) == (2, True), gate.stdout + gate.stderr


def test_the_lines_hold_in_any_directory_and_against_what_a_terminal_has_of_aws(server, tmp_path):
    programs = tmp_path / NAME / "bin"
    programs.mkdir(parents=True)
    (programs / "ansible-playbook").touch(0o755)
    tree = str(tmp_path / NAME / "collections")
    before = {
        "AWS_PROFILE": "real",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ACCESS_KEY_ID": "real",
        "no_proxy": "example.com",
    }
    environment = pasted(exports(server.facts, programs, tree), programs.parent, **before)
    assert environment["PATH"] == f"{programs}{os.pathsep}{os.environ['PATH']}"
    assert environment["ANSIBLE_COLLECTIONS_PATH"] == tree
    assert variables(server.facts).items() <= environment.items()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN"} & set(environment)


def test_what_is_not_known_is_not_printed(server, tmp_path):
    environment = pasted(exports(server.facts, tmp_path, None), tmp_path)
    assert environment["PATH"] == os.environ["PATH"]
    assert "ANSIBLE_COLLECTIONS_PATH" not in environment


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine")
def test_the_lines_of_the_readme_script_a_stack_set_and_a_fault_and_read_the_log(emulator, aws):
    block = (TESTS / "emulator" / "README.md").read_text().partition("```shell\n")[2].partition("```")[0]
    put, post, get = re.split(r"\n(?=curl )", block.rstrip())

    def curl(line):
        environment = {**os.environ, **emulator.env()}
        ran = subprocess.run(["sh", "-ec", line], env=environment, stdout=-1, stderr=-1, check=True)
        return json.loads(ran.stdout)

    assert curl(put)["stack_set_id"].startswith("baseline:")
    assert curl(post) == {}
    token = results(aws)["NextToken"]
    with pytest.raises(ClientError, match="Throttling"):
        results(aws, NextToken=token)
    assert curl(get) == emulator.log()
    assert answers(emulator) == ["rows 100", "error Throttling"]
