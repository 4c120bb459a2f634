# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No credential anywhere, at any verbosity: on the screen, in logs, in what callbacks and ansible-runner write."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from emulator.client import operation

pytestmark = pytest.mark.once

MODULE = "stackgate.stacksets.operation_results_info"
OPERATIONS = "stackgate.stacksets.operations_info"
GATE = "stackgate.stacksets.operation_gate"
LOOKUP = "stackgate.stacksets.operation_results"
SESSION_TOKEN = "IQoJb3JpZ2luX2VjE" + "Abc123/+" * 40 + "=="
READ = {"stack_set_name": "org-baseline", "operation_id": "op-1"}
# What a header or a canonical string is told by, whatever its values.
TELLTALES = ("AWS4-HMAC-SHA256", "Signature=", "Credential=")


@pytest.fixture
def secrets(emulator):
    generate = {"accounts": 101, "regions": 1, "failed": 80}
    for name in ("org-baseline", "org-logging", "org-network"):
        emulator.stack_set(name, [operation("op-1", generate=generate)])
    # Messages are cut, so the shorter one comes first.
    quoted = (
        "in Authorization header: 'AWS4-HMAC-SHA256"
        f" Credential={emulator.facts['access_key_id']}/20261125/eu-west-1, Signature=0a1b2c3d4e'. The Canonical String"
        f" for this request should have been 'POST\n/\n\nhost:x\nx-amz-security-token:{SESSION_TOKEN}\n\nhost'"
    )
    for name, code in (("org-logging", "SignatureDoesNotMatch"), ("org-network", "ExpiredToken")):
        emulator.fault(stack_set_name=name, error=code, message=quoted, times=None, when={"page": 2})
    return {
        "access_key": emulator.facts["access_key_id"],
        "secret_key": emulator.facts["secret_access_key"],
        "session_token": SESSION_TOKEN,
    }


def calls(given):
    """Every module, well and failing, by a name; ``given``: the options of a connection."""
    read = {**READ, **given}
    return {
        "Read": (MODULE, {**read, "debug_botocore_endpoint_logs": True}),
        "Gate": (GATE, {**read, "show_progress": True}),
        "Break": (MODULE, {**read, "stack_set_name": "org-logging"}),
        "List": (OPERATIONS, {"stack_set_name": "org-baseline", **given}),
        "Expire": (MODULE, {**read, "stack_set_name": "org-network"}),
        "Gate what breaks": (GATE, {**read, "stack_set_name": "org-logging", "wait_timeout": 1}),
        "Refuse": (MODULE, {**read, "max_items": 0}),
        "Refuse a setting": (MODULE, {**read, "aws_config": {"none": 1}}),
    }


FEW = ("Read", "Gate", "Break")


def tasks(given, names):
    """Tasks of these calls, and of the lookup, well and failing."""
    words = ", ".join(f"{name}={name}" for name in given)
    return [
        *({"name": name, calls(given)[name][0]: calls(given)[name][1], "ignore_errors": True} for name in names),
        *(
            {
                "name": f"Look up in {name}",
                "ansible.builtin.set_fact": {"found": f"{{{{ query('{LOOKUP}', '{name}'{words and ', ' + words}) }}}}"},
                "ignore_errors": True,
            }
            for name in ("org-baseline", "org-logging", "nowhere")
        ),
    ]


def leaks(secrets, places):
    """Where the beginning of a secret, or what it is told by, stands: (what, where)."""
    words = {what: secret[:16] for what, secret in secrets.items()} | {word: word for word in TELLTALES}
    return [(what, str(place)) for place, content in places for what, word in words.items() if word in content]


def files(*folders):
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                yield path, path.read_text(errors="replace")


def profile(secrets, folder):
    """A profile of the AWS CLI's, and the variables that name it."""
    names = {"access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key"}
    lines = [f"{names.get(name, 'aws_session_token')} = {value}" for name, value in secrets.items()]
    (folder / "credentials").write_text("\n".join(["[reader]", *lines]))
    return {"AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"), "AWS_PROFILE": "reader"}


def connection(given_by, secrets, folder):
    """The environment of a command whose credentials are given this way."""
    if given_by == "environment":
        return {"AWS_SESSION_TOKEN": SESSION_TOKEN}
    nothing = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_SESSION_TOKEN": None}
    return nothing | (profile(secrets, folder) if given_by == "profile" else {})


@pytest.mark.parametrize("given_by", ["environment", "options", "profile"])
def test_nothing_that_a_module_or_a_lookup_answers_has_a_credential(ansible, secrets, tmp_path, given_by):
    ansible.environment |= connection(given_by, secrets, tmp_path)
    given = secrets if given_by == "options" else {}
    answers = {}
    for name, (module, arguments) in calls(given).items():
        answers[name] = ansible.module({**arguments, "_ansible_verbosity": 4}, module)
    for name in ("org-baseline", "org-logging", "org-network", "nowhere"):
        answers[name] = ansible.lookup(name, **given)
    failed = {name for name, answer in answers.items() if answer.status == "FAILED!"}
    assert failed == {*answers} - {"Read", "List", "org-baseline"}
    assert leaks(secrets, [(name, answer.output) for name, answer in answers.items()]) == []


@pytest.mark.parametrize(
    ("given_by", "callback"),
    [("environment", "default json"), ("options", "default yaml, junit and tree"), ("profile", "minimal")],
)
def test_nothing_that_ansible_prints_or_writes_has_a_credential(ansible, secrets, tmp_path, given_by, callback):
    written = tmp_path / "written"
    written.mkdir()
    environment = {
        **connection(given_by, secrets, tmp_path),
        "ANSIBLE_LOG_PATH": str(written / "ansible.log"),
        "ANSIBLE_INJECT_INVOCATION": "true",  # a task's arguments are in its result, as in older ansible-core
    }
    options, variables, names = {}, (), FEW
    if given_by == "options":
        options = {name: f"{{{{ {name} }}}}" for name in secrets}
        names = calls(options)
        (tmp_path / "variables.json").write_text(json.dumps(secrets))
        variables = ("-e", f"@{tmp_path / 'variables.json'}")
    if callback == "minimal":
        environment["ANSIBLE_STDOUT_CALLBACK"] = "minimal"
    else:
        environment["ANSIBLE_CALLBACK_RESULT_FORMAT"] = "yaml" if "yaml" in callback else "json"
    if "junit" in callback:
        environment |= {
            "ANSIBLE_CALLBACKS_ENABLED": "ansible.builtin.junit,ansible.builtin.tree",
            "JUNIT_OUTPUT_DIR": str(written / "junit"),
            "ANSIBLE_CALLBACK_TREE_DIR": str(written / "tree"),
        }
    play = ansible.play(tasks(options, names), "-vvvv", *variables, **environment)
    assert play.code == 0, play.output[-3000:]
    # All but those that read well: "Read", "List" and the first of three lookups.
    failing = len(names) + 3 - sum(name in names for name in ("Read", "List")) - 1
    assert max(play.output.count("...ignoring"), play.output.count("FAILED!")) >= failing
    places = [("the screen", play.output), *files(written)]
    assert {path.parent.name for path, _content in places[1:]} == (
        {"written", "junit", "tree"} if "junit" in callback else {"written"}
    )
    assert leaks(secrets, places) == []


@pytest.mark.parametrize("given_by", ["environment", "profile"])
def test_nothing_in_the_artifacts_of_ansible_runner_has_a_credential(ansible, secrets, tmp_path, given_by):
    job = tmp_path / "job"
    (job / "project").mkdir(parents=True)
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks({}, FEW)}]
    (job / "project" / "read.yml").write_text(yaml.safe_dump(play, sort_keys=False))
    command = [Path(sys.executable).parent / "ansible-runner", "run", job, "-p", "read.yml", "--ident", "1"]
    more = {"ANSIBLE_VERBOSITY": "4", "ANSIBLE_INJECT_INVOCATION": "true", "AWS_SESSION_TOKEN": SESSION_TOKEN}
    environment = {**ansible.environment, **more}
    if given_by == "profile":
        kept = {name: value for name, value in environment.items() if value not in secrets.values()}
        environment = {**kept, **profile(secrets, tmp_path)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    artifacts = dict(files(job / "artifacts"))
    own = artifacts.pop(job / "artifacts" / "1" / "command")
    # ansible-runner's own record of what it was started with, its whole environment: the security guide says so.
    assert bool(leaks(secrets, [("command", own)])) is (given_by == "environment")
    assert any("runner_on_failed" in content for content in artifacts.values())
    assert leaks(secrets, [("the screen", ran.stdout + ran.stderr), *artifacts.items()]) == []
