# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that reports, on every ansible-core: inputs, refusals, the files, and the statistic that it hands on."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import pytest
import yaml
from emulator.client import operation
from integration.helpers.awx_jobs import RESULT_LIMIT, run_job

CHECKOUT = Path(__file__).resolve().parents[3]
(PLAYBOOK,) = yaml.safe_load((CHECKOUT / "playbooks/report.yml").read_text())
INPUTS = PLAYBOOK["vars"]["stackset_report_inputs"]
ASKED = {"report_stack_set_name": "org-baseline"}
NAMES = {"html": "report.html", "markdown": "report.md", "junit": "report.junit.xml", "csv": "report.csv"}


@pytest.fixture
def run(run_playbook):
    """Run it with these words of the command line and extra variables."""
    return partial(run_playbook, "report")


def shown(ran):
    """The lines that the last task shows, none where it is skipped."""
    last = ran.output.partition("TASK [Show the headline and the files]")[2].partition("PLAY RECAP")[0]
    return json.JSONDecoder().raw_decode(last.partition("=> ")[2])[0]["msg"] if "=> " in last else []


def scripted(emulator, **generate):
    generate = {"accounts": 20, "regions": 2, "failed": 3, **generate}
    emulator.stack_set("org-baseline", operation("op-1", generate=generate, failed_stack_instances_count="auto"))


def test_it_writes_where_it_was_started_and_hands_the_report_on(run, emulator, inventory, tmp_path, collections):
    """Every empty input counts as not given, as a survey leaves it."""
    scripted(emulator)
    ran = run(*inventory, **{**dict.fromkeys(INPUTS, ""), **ASKED, "report_region": "eu-west-1"})
    assert ran.code == 0, ran.output
    place = tmp_path / "stackset_report"
    assert ran.statistic == {
        "stack_set_name": "org-baseline",
        "operation_id": "op-1",
        "operation_status": "SUCCEEDED",
        "headline": "3 of 40 results failed",
        "summary": ran.statistic["summary"],
        "markdown": (place / "report.md").read_text(),
        "files": {form: f"{place}/{name}" for form, name in NAMES.items()},
        "message": None,
    }
    assert "https://eu-west-1.console.aws.amazon.com/" in ran.statistic["markdown"]
    assert ran.statistic["summary"]["total"] == 40
    assert ran.statistic["summary"]["by_status"]["FAILED"] == 3
    assert {path.name for path in place.iterdir()} == set(NAMES.values())
    assert list(collections.rglob("stackset_report")) == []
    assert shown(ran) == ["3 of 40 results failed", f"{place}/report.html, report.md, report.junit.xml, report.csv"]


def test_it_writes_whatever_tags_are_asked_for(run, emulator, tmp_path):
    scripted(emulator)
    ran = run("--tags", "deploy", **ASKED)
    assert ran.code == 0, ran.output
    assert {path.name for path in (tmp_path / "stackset_report").iterdir()} == set(NAMES.values())
    assert ran.statistic["message"] is None


@pytest.mark.once
def test_inputs_may_be_text_of_the_command_line(run, emulator, tmp_path, ansible):
    scripted(emulator, reasons=[letter * 300 for letter in "abcdefghijkl"], accounts=30, failed=20)
    words = "report_formats='html, csv' report_dest=made/of_it report_max_length=2100 report_name=one report_mode=0600"
    ran = run("-e", words, **ASKED)
    assert ran.code == 0, ran.output
    place = tmp_path / "made" / "of_it"
    assert ran.statistic["files"] == {"html": f"{place}/one.html", "csv": f"{place}/one.csv"}
    assert {path.name for path in place.iterdir()} == {"one.html", "one.csv"}
    assert (place / "one.csv").stat().st_mode & 0o777 == 0o600
    assert shown(ran)[1] == f"{place}/one.html, one.csv"
    assert 1000 < len(ran.statistic["markdown"]) <= 2100
    ran = run("--check", **ASKED, report_dest="~/reports of it", report_formats="csv")
    home = Path(ansible.environment["HOME"])
    assert ran.statistic["files"] == {"csv": f"{home}/reports of it/report.csv"}
    assert shown(ran) == ["20 of 60 results failed", "Check mode: no files are written."]


@pytest.mark.once
def test_the_inputs_are_the_options_of_the_role_that_are_no_rows():
    spec = yaml.safe_load((CHECKOUT / "roles/report/meta/argument_specs.yml").read_text())
    options = spec["argument_specs"]["main"]["options"]
    assert set(INPUTS) == set(options) - {"report_result", "report_operation"}
    assert [name for name in options if name in INPUTS] == INPUTS


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Set report_stack_set_name."),
        pytest.param({"report_stack_set_name": ""}, "Set report_stack_set_name", marks=pytest.mark.once),
        (
            {**ASKED, "report_format": "html"},
            "report_format is not an input of this playbook. Correct or remove it. The inputs are report_account_names",
        ),
        pytest.param(
            {**ASKED, "report_result": [], "report_operation": {}},
            "report_operation, report_result are not inputs of this playbook. Correct or remove them.",
            marks=pytest.mark.once,
        ),
        ({**ASKED, "report_formats": "pdf"}, "report_formats has pdf. Set one or more of html"),
        pytest.param({**ASKED, "report_account_names": {"7": "x"}}, "Set a dict of", marks=pytest.mark.once),
    ],
)
def test_bad_input_fails_before_any_call_and_the_next_node_knows(run, emulator, tmp_path, given, said):
    scripted(emulator)
    ran = run(**given)
    assert ran.code == 2
    assert said in ran.statistic["message"]
    assert [ran.statistic[key] for key in ("headline", "markdown", "summary", "files")] == [None, None, None, {}]
    assert ran.output.count("FAILED!") == 1
    assert shown(ran) == []
    assert emulator.log() == []
    assert not (tmp_path / "stackset_report").exists()


@pytest.mark.once
def test_a_refusal_of_aws_is_the_message(run, emulator, tmp_path):
    scripted(emulator)
    emulator.fault("DescribeStackSetOperation", error="AccessDenied", message="no", times=None)
    ran = run(**ASKED)
    assert ran.code == 2
    assert "Access denied" in ran.statistic["message"]
    assert shown(ran) == []
    assert not (tmp_path / "stackset_report").exists()


def test_a_reading_that_breaks_fails_and_hands_on_what_it_has(run, emulator, tmp_path):
    scripted(emulator, accounts=300, regions=1)
    emulator.fault(error="AccessDenied", message="no longer", when={"page": 3}, times=None)
    ran = run(**ASKED, report_formats="csv")
    assert ran.code == 2
    assert "Access denied" in ran.statistic["message"]
    assert "The reading failed" in ran.statistic["markdown"]
    assert ran.statistic["summary"]["total"] == 200
    assert set(ran.statistic["files"]) == {"csv"}
    headline = "2 of 200 results failed; other results were not read"
    assert shown(ran) == [headline, f"{tmp_path}/stackset_report/report.csv"]
    assert ran.statistic["headline"] == headline
    assert ran.statistic["operation_id"] == "op-1"
    assert ran.output.count("FAILED!") == 1


@pytest.mark.once
def test_a_directory_that_can_not_be_written_is_the_message(run, emulator, tmp_path):
    scripted(emulator)
    (tmp_path / "taken").write_text("a file")
    ran = run(**ASKED, report_dest="taken")
    assert ran.code == 2
    assert "taken" in ran.statistic["message"]
    assert ran.statistic["files"] == {}
    (tmp_path / "stackset_report" / "report.csv" / "report.csv").mkdir(parents=True)
    ran = run(**ASKED, report_formats="csv")
    assert ran.code == 2
    assert "dir as dest" in ran.statistic["message"]
    assert (shown(ran), ran.statistic["files"]) == ([], {})
    assert ran.statistic["markdown"].startswith("### ")


@pytest.mark.once
def test_in_check_mode_behind_a_gate_nothing_is_made_and_a_report_of_the_gates_operation_is_handed_on(
    run, emulator, tmp_path
):
    scripted(emulator)
    handed_on = {"stack_set_name": "org-baseline", "operation_id": "op-1", "call_as": "SELF"}
    # Variables of a job template, which AWX does not mark as data.
    asked = {f"report_{name}": f"{{{{ stackset_gate.{name} }}}}" for name in handed_on}
    ran = run("--check", "-e", json.dumps(asked), stackset_gate=handed_on)
    assert ran.code == 0, ran.output
    assert (ran.statistic["stack_set_name"], ran.statistic["operation_id"]) == ("org-baseline", "op-1")
    assert ran.statistic["markdown"].startswith("### ")
    assert set(ran.statistic["files"]) == set(NAMES)
    assert not (tmp_path / "stackset_report").exists()


# The path is in the environment, for it may have quotes.
HOSTILE = "{{ lookup('pipe', 'touch \"$TOUCHED\"') }} {% for x in y %} {# #} \x85\u202e {{{{ '{{' }} <script>"
# It changes what begins a template, in the text that it stands at the beginning of.
HEADER = (
    "#jinja2:variable_start_string:'[[',variable_end_string:']]'\n[[ lookup('pipe', 'touch \"$TOUCHED\"') ]] of another"
)


def test_a_reason_is_no_template_for_this_playbook_or_the_next(run, emulator, tmp_path, ansible):
    ansible.environment["TOUCHED"] = str(tmp_path / "touched")
    row = {"Account": "111122223333", "Status": "FAILED"}
    rows = [
        {**row, "Region": "eu-west-1", "StatusReason": HOSTILE},
        {**row, "Region": "eu-west-2", "StatusReason": HEADER},
    ]
    emulator.stack_set("org-baseline", operation("op-1", rows=rows, failed_stack_instances_count=2))
    ran = run(**ASKED, report_formats="csv")
    assert ran.code == 0, ran.output
    assert "lookup('pipe'" in ran.statistic["markdown"]
    assert not re.search(r"\{[{%#]|#jinja2:", json.dumps(ran.statistic))
    (tmp_path / "artifacts.json").write_text(json.dumps({"stackset_report": ran.statistic}))
    play = ansible.play(
        [{"name": "Keep", "keep": "stackset_report", "as": "report"}], "-e", f"@{tmp_path / 'artifacts.json'}"
    )
    assert play.kept["report"] == ran.statistic
    assert not (tmp_path / "touched").exists()


@pytest.mark.once
@pytest.mark.parametrize("longest", [2000, 100_000])
def test_the_statistic_has_its_bound_whatever_the_reasons_are(run, emulator, tmp_path, longest):
    reasons = [letter + "{" * 250 for letter in "abcdefghijklmnopqrstuvwxyz"]
    scripted(emulator, accounts=30, failed=26, reasons=reasons)
    ran = run(**ASKED, report_max_length=longest, report_formats="markdown")
    assert ran.code == 0, ran.output
    text = ran.statistic["markdown"]
    assert 1000 < len(text) <= 4000
    # Whole, not cut in the middle of a code span.
    assert "\n\nNot shown: " in text
    assert text.count("`") % 2 == 0
    written = (tmp_path / "stackset_report" / "report.md").read_text()
    assert (len(written) > 4000) is (longest > 4000)
    assert "{{" in written


@pytest.fixture
def job(ansible, tmp_path):
    def job(**extra_vars):
        return run_job(tmp_path / "job", CHECKOUT / "examples/awx", "report.yml", extra_vars, ansible.environment)

    return job


@pytest.mark.once
def test_a_job_of_awx_hands_the_report_on_and_its_events_are_small_whatever_is_read(job, emulator):
    rows = [
        {
            "Account": f"{100_000_000_000 + 7 * (number // 10)}",
            "Region": f"eu-west-{number % 10}",
            "Status": "FAILED",
            "StatusReason": f"{chr(97 + number % 26) * 900}",
        }
        for number in range(1000)
    ]
    # More than AWX keeps of one result, so that there would be a warning, and a hundred times what an event may have.
    assert len(json.dumps(rows)) > 1.4 * RESULT_LIMIT
    emulator.stack_set("org-baseline", operation("op-1", rows=rows, failed_stack_instances_count="auto"))
    ran = job(**ASKED, report_dest="")
    assert ran.succeeded, ran.output[-3000:]
    handed_on = ran.artifacts["stackset_report"]
    assert handed_on["summary"]["by_status"]["FAILED"] == 1000
    assert handed_on["markdown"].startswith("### ")
    assert handed_on["message"] is None
    sizes = [len(json.dumps(event)) for event in ran.events]
    print(f"1,000 failures: largest event {max(sizes):,} characters, artifact {len(json.dumps(ran.artifacts)):,}")
    # Less than an account's id or a Region of each row would take.
    assert max(sizes) < 10_000
    assert len(json.dumps(ran.artifacts)) < 10_000
    assert "WARNING" not in ran.output
    html = Path(handed_on["files"]["html"])
    assert html.read_text().lower().startswith("<!doctype html>")


@pytest.mark.once
def test_a_job_of_awx_with_a_survey_that_was_left_empty_fails_with_what_to_do(job):
    ran = job(report_stack_set_name="")
    assert not ran.succeeded
    assert "Set report_stack_set_name" in ran.artifacts["stackset_report"]["message"]
