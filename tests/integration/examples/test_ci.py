# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example pipelines: their scripts run as the runners of GitHub Actions and of GitLab would run them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import pytest
import yaml
from emulator.client import operation

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
EXAMPLE = CHECKOUT / "examples" / "ci"
WORKFLOW = yaml.safe_load((EXAMPLE / "github-actions.yml").read_text())
GITLAB = yaml.safe_load((EXAMPLE / "gitlab-ci.yml").read_text())
INPUTS = yaml.safe_load((EXAMPLE / "stackset_inputs.yml").read_text())
GUIDE = (CHECKOUT / "docs/docsite/rst/guide_ci.rst").read_text()
JOBS = {"github": WORKFLOW["jobs"]["gate"], "gitlab": GITLAB["stackset-gate"]}
(ROLE,) = {JOBS["gitlab"]["variables"]["AWS_ROLE_ARN"]}
REPORTS = ["report.csv", "report.html", "report.junit.xml", "report.md"]
INSTALLED = ["pip install ansible-core boto3", "ansible-galaxy collection install -r requirements.yml"]
# A command of a pipeline's, which a fork of this test's server runs: a new process of Ansible takes seconds.
FORKED = """\
import os, sys
from multiprocessing.connection import Client
with Client({address!r}) as server:
    server.send((sys.argv[1:], dict(os.environ), os.getcwd()))
    code, output = server.recv()
print(output)
sys.exit(code)
"""
# What STS answers to AssumeRoleWithWebIdentity.
ASSUMED = """\
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>{access_key_id}</AccessKeyId>
<SecretAccessKey>{secret_access_key}</SecretAccessKey><SessionToken>session</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


def program(file: Path, command: str) -> None:
    """Write a command as a program: of a shell, because a path with a space can stand in no first line."""
    file.write_text(f"#!/bin/sh\n{command}\n")
    file.chmod(0o755)


def recorder(file: Path, calls: Path) -> None:
    """Write a program that only notes how it is called."""
    program(file, f'echo "${{0##*/}} $*" >> {shlex.quote(str(calls))}')


class Pipeline(NamedTuple):
    """How a job went: whether it failed, what it printed, installed, kept, and (GitHub's) its summary."""

    failed: bool
    output: str
    installed: list[str]
    artifacts: dict[str, str]
    summary: str = ""


class Runner:
    """A directory with a checkout of the example, and bash, pip and ansible-galaxy without a network."""

    def __init__(self, place: Path, environment: dict[str, str], address: tuple[str, int]) -> None:
        self.project, self._calls = place / "project", place / "calls"
        shutil.copytree(EXAMPLE, self.project)
        programs = place / "bin"
        programs.mkdir()
        forked = place / "forked.py"
        forked.write_text(FORKED.format(address=address))
        program(programs / "ansible-playbook", f'exec {shlex.join([sys.executable, "-IS", str(forked)])} "$@"')
        for name in ("pip", "ansible-galaxy"):
            recorder(programs / name, self._calls)
        self.environment = {**environment, "PATH": f"{programs}:{environment['PATH']}"}
        self.output = ""

    def bash(self, script: str, *options: str, **environment: str) -> int:
        """Run a script as a file of its own; its exit code."""
        file = self.project.parent / "script.sh"
        file.write_text(script)
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", *options, str(file)],
            cwd=self.project,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        self.output += ran.stdout + ran.stderr
        return ran.returncode

    def ended(self, failed: bool, path: str, **more: str) -> Pipeline:
        kept = {file.name: file.read_text() for file in (self.project / path).glob("*") if file.name[0] != "."}
        return Pipeline(failed, self.output, self._calls.read_text().splitlines(), kept, **more)


@pytest.fixture
def runner(ansible, servers, tmp_path):
    def serve() -> None:
        while True:
            with listener.accept() as client:
                words, environment, directory = client.recv()
                if not words:
                    return
                # The server is the one for the PATH that all tests have.
                environment["PATH"] = ansible.environment["PATH"]
                command = [str(Path(sys.executable).with_name("ansible-playbook")), *words]
                ran = servers.run({"command": command}, environment, Path(directory), timeout=300)
                client.send((ran.returncode, ran.stdout + ran.stderr))

    with Listener(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        # Credentials come from what the pipeline does for them.
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION")
        environment = {name: value for name, value in ansible.environment.items() if name not in keys}
        made = Runner(tmp_path, environment, listener.address)
        yield made
        assert made.bash("ansible-playbook", "-e") != 0
        thread.join(30)


def github(runner: Runner, emulator, **inputs: str) -> Pipeline:
    """Run the workflow's steps in their order, each as a script of its own."""
    variables = {"vars.STACKSET_ROLE_ARN": ROLE, "vars.AWS_REGION": "eu-west-1"}
    contexts = {**variables, **{f"inputs.{name}": value for name, value in inputs.items()}}

    def evaluated(values: dict[str, Any]) -> dict[str, str]:
        pattern = re.compile(r"\$\{\{ (\S+) \}\}")
        return {name: pattern.sub(lambda found: contexts[found[1]], str(text)) for name, text in values.items()}

    job, summary, failed, kept = JOBS["github"], runner.project.parent / "summary.md", False, None
    summary.touch()
    runner.environment |= evaluated(job["env"]) | {"GITHUB_STEP_SUMMARY": str(summary)}
    for step in job["steps"]:
        assert step.get("if", "success()") in ("success()", "always()")
        if failed and step.get("if") != "always()":
            continue
        given = evaluated(step.get("with", {}))
        if "run" in step:
            failed |= runner.bash(step["run"], "-e", **evaluated(step.get("env", {}))) != 0
        elif step["uses"].startswith("aws-actions/configure-aws-credentials@"):
            assert given["role-to-assume"] == ROLE
            runner.environment |= {
                "AWS_REGION": given["aws-region"],
                "AWS_ACCESS_KEY_ID": emulator.facts["access_key_id"],
                "AWS_SECRET_ACCESS_KEY": emulator.facts["secret_access_key"],
            }
        elif step["uses"].startswith("actions/upload-artifact@"):
            assert given["name"] == f"stackset-report-{inputs['operation_id']}"
            kept = given["path"]
    return runner.ended(failed, kept, summary=summary.read_text())


def gitlab(runner: Runner, emulator, stack_set_name: str, operation_id: str) -> Pipeline:
    """Run before_script and script as one script, and after_script as another, with a role that STS gives."""
    job, asked = JOBS["gitlab"], []

    class Sts(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            answer = ASSUMED.format_map(emulator.facts).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            pass

    tokens = {name: f"token for {one['aud']}" for name, one in job["id_tokens"].items()}
    started_with = {"STACK_SET_NAME": stack_set_name, "OPERATION_ID": operation_id}
    assert set(started_with) == set(GITLAB["variables"])
    # Its place is one that this machine's jobs would share.
    place = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(runner.project.parent / "token")}
    assert set(place) < set(job["variables"])
    with ThreadingHTTPServer(("127.0.0.1", 0), Sts) as sts:
        threading.Thread(target=sts.serve_forever, daemon=True).start()
        endpoint = {"AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.server_port}"}
        runner.environment |= {**started_with, **job["variables"], **tokens, **place, **endpoint}
        failed = runner.bash("\n".join(job["before_script"] + job["script"]), "-eo", "pipefail") != 0
        runner.bash("\n".join(job["after_script"]), "-e")
        sts.shutdown()
    assert {(one["RoleArn"][0], one["WebIdentityToken"][0]) for one in asked} == {
        (ROLE, "token for https://gitlab.com")
    }
    assert job["artifacts"]["when"] == "always"
    (path,) = job["artifacts"]["paths"]
    assert job["artifacts"]["reports"]["junit"] == f"{path}report.junit.xml"
    return runner.ended(failed, path)


@pytest.mark.parametrize("failed", [0, 2], ids=["open", "closed"])
@pytest.mark.parametrize("run", [github, gitlab])
def test_the_job_is_the_gates_and_the_report_is_kept_in_any_case(runner, emulator, run, failed):
    # An id of digits stays a string.
    emulator.stack_set("org-baseline", [operation("0123", generate={"accounts": 5, "failed": failed})])
    ran = run(runner, emulator, stack_set_name="org-baseline", operation_id="0123")
    assert ran.failed is bool(failed), ran.output
    assert (f"Gate failed: {failed} FAILED" in ran.output) is bool(failed)
    assert ran.installed == INSTALLED
    assert sorted(ran.artifacts) == REPORTS, ran.output
    assert ran.artifacts["report.junit.xml"].count("<failure ") == failed
    assert "console.aws.amazon.com" in ran.artifacts["report.md"]
    if run is github:
        assert ran.summary == ran.artifacts["report.md"]
        assert ran.summary.startswith("### ❌" if failed else "### ✅")


def test_what_comes_from_outside_is_neither_a_command_nor_a_template(runner):
    """Each value in the environment, and no value in a script, so that none can become code."""
    for script in [*(step.get("run", "") for step in JOBS["github"]["steps"]), *JOBS["gitlab"]["script"]]:
        assert "${{" not in script
        assert not {"STACK_SET_NAME", "OPERATION_ID"} & set(re.findall(r"\w+", script))
    (gate,) = [step["run"] for step in JOBS["github"]["steps"] if step.get("name") == "Gate"]
    assert [gate] == JOBS["gitlab"]["script"]
    ran = runner.project / "ran"
    hostile = (
        f"{{{{ lookup('ansible.builtin.pipe', 'touch {ran}') }}}}$(touch {ran})'; touch {ran}; '\"; touch {ran}; x"
    )
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": "eu-west-1"}
    assert runner.bash(gate, "-e", STACK_SET_NAME=hostile, OPERATION_ID=hostile, **keys) != 0
    assert "{{ lookup('ansible.builtin.pipe'" in runner.output
    assert not ran.exists()


def test_a_job_and_its_session_outlast_the_gate_so_that_the_report_is_written():
    documented = yaml.safe_load((CHECKOUT / "plugins/modules/operation_gate.py").read_text().split('"""')[1])
    settling = documented["options"]["settle_timeout"]["default"]
    (session,) = [int(step["with"]["role-duration-seconds"]) for step in JOBS["github"]["steps"] if "role" in str(step)]
    number, unit = JOBS["gitlab"]["timeout"].split()
    assert unit == "hour"
    for seconds in (JOBS["github"]["timeout-minutes"] * 60, session, int(number) * 3600):
        # Five minutes to install and to report.
        assert seconds >= INPUTS["gate_wait_timeout"] + settling + 300


def test_the_requirements_are_those_of_the_collection():
    galaxy = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())
    needed = {**galaxy["dependencies"], f"{galaxy['namespace']}.{galaxy['name']}": ">=0.1.0"}
    listed = yaml.safe_load((EXAMPLE / "requirements.yml").read_text())["collections"]
    assert {one["name"]: one["version"] for one in listed} == needed


def test_the_workflow_asks_for_few_permissions_and_the_same_inputs_by_hand_and_when_called():
    assert WORKFLOW["permissions"] == {}
    assert JOBS["github"]["permissions"] == {"contents": "read", "id-token": "write"}
    asked = {kind: set(WORKFLOW["on"][kind]["inputs"]) for kind in ("workflow_dispatch", "workflow_call")}
    assert asked == {kind: {"stack_set_name", "operation_id"} for kind in asked}
    used = [step["uses"] for step in JOBS["github"]["steps"] if "uses" in step]
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", name) for name in used), used


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", GUIDE, re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in found]


def test_the_guides_trust_policies_are_for_one_repository_and_its_provider():
    created = re.findall(
        r"create-open-id-connect-provider \\\n +--url https://(\S+) \\\n +--client-id-list (\S+)", GUIDE
    )
    policies = [json.loads(block)["Statement"] for block in blocks("json")]
    assert len(created) == len(policies) == 2
    for (provider, audience), (statement,) in zip(created, policies, strict=True):
        assert statement["Principal"]["Federated"].endswith(f":oidc-provider/{provider}")
        assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
        condition = statement["Condition"]["StringEquals"]
        assert set(condition) == {f"{provider}:aud", f"{provider}:sub"}
        assert condition[f"{provider}:aud"] == audience
        assert "*" not in condition[f"{provider}:sub"]
    assert created[1][1] == JOBS["gitlab"]["id_tokens"]["AWS_ID_TOKEN"]["aud"]


def test_the_guides_deployments_hand_the_id_that_they_chose_to_the_gate(runner):
    inputs, deploy, gitlab = map(yaml.safe_load, blocks("yaml"))
    assert inputs.items() <= INPUTS.items()
    aws = runner.project.parent / "bin" / "aws"
    recorder(aws, runner.project.parent / "calls")

    jobs = deploy["jobs"]
    assert jobs["gate"]["uses"] == "./.github/workflows/stackset-gate.yml"
    assert set(jobs["gate"]["with"]) == set(WORKFLOW["on"]["workflow_call"]["inputs"])
    assert (jobs["gate"]["needs"], jobs["next"]["needs"]) == ("deploy", "gate")
    # What is called has no more permissions than the one that calls.
    assert JOBS["github"]["permissions"].items() <= deploy["permissions"].items()
    (step,) = [one for one in jobs["deploy"]["steps"] if "run" in one]
    chosen = step["env"]["OPERATION_ID"].replace("${{ github.run_id }}", "12").replace("${{ github.run_attempt }}", "1")
    output = runner.project.parent / "output"
    assert runner.bash(step["run"], "-e", GITHUB_OUTPUT=str(output), OPERATION_ID=chosen) == 0, runner.output
    assert output.read_text() == f"operation_id={chosen}\n"
    assert jobs["deploy"]["outputs"]["operation_id"] == f"${{{{ steps.{step['id']}.outputs.operation_id }}}}"
    assert jobs["gate"]["with"]["operation_id"] == "${{ needs.deploy.outputs.operation_id }}"

    assert gitlab["stackset-gate"] == {"needs": ["deploy"]}
    assert gitlab["deploy"]["id_tokens"] == JOBS["gitlab"]["id_tokens"]
    place = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(runner.project.parent / "token"), "AWS_ID_TOKEN": "one"}
    script = "\n".join(gitlab["deploy"]["before_script"] + gitlab["deploy"]["script"])
    assert runner.bash(script, "-eo", "pipefail", CI_JOB_ID="34", **place) == 0, runner.output
    variables = runner.project / gitlab["deploy"]["artifacts"]["reports"]["dotenv"]
    assert variables.read_text() == "OPERATION_ID=deploy-34\n"

    calls = (runner.project.parent / "calls").read_text().splitlines()
    command = "aws cloudformation update-stack-set --stack-set-name org-baseline --template-body file://baseline.yml"
    assert calls == [f"{command} --operation-id {one}" for one in (chosen, "deploy-34")]
    # AWS's own pattern of an operation's id.
    assert all(re.fullmatch(r"[a-zA-Z0-9][-a-zA-Z0-9]{0,127}", one) for one in (chosen, "deploy-34"))
