# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example rulebook and its queue: an operation that ends is gated, once, and nothing else gets into the run.

EventBridge and SQS are moto's, so its rule and its queue come from our template and fill by themselves. The source that
reads the queue is of a collection that is not at hand: ansible-rulebook's own generic one takes its place. Rule and
action are those of the example.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import boto3
import pytest
import yaml
from emulator.client import operation

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
EXAMPLE = CHECKOUT / "examples" / "rulebook"
GUIDE = CHECKOUT / "docs" / "docsite" / "rst" / "guide_events.rst"
QUEUE = yaml.safe_load((EXAMPLE / "queue.yml").read_text())["Resources"]
RULEBOOK = yaml.safe_load((EXAMPLE / "rulebook.yml").read_text())

SOURCE, TYPE = "aws.cloudformation", "CloudFormation StackSet Operation Status Change"
STATUSES = ("QUEUED", "RUNNING", "STOPPING", "SUCCEEDED", "FAILED", "STOPPED")


@pytest.fixture(scope="module")
def command():
    """ansible-rulebook, where `make integration` has set it up."""
    named = os.environ.get("STACKGATE_RULEBOOK")
    if not named:
        pytest.skip("ansible-rulebook needs Java 17 or newer")
    return named


@pytest.fixture
def queue(emulator):
    """The template, deployed: send(detail, ...) puts an event onto the bus, received() is what came into the queue."""
    made = {
        "endpoint_url": emulator.endpoint_url,
        "region_name": emulator.region,
        "aws_access_key_id": emulator.facts["access_key_id"],
        "aws_secret_access_key": emulator.facts["secret_access_key"],
    }
    template = (EXAMPLE / "queue.yml").read_text()
    boto3.client("cloudformation", **made).create_stack(StackName="stackset-operations", TemplateBody=template)
    bus, sqs = boto3.client("events", **made), boto3.client("sqs", **made)

    class Queue:
        def send(self, detail, source=SOURCE, detail_type=TYPE):
            event = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail)}
            assert bus.put_events(Entries=[{**event, "Resources": [detail["stack-set-arn"]]}])["FailedEntryCount"] == 0

        def received(self):
            url = sqs.get_queue_url(QueueName=QUEUE["Queue"]["Properties"]["QueueName"])["QueueUrl"]
            bodies = []
            while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
                for message in messages:
                    bodies.append(json.loads(message["Body"]))
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return bodies

    return Queue()


def ended(arn, operation_id, status="SUCCEEDED", reason=None):
    details = {"status": status, **({"status-reason": reason} if reason else {})}
    return {"stack-set-arn": arn, "stack-set-operation-id": operation_id, "status-details": details}


ARN = "arn:aws:cloudformation:eu-west-1:123456789012:stackset/org-baseline:0a1b2c3d-0000-4000-8000-123456789abc"


def test_the_queue_gets_the_ends_of_operations_and_nothing_else(queue):
    for status in STATUSES:
        queue.send(ended(ARN, "op-1", status))
    queue.send(ended(ARN, "op-1"), source="mine")
    queue.send(ended(ARN, "op-1"), detail_type="CloudFormation StackSet StackInstance Status Change")
    bodies = queue.received()
    assert [body["detail"]["status-details"]["status"] for body in bodies] == ["SUCCEEDED", "FAILED", "STOPPED"]
    assert {(body["source"], body["detail-type"]) for body in bodies} == {(SOURCE, TYPE)}


def test_the_template_is_one_that_cloudformation_takes():
    linted = subprocess.run(
        [Path(sys.executable).parent / "cfn-lint", EXAMPLE / "queue.yml"], capture_output=True, text=True, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_only_the_rule_may_send_and_rulebook_and_template_name_the_same_queue():
    (statement,) = QUEUE["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}}
    assert statement["Action"] == "sqs:SendMessage"
    ((_plugin, options),) = RULEBOOK[0]["sources"][0].items()
    assert options["name"] == QUEUE["Queue"]["Properties"]["QueueName"]


@pytest.fixture
def fire(command, ansible, tmp_path):
    """Run the example rulebook on these bodies of messages; what it printed."""

    def run(bodies):
        events = [{"body": body, "meta": {"MessageId": str(number)}} for number, body in enumerate(bodies)]
        # From a file, because the options of a source are templates.
        payload = tmp_path / "events.json"
        payload.write_text(json.dumps([*events, {"all_sent": True}]))
        (rules,) = yaml.safe_load((EXAMPLE / "rulebook.yml").read_text())
        # It must not end by itself: a minute's wait follows the end of a source, but not a shutdown without delay.
        rules["sources"] = [{"eda.builtin.generic": {"payload_file": str(payload), "shutdown_after": 600}}]
        end = {"name": "End", "condition": "event.all_sent is defined", "action": {"shutdown": {"delay": 0}}}
        rules["rules"].append(end)
        book = tmp_path / "rulebook.yml"
        book.write_text(yaml.safe_dump([rules], width=10**6))
        ran = subprocess.run(
            [command, "--rulebook", book, "--inventory", EXAMPLE / "inventory.yml"],
            cwd=tmp_path,
            env={name: value for name, value in ansible.environment.items() if name != "PYTHONPATH"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout
        return re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout)

    return run


def test_an_operation_that_ended_is_gated_once_and_foreign_text_starts_nothing(fire, queue, emulator, tmp_path):
    generate = {"accounts": 5, "regions": 2}
    operations = [
        # An id that looks like a number must stay what it is.
        operation("1e5", generate=generate),
        operation("op-hides", generate={**generate, "failed": 3}),
        operation("op-stopped", "STOPPED", generate={**generate, "cancelled": 4}),
        operation("op-other"),
    ]
    name = emulator.stack_set("org-baseline", operations)
    arn = f"arn:aws:cloudformation:{emulator.region}:123456789012:stackset/{name}"
    touched = tmp_path / "touched"
    hostile = f"{{{{ lookup('ansible.builtin.pipe', 'touch {touched}') }}}}"
    queue.send(ended(arn, "op-other", "RUNNING"))
    for _twice in range(2):
        queue.send(ended(arn, "1e5", reason=hostile))
    queue.send(ended(arn, "op-hides", reason=hostile))
    queue.send(ended(arn, "op-stopped", "STOPPED", hostile))
    bodies = queue.received()
    assert len(bodies) == 4
    # What somebody else could put into the queue.
    like = {key: bodies[0][key] for key in ("source", "detail-type", "region")}
    ids = (hostile, f"op-other\n{hostile}", "op-other\n", "op-other x=1", ["op-other"], {"op-other": 1}, "")
    foreign = [
        *({**like, "detail": ended(arn, one)} for one in ids),
        *(
            {**like, "detail": ended(one, "op-other")}
            for one in (hostile, f"{arn}{hostile}", f"{arn}\n", "org-baseline")
        ),
        {**like, "detail": ended(arn, "op-other"), "region": hostile},
        {**like, "detail": ended(arn, "op-other"), "source": "mine"},
        {**like, "detail": ended(arn, "op-other"), "detail-type": "CloudFormation StackSet Status Change"},
        {**like, "detail": ended(arn, "op-other", "RUNNING")},
        {**like, "detail": ended(arn, "op-other", hostile)},
        {**like, "detail": None},
        "no JSON",
        ["op-other"],
    ]
    emulator.clear_log()
    output = fire([*foreign[:7], *bodies, *foreign[7:]])

    read = [(call["action"], call["operation_id"]) for call in emulator.log() if call["operation_id"]]
    for one in ("1e5", "op-hides", "op-stopped"):
        assert ("DescribeStackSetOperation", one) in read, output
        assert ("ListStackSetOperationResults", one) in read, output
    assert {one for _action, one in read} == {"1e5", "op-hides", "op-stopped"}
    assert {call["stack_set_name"] for call in emulator.log()} == {name}
    assert not touched.exists()
    # What a failed run printed ansible-rulebook prints again, as an error.
    first, *others = re.findall(r"^localhost +: ok=.* failed=(\d)", output, re.MULTILINE)
    assert (first, set(others)) == ("0", {"1"}), output
    assert "Gate failed: 3 FAILED, and max_failed is 0." in output
    assert "Gate failed: The operation is STOPPED, and accept_operation_statuses is SUCCEEDED." in output


def blocks(language, *words):
    """The guide's blocks of this language that have all of these words."""
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", GUIDE.read_text(), re.MULTILINE)
    return [textwrap.dedent(block) for block in found if all(word in block for word in words)]


def test_the_guide_shows_the_event_the_pattern_and_the_action_as_they_are(queue):
    event, pattern, part, policy = map(json.loads, blocks("json"))
    assert pattern == QUEUE["Rule"]["Properties"]["EventPattern"]
    assert event["resources"] == [event["detail"]["stack-set-arn"]]
    assert event["detail"]["stack-set-arn"].startswith(part["stack-set-arn"][0]["prefix"])
    queue.send(event["detail"], event["source"], event["detail-type"])
    (received,) = queue.received()
    assert received["detail"] == event["detail"]
    assert policy["Statement"][0]["Resource"].endswith(f":{QUEUE['Queue']['Properties']['QueueName']}")

    action = RULEBOOK[0]["rules"][0]["action"]["run_playbook"]
    (shown,) = (yaml.safe_load(block)["run_playbook"] for block in blocks("text", "run_playbook:", "extra_vars"))
    assert {**shown, "extra_vars": {**shown["extra_vars"], **action["extra_vars"]}} == shown
    assert shown["name"] == action["name"]
    (job,) = (yaml.safe_load(block)["run_job_template"] for block in blocks("text", "run_job_template:"))
    assert job["job_args"]["extra_vars"] == action["extra_vars"]


def test_what_follows_the_guides_gate_runs_only_if_it_is_open(ansible, emulator, tmp_path):
    (block,) = blocks("text", "import_playbook")
    (tmp_path / "roll_on.yml").write_text(block)
    emulator.stack_set(
        "org-baseline",
        [operation("op-1", generate={"accounts": 2}), operation("op-2", generate={"accounts": 2, "failed": 1})],
    )
    for operation_id, code in (("op-1", 0), ("op-2", 2)):
        inputs = {"gate_stack_set_name": "org-baseline", "gate_operation_id": operation_id}
        play = ansible.book(tmp_path / "roll_on.yml", "-e", json.dumps(inputs))
        assert play.code == code, play.output
        assert ("org-baseline is in place." in play.output) == (code == 0)
