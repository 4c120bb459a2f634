# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profiles that give no credentials: module, gate, lookup and inventory say whose fault it is, and show no secret."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import botocore
import pytest
from emulator.client import operation, row
from integration.helpers.inventory_files import one_line, several

LOOKUP = "stackgate.stacksets.operation_results"
MODULES = ("stackgate.stacksets.operation_results_info", "stackgate.stacksets.operation_gate")
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"
ROLE = "role_arn = arn:aws:iam::111122223333:role/reader"
PROFILES = f"""
[profile keys]
aws_access_key_id = scripted
aws_secret_access_key = scripted
[profile web]
{ROLE}
web_identity_token_file = /nonexistent/token
[profile nowhere]
credential_process = /nonexistent/program --key {SECRET}
[profile fails]
credential_process = sh -c "echo {SECRET} >&2; exit 1"
[profile text]
credential_process = echo {SECRET}
[profile loop]
{ROLE}
source_profile = pool
[profile pool]
{ROLE}
source_profile = loop
[profile role]
{ROLE}
source_profile = keys
"""
# None that asks for an MFA code: where there is a terminal, the tests would wait for somebody to type it.
SAID = {
    "web": "A file with credentials could not be read: [Errno 2] No such file",
    "nowhere": "The credential_process of the profile could not be run: [Errno 2] No such file",
    "fails": "The credential_process of the profile returned no credentials",
    "text": "The credential_process of the profile returned no credentials",
    "loop": "The profile can't be used: Infinite loop",
    "missing": "The config profile (missing) could not be found. Set profile to one that exists",
}
# Older ones ask the service's own address, whatever the environment says.
if tuple(map(int, botocore.__version__.split(".")[:2])) >= (1, 31):
    SAID["role"] = "STS rejected AssumeRole, the call that obtains the credentials."
REFUSAL = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>"


class Refusing(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(403)
        self.send_header("content-length", str(len(REFUSAL)))
        self.end_headers()
        self.wfile.write(REFUSAL)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def environment(ansible, emulator, tmp_path):
    emulator.stack_set("org-baseline", [operation("op-1", rows=[row("111122223333")])])
    (tmp_path / "config").write_text(PROFILES)
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as sts:
        threading.Thread(target=sts.serve_forever, daemon=True).start()
        yield {
            "AWS_CONFIG_FILE": str(tmp_path / "config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
            "AWS_ENDPOINT_URL_STS": f"http://127.0.0.1:{sts.server_port}",
            **dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")),
        }
        sts.shutdown()


def test_module_gate_and_lookup_say_what_gave_no_credentials(ansible, emulator, environment):
    ansible.environment |= environment
    for profile, said in SAID.items():
        read = {"stack_set_name": "org-baseline", "operation_id": "op-1", "profile": profile}
        answers = {module: ansible.module(read, module) for module in MODULES}
        answers[LOOKUP] = ansible.lookup("org-baseline", operation_id="op-1", profile=profile)
        for name, answer in answers.items():
            assert answer.status == "FAILED!"
            assert said in answer.output, (name, profile)
            assert "CloudFormation" not in answer.output
            assert SECRET not in answer.output
    assert emulator.log() == []


@pytest.mark.once
def test_an_inventory_says_what_gave_no_credentials(ansible, emulator, environment, tmp_path):
    configurations = {f"case-{name}-": {"profile": name, "operation_id": "op-1"} for name in SAID}
    role = {"assume_role_arn": "arn:aws:iam::111122223333:role/other"}
    configurations |= {f"role-{name}-": {**role, **configurations[f"case-{name}-"]} for name in ("fails", "web")}
    ran = several(ansible, tmp_path, configurations, "-vvvv", "--graph", **environment)
    parts = one_line(ran).split("Failed to parse ")
    for name in configurations:
        assert any(name in part and SAID[name.split("-")[1]] in part for part in parts), name
    assert SECRET not in ran.stdout + ran.stderr
    assert emulator.log() == []


@pytest.mark.once
def test_no_traceback_shows_what_a_credential_process_said(ansible, environment):
    read = {"stack_set_name": "org-baseline", "operation_id": "op-1", "profile": "fails"}
    query = f"{{{{ query('{LOOKUP}', 'org-baseline', operation_id='op-1', profile='fails') }}}}"
    asked = [*((module, read) for module in MODULES), ("ansible.builtin.debug", {"msg": query})]
    tasks = [{"name": "Ask", module: arguments, "ignore_errors": True} for module, arguments in asked]
    ran = ansible.play(tasks, "-vvvv", **environment, ANSIBLE_DISPLAY_TRACEBACK="always")
    assert ran.output.count(SAID["fails"]) >= len(tasks)
    assert SECRET not in ran.output
