# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the security page says is so: the policies are those of the calls, nothing else is sent, nothing is left."""

from __future__ import annotations

import http.server
import json
import re
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from emulator.client import operation

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs/docsite/rst/guide_security.rst").read_text()
NAME = "stackgate.stacksets"
RESULTS = "Results of an operation"
OPERATIONS = "Operations of a stack set"
GATE = "A gate"
DELEGATED = "With delegated administration"
ACCOUNTS = "From another account"

ID = {"operation_id": "op-1"}
SINCE = {"operation_id": "latest", "created_after": "2026-11-02T00:00:00Z"}
# Every way of a plugin that changes what it asks for, by the policy of the page that is for it: with an operation's
# id, which the first statement allows, and without one.
MODULE_WAYS = {
    (RESULTS, "with"): [
        ("operation_results_info", {**ID}),
        ("operation_results_info", {**ID, "statuses": ["FAILED", "CANCELLED"], "max_items": 1}),
        ("operation_results_info", {**ID, "summary_only": True, "page_size": 10}),
    ],
    (RESULTS, "without"): [("operation_results_info", {}), ("operation_results_info", {"statuses": ["FAILED"]})],
    (OPERATIONS, "with"): [
        ("operations_info", {}),
        ("operations_info", {"actions": ["UPDATE"], "statuses": ["SUCCEEDED"], "max_items": 1}),
    ],
    (GATE, "with"): [
        ("operation_gate", {**ID, "max_failed": 9, "max_cancelled": 9}),
        ("operation_gate", {**ID, "wait": False, "whole_reading": True, "fail_on_closed": False}),
        ("operation_gate", {**ID, "min_results": 3, "fail_on_closed": False, "show_progress": True}),
        ("operation_gate", {"operation_id": "op-0", "fail_fast": True, "fail_on_closed": False}),
    ],
    (GATE, "without"): [("operation_gate", {**SINCE, "max_failed": 9, "max_cancelled": 9})],
}


def policies():
    """The page's policies by the title above them."""
    parts = re.split(r"^(.+)\n(?:-{3,}|~{3,})\n", PAGE, flags=re.MULTILINE)
    found = {}
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        blocks = re.findall(r"^\.\. code-block:: json\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
        if blocks:
            (found[title],) = map(json.loads, blocks)
    return found


def allowed(title, *sids):
    """The actions of CloudFormation's that a policy allows, or these statements of it."""
    statements = [one for one in policies()[title]["Statement"] if not sids or one["Sid"] in sids]
    actions = [action.partition(":") for one in statements for action in one["Action"]]
    return {name for service, _colon, name in actions if service == "cloudformation"}


def called(emulator):
    return {call["action"] for call in emulator.log()}


@pytest.fixture
def baseline(emulator):
    generate = {"accounts": 9, "regions": 3, "failed": 2, "cancelled": 1}
    operations = [
        operation("op-0", "RUNNING", generate=generate, creation_timestamp="2026-11-01T08:15:00Z"),
        operation("op-1", generate=generate, creation_timestamp="2026-11-02T08:15:00Z"),
    ]
    emulator.stack_set("org-baseline", operations)
    return emulator


def deny(emulator, action, times=None):
    emulator.fault(action=action, error="AccessDenied", status=403, message="not authorized", times=times)


def test_the_policies_are_valid_and_as_narrow_as_they_can_be():
    found = policies()
    assert list(found) == [RESULTS, OPERATIONS, GATE, DELEGATED, ACCOUNTS]
    for title, policy in found.items():
        assert set(policy) == {"Version", "Statement"}
        assert policy["Version"] == "2012-10-17"
        sids = [one["Sid"] for one in policy["Statement"]]
        assert len(set(sids)) == len(sids) and all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
        for statement in policy["Statement"]:
            assert set(statement) == {"Sid", "Effect", "Action", "Resource"}
            assert statement["Effect"] == "Allow"
            assert isinstance(statement["Action"], list) and statement["Action"]
            for action in statement["Action"]:
                assert re.fullmatch(r"[a-z]+:[A-Za-z]+", action), "no wildcards"
                if action.startswith("cloudformation:"):
                    name = "org-guardrails" if title == DELEGATED else "org-baseline"
                    arn = rf"arn:aws:cloudformation:[a-z0-9-]+:\d{{12}}:stackset/{name}:\*"
                    assert re.fullmatch(arn, statement["Resource"])
            assert statement["Resource"] != "*" or statement["Action"] == ["organizations:ListDelegatedAdministrators"]
    assert allowed(DELEGATED) == allowed(RESULTS) == allowed(GATE)
    assert allowed(ACCOUNTS) == set()


@pytest.mark.parametrize(("title", "given"), MODULE_WAYS, ids=lambda part: part)
def test_a_module_calls_what_its_policy_allows_and_nothing_else(ansible, baseline, title, given):
    first = policies()[title]["Statement"][0]["Sid"]
    may = allowed(title, first) if given == "with" else allowed(title)
    for action in {"DescribeStackSetOperation", "ListStackSetOperationResults", "ListStackSetOperations"} - may:
        deny(baseline, action)
    # An operation that has not ended is decided on when the time is over.
    short = {"wait_timeout": 0, "settle_timeout": 0, "wait_sleep": 1} if title == GATE else {}
    for module, options in MODULE_WAYS[title, given]:
        task = ansible.module({"stack_set_name": "org-baseline", **short, **options}, f"{NAME}.{module}")
        assert task.status == "SUCCESS", (options, task.result["msg"])
    assert called(baseline) == may


def test_the_lookup_calls_what_its_policy_allows_and_filters_call_nothing(ansible, baseline):
    # The filter of the role takes the role's options, all others take results.
    given = {path.stem: "rows" for path in (CHECKOUT / "plugins/filter").glob("*.py")}
    given["report_options"] = "{'report_dest': 'reports', 'report_stack_set_name': 'org-baseline'}"
    filters = ", ".join(f"{value} | {NAME}.{name}" for name, value in given.items())
    rows = ansible.lookup("org-baseline", operation_id="op-1").result["rows"]
    assert called(baseline) == allowed(RESULTS, "ReadAnOperation")
    baseline.clear_log()
    played = ansible.play([{"name": "Filter", "keep": f"[{filters}]", "as": "filtered"}], play={"vars": {"rows": rows}})
    assert played.code == 0, played.output
    assert len(played.kept["filtered"]) == len(given)
    assert baseline.log() == []
    assert len(ansible.lookup("org-baseline").result["rows"]) == 27
    assert called(baseline) == allowed(RESULTS)


def test_a_gate_that_may_not_list_operations_decides_the_same(ansible, baseline):
    queued = operation("op-9", "QUEUED", rows=[], creation_timestamp="2026-11-03T08:15:00Z")
    waiting = {"stack_set_name": "org-baseline", "operation_id": "op-9", "wait_timeout": 0, "fail_on_closed": False}
    running = operation("op-8", "RUNNING", rows=[], creation_timestamp="2026-11-03T08:00:00Z")
    baseline.stack_set("org-baseline", [running, queued])
    told = ansible.module(waiting, f"{NAME}.operation_gate").result
    assert called(baseline) == allowed(GATE)
    deny(baseline, "ListStackSetOperations")
    untold = ansible.module(waiting, f"{NAME}.operation_gate").result
    assert (told["progress"]["in_front"], untold["progress"]["in_front"]) == ("op-8", None)
    assert untold["gate"]["verdict"] == told["gate"]["verdict"] == "inconclusive"
    latest = {**waiting, **SINCE}
    refused = ansible.module(latest, f"{NAME}.operation_gate").result
    assert "not allowed to call cloudformation:ListStackSetOperations" in refused["msg"]


@contextmanager
def listener():
    """An endpoint that refuses everything, and what was sent to it."""
    seen = []

    class Refuses(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            seen.append((self.path, dict(self.headers), parse_qs(body)))
            said = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
            self.send_response(403)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_unused):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refuses)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()


SECRETS = {"secret_key": "kept-8f2c1d7a-secret", "session_token": "sent-3b9e6c40-token"}


def test_a_request_has_what_the_page_says_and_no_secret_key(ansible, emulator):
    given = {"stack_set_name": "org-baseline", **ID, "access_key": "AKIA0000EXAMPLE0000", **SECRETS}
    with listener() as (url, seen):
        task = ansible.task({**given, "endpoint_url": url}, options=("-vvvvv",), ANSIBLE_INJECT_INVOCATION="true")
    assert task.status == "FAILED!"
    ((path, headers, body),) = seen
    assert path == "/"
    assert set(body) == {"Action", "Version", "StackSetName", "OperationId", "CallAs"}
    assert headers["X-Amz-Security-Token"] == SECRETS["session_token"]
    assert "Credential=AKIA0000EXAMPLE0000/" in headers["Authorization"]
    agent = headers["User-Agent"]
    assert re.search(r"Ansible/\S+ amazon\.aws/\S+ Botocore/\S+ stackgate\.stacksets$", agent, re.IGNORECASE), agent
    assert set(map(str.lower, headers)) <= {
        "host", "accept-encoding", "content-type", "content-length", "user-agent", "authorization", "x-amz-date",
        "x-amz-security-token", "amz-sdk-invocation-id", "amz-sdk-request",
    }  # fmt: skip
    assert SECRETS["secret_key"] not in str(seen)
    for secret in SECRETS.values():
        assert secret not in task.output


@pytest.fixture
def places():
    """Where a task could leave something; with short paths, for Ansible has sockets there."""
    with tempfile.TemporaryDirectory() as root:
        made = {name: Path(root) / name for name in ("home", "ansible", "local", "remote", "tmp")}
        for place in made.values():
            place.mkdir()
        yield made


def test_no_file_is_left(ansible_processes, baseline, places):
    # Processes from their start: a fork server keeps a temporary directory for its next job.
    environment = {
        "HOME": str(places["home"]),
        "ANSIBLE_HOME": str(places["ansible"]),
        "ANSIBLE_LOCAL_TEMP": str(places["local"]),
        "ANSIBLE_REMOTE_TEMP": str(places["remote"]),
        "ANSIBLE_REMOTE_TMP": str(places["remote"]),
        "TMPDIR": str(places["tmp"]),
    }
    gate = {**ID, "fail_on_closed": False, "show_progress": True, **SECRETS, "access_key": "AKIA0000EXAMPLE0000"}
    play = ansible_processes.play(
        [
            {"name": "Read", f"{NAME}.operation_results_info": {"stack_set_name": "org-baseline"}, "register": "read"},
            {"name": "List", f"{NAME}.operations_info": {"stack_set_name": "org-baseline"}},
            {"name": "Gate", f"{NAME}.operation_gate": {"stack_set_name": "org-baseline", **gate}},
            {
                "name": "Look up and filter",
                "ansible.builtin.debug": {
                    "msg": f"{{{{ query('{NAME}.operation_results', 'org-baseline') | {NAME}.summarize }}}}"
                },
            },
        ],
        **environment,
    )
    assert play.code == 0, play.output
    assert [path for place in places.values() for path in place.rglob("*") if path.is_file()] == []


def test_the_page_and_the_policy_for_reports_link_to_each_other():
    security = (CHECKOUT / "SECURITY.md").read_text()
    advisories = "https://github.com/stackgate/stackgate.stacksets/security/advisories/new"
    assert advisories in security and advisories in PAGE
    assert "](docs/docsite/rst/guide_security.rst)" in security
    assert " <../../../SECURITY.md>`__" in PAGE
