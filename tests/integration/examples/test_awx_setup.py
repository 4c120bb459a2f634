# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the example AWX project's templates, workflow and surveys, with the modules of awx.awx themselves."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
import yaml
from integration.helpers import awx_modules
from integration.helpers.awx_api import AwxApi
from integration.helpers.awx_surveys import faults_of, launched
from jinja2 import Environment

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
PROJECT = CHECKOUT / "examples" / "awx"
SURVEY = json.loads((PROJECT / "survey_gate.json").read_text())
NODES = yaml.safe_load((PROJECT / "workflow.yml").read_text())["setup_nodes"]
(SETUP,) = yaml.safe_load((PROJECT / "setup.yml").read_text())
(GATE,) = yaml.safe_load((CHECKOUT / "playbooks" / "gate.yml").read_text())
NEEDED = {
    "awx_scm_url": "https://git/r.git",
    "awx_credential": "aws-read",
    "awx_execution_environment": "stackset-gates",
}
EMPTY = ("awx_scm_branch", "awx_scm_credential", "awx_deployer", "awx_organization", "awx_approve_retry")
OPERATION = {"gate_stack_set_name": "org-baseline", "gate_operation_id": "op-1"}
DEPLOYED = {"deploy_stack_set_name": "org-baseline", "deploy_region": "eu-west-1"}


@pytest.fixture
def awx():
    """AWX's API, with what somebody has to make there before."""
    with AwxApi(PROJECT) as api:
        for name in ("Default", "Platform"):
            api.add("organizations", name=name)
        for name in ("aws-read", "aws-deploy", "git"):
            api.add("credentials", name=name)
        api.add("execution_environments", name="stackset-gates")
        yield api


@pytest.fixture
def setup(ansible, awx):
    """Run setup.yml against it."""
    path = os.pathsep.join([ansible.environment["ANSIBLE_COLLECTIONS_PATH"], str(awx_modules.collections_path())])

    def setup(**inputs):
        words = ("-e", json.dumps(inputs))
        return ansible.book(PROJECT / "setup.yml", *words, ANSIBLE_COLLECTIONS_PATH=path, **awx.environment)

    return setup


def graph(awx):
    """For each node of the workflow which follow it, and when."""
    nodes = awx.named("workflow_job_template_nodes")
    names = {node["id"]: name for name, node in nodes.items()}
    return {
        name: {kind: [names[number] for number in ids] for kind, ids in node["associated"].items()}
        for name, node in nodes.items()
    }


DEFAULT_GRAPH = {
    "deploy": {"success_nodes": ["gate"]},
    "gate": {"success_nodes": ["go-on"], "failure_nodes": ["retry"]},
    "retry": {"success_nodes": ["go-on"]},
    "go-on": {},
}
APPROVED_GRAPH = {
    **DEFAULT_GRAPH,
    "gate": {"success_nodes": ["go-on"], "failure_nodes": ["approve-retry"]},
    "approve-retry": {"success_nodes": ["retry"]},
}


def test_it_makes_all_of_it_after_an_update_that_failed_and_a_second_run_changes_nothing(setup, awx):
    inputs = {**NEEDED, "awx_organization": "Platform", "awx_scm_branch": "main", "awx_scm_credential": "git"}
    awx.failing_updates = 1
    first = setup(**inputs, awx_deployer="aws-deploy")
    assert first.code != 0 and "Project Update" in first.output
    assert not awx.named("job_templates")
    made = setup(**inputs, awx_deployer="aws-deploy")
    assert made.code == 0, made.output
    ids = {
        kind: {name: one["id"] for name, one in awx.named(kind).items()} for kind in ("organizations", "credentials")
    }
    everywhere = ("projects", "inventories", "job_templates", "workflow_job_templates")
    assert {one["organization"] for kind in everywhere for one in awx.all(kind)} == {ids["organizations"]["Platform"]}
    (project,) = awx.all("projects")
    assert (project["scm_branch"], project["credential"]) == ("main", ids["credentials"]["git"])
    templates = awx.named("job_templates")
    (environment,) = awx.all("execution_environments")
    reading, deploying = [ids["credentials"]["aws-read"]], [ids["credentials"]["aws-deploy"]]
    for template in templates.values():
        assert template["execution_environment"] == environment["id"]
        deploys = template["playbook"] in ("deploy.yml", "remediate.yml")
        assert template["associated"]["credentials"] == (deploying if deploys else reading)
    (workflow,) = awx.all("workflow_job_templates")
    for template in (*templates.values(), workflow):
        assert (template["allow_simultaneous"], template["ask_variables_on_launch"]) == (True, True)
    assert graph(awx) == DEFAULT_GRAPH
    for node in awx.all("workflow_job_template_nodes"):
        assert node["workflow_job_template"] == workflow["id"]
    surveys = {name: one["survey"] for name, one in templates.items() if one["survey_enabled"]}
    assert surveys == {"Gate a StackSet operation": SURVEY}
    assert workflow["survey_enabled"] is True
    assert_the_workflow_asks_for_the_deployment_and_the_rules(workflow["survey"])

    before, written = json.dumps(list(awx.all("job_templates"))), len(awx.writes)
    again = setup(**inputs, awx_deployer="aws-deploy")
    assert "changed=1 " in again.output, again.output
    assert {url.split("/")[3] for _method, url in awx.writes[written:]} == {"projects", "workflow_job_template_nodes"}
    assert json.dumps(list(awx.all("job_templates"))) == before
    assert graph(awx) == DEFAULT_GRAPH


def assert_the_workflow_asks_for_the_deployment_and_the_rules(survey):
    assert faults_of(survey) == []
    asked = [question["variable"] for question in survey["spec"]]
    deploys = {name for name in asked if name.startswith("deploy_")}
    rules = [name for name in asked if name not in deploys]
    said = re.findall(r"^# (deploy_\w+)", (PROJECT / "deploy.yml").read_text(), re.MULTILINE)
    assert deploys == set(said)
    # An answer, and be it empty, would stand above what the node that deploys hands on.
    (deploy,) = yaml.safe_load((PROJECT / "deploy.yml").read_text())
    (handed_on,) = [task["ansible.builtin.set_stats"]["data"] for task in deploy["tasks"] if "set_stats" in str(task)]
    assert not {*handed_on, "gate_created_after"} & set(asked)
    gates = [question["variable"] for question in SURVEY["spec"]]
    assert rules == [name for name in gates if name not in {*handed_on, "gate_created_after"}]
    assert {"gate_max_failed", "gate_max_cancelled", "gate_scope", "gate_ignore_accounts"} <= set(rules)
    variables, refused = launched(survey, DEPLOYED)
    assert refused == []
    assert variables == {
        **DEPLOYED,
        "deploy_call_as": "SELF",
        "deploy_arguments": "",
        "gate_scope": "operation",
        "gate_ignore_accounts": "",
        "gate_ignore_reasons": "",
    }
    for name in DEPLOYED:
        assert launched(survey, {**DEPLOYED, name: ""})[1]


def test_an_approval_comes_and_goes_and_empty_inputs_are_none(setup, awx):
    made = setup(**NEEDED, awx_approve_retry="yes")
    assert made.code == 0, made.output
    assert graph(awx) == APPROVED_GRAPH
    (approval,) = awx.all("workflow_approvals")
    assert approval["name"] == "Retry what failed?" and approval["timeout"] == 86400
    made = setup(**NEEDED, **dict.fromkeys(EMPTY, ""))
    assert made.code == 0, made.output
    # A node that is left over, with nothing that leads to it, would start at once.
    assert graph(awx) == DEFAULT_GRAPH
    (project,) = awx.all("projects")
    assert project["organization"] == awx.named("organizations")["Default"]["id"]
    assert (project["scm_branch"], "credential" in project) == ("", False)
    (reading,) = {tuple(template["associated"]["credentials"]) for template in awx.all("job_templates")}
    assert reading == (awx.named("credentials")["aws-read"]["id"],)


@pytest.mark.parametrize("name", NEEDED)
def test_it_says_what_it_needs_before_it_makes_anything(setup, awx, name):
    missing = setup(**{key: value for key, value in NEEDED.items() if key != name})
    empty = setup(**{**NEEDED, name: ""})
    for ran in (missing, empty):
        assert ran.code != 0
        assert "Set awx_scm_url, awx_credential and awx_execution_environment." in " ".join(ran.output.split())
    assert awx.writes == []


def test_no_template_takes_a_limit_or_tags():
    """Each could leave the gate out of a job that ends well."""
    none = {"limit": "", "job_tags": "", "skip_tags": ""}
    asked = {"ask_limit_on_launch": False, "ask_tags_on_launch": False, "ask_skip_tags_on_launch": False}
    made = {name: task[name] for task in SETUP["tasks"] for name in task if name.endswith("job_template")}
    assert set(made) == {"awx.awx.job_template", "awx.awx.workflow_job_template"}
    for template in made.values():
        assert {**none, **asked}.items() <= template.items()
    assert made["awx.awx.job_template"]["start_at_task"] == ""
    for node in NODES:
        assert not {"limit", "job_tags", "skip_tags"} & set(node)


def test_the_workflow_names_what_the_setup_makes_and_files_that_are_there():
    # The module itself takes any key in a node, and passes over those that it doesn't know.
    options = awx_modules.options_of("awx.awx.workflow_job_template")
    assert list(awx_modules.unknown({"workflow_nodes": NODES}, options)) == []
    templates = next(task for task in SETUP["tasks"] if "awx.awx.job_template" in task)["loop"]
    named = {
        node["unified_job_template"]["name"] for node in NODES if node["unified_job_template"]["type"] == "job_template"
    }
    assert named <= {one["name"] for one in templates}
    for one in templates:
        assert (PROJECT / one["playbook"]).is_file()
    assert {
        one["name"] for one in yaml.safe_load((PROJECT / "collections/requirements.yml").read_text())["collections"]
    } == {
        "amazon.aws",
        "stackgate.stacksets",
    }


def test_the_guides_notification_has_the_gates_message_and_needs_none():
    guide = (CHECKOUT / "docs/docsite/rst/guide_awx.rst").read_text()
    (template,) = re.findall(r"^\.\. code-block:: jinja\n\n    (.*)\n", guide, re.MULTILINE)

    def told(**artifacts):
        return Environment(autoescape=False).from_string(template).render(job={"name": "Gate", "artifacts": artifacts})

    assert told(stackset_gate={"message": 'Gate failed: "1"'}) == 'Gate: "Gate failed: \\"1\\""'
    assert told() == told(stackset_gate={}) == 'Gate: "no gate"'


def test_the_gates_survey_is_one_that_awx_takes_and_two_answers_launch_it():
    assert faults_of(SURVEY) == []
    assert [question["variable"] for question in SURVEY["spec"] if question["required"]] == list(OPERATION)
    variables, refused = launched(SURVEY, OPERATION)
    assert refused == []
    assert set(variables) <= set(GATE["vars"]["stackset_gate_inputs"])
    assert (variables["gate_call_as"], variables["gate_scope"]) == ("SELF", "operation")
    asked = {question["variable"] for question in SURVEY["spec"]}
    assert ("gate_max_failed" in asked) is ("gate_max_cancelled" in asked)
    for name in OPERATION:
        assert launched(SURVEY, {key: value for key, value in OPERATION.items() if key != name})[1]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"variable": "gate scope"}, "a blank"),
        ({"variable": "gate_region"}, "twice"),
        ({"required": "true"}, "required"),
        ({"type": "choice"}, "no type"),
        ({"max": "1024"}, "max is not an integer"),
        ({"choices": []}, "no choices"),
        ({"default": "everywhere"}, "not an answer"),
        ({"type": "integer", "default": "0"}, "not an answer"),
        ({"type": "integer", "default": True}, "not an answer"),
        ({"type": "text", "min": 20}, "not an answer"),
    ],
)
def test_what_awx_would_not_take_is_seen(change, fault):
    spec = [{**one, **change} if one["variable"] == "gate_scope" else one for one in SURVEY["spec"]]
    (told,) = faults_of({**SURVEY, "spec": spec})
    assert fault in told
