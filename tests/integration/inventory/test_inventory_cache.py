# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory's cache: the same hosts without a call, for the same question only, and never what was out of date."""

from __future__ import annotations

import json

import pytest
from emulator.client import operation, row
from integration.helpers.call_recorder import recorded
from integration.helpers.inventory_files import configuration, hosts_of, one_line, shown

GENERATE = {"accounts": 9, "regions": 2, "failed": 3, "organizational_units": ["ou-ab12-1a2b3c4d"]}
ROLE = "arn:aws:iam::111122223333:role/reader"


@pytest.fixture
def kept(tmp_path):
    """Options of a cache that outlives a command, in a place of this test."""
    return {
        "cache": True,
        "cache_plugin": "ansible.builtin.jsonfile",
        "cache_connection": str(tmp_path / "cache"),
    }


@pytest.fixture
def baseline(emulator):
    for name in ("org-baseline", "org-logging"):
        emulator.stack_set(name, [operation("op-1", generate={**GENERATE, "seed": len(name)})])
    return emulator


def entry(tmp_path):
    (file,) = (path for path in (tmp_path / "cache").iterdir() if path.is_file())
    return file


def flushed(ansible, path):
    """A play that reads the inventory anew; ansible-inventory of ansible-core 2.17 has no such option."""
    play = ansible.play([{"name": "Run", "ansible.builtin.ping": {}}], "-i", str(path), "--flush-cache")
    assert play.code == 0, play.output


def test_a_second_run_shows_the_same_and_calls_nothing(ansible, baseline, tmp_path, kept):
    hostile = "{{ lookup('ansible.builtin.pipe', 'touch " + str(tmp_path / "marker") + "') }}"
    rows = [row("111122223333", status="FAILED", reason=hostile), row("111122223334", unit="ou-ab12-1a2b3c4d")]
    baseline.stack_set("org-baseline", [operation("op-1", rows=rows)])
    path = configuration(
        tmp_path,
        **kept,
        account_names={"111122223333": "shop"},
        compose={"why": "stackset_status_reason"},
        groups={"shops": "stackset_account_name == 'shop'"},
    )
    first = [ansible.inventory(path, *words).stdout for words in (["--graph", "--vars"], ["--list"])]
    assert "@shops" in first[0] and "@status_failed" in first[0]
    calls = baseline.log()
    assert len([call for call in calls if call["action"] == "ListStackSetOperationResults"]) == 1
    again = [ansible.inventory(path, *words).stdout for words in (["--graph", "--vars"], ["--list"])]
    assert again == first
    content = entry(tmp_path).read_text()
    for mark in ("__ansible", "TrustedAsTemplate", "Origin"):
        assert mark not in content, "what is kept is plain data"
    play = ansible.play(
        [{"name": "Show", "ansible.builtin.debug": {"msg": "{{ why }} {{ stackset_status_reason }}"}}],
        "-i",
        str(path),
        play={"hosts": "status_failed"},
    )
    assert play.code == 0, play.output
    assert "{ { lookup(" in play.output
    assert baseline.log() == calls
    assert not (tmp_path / "marker").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("changed", "environment"),
    [
        ({"stack_set_name": "org-logging"}, {}),
        ({}, {"AWS_REGION": "us-west-2"}),
        ({"endpoint_url": "URL/"}, {}),
    ],
    ids=lambda given: ",".join(given) or "-",
)
def test_an_answer_to_another_question_is_not_used(ansible, baseline, tmp_path, kept, changed, environment):
    shown(ansible, configuration(tmp_path, **kept))
    baseline.clear_log()
    given = {name: value.replace("URL", baseline.endpoint_url) if name == "endpoint_url" else value
             for name, value in changed.items()}  # fmt: skip
    path = configuration(tmp_path, **kept, **given)
    inventory = shown(ansible, path, **environment)
    assert baseline.log("ListStackSetOperationResults"), "AWS was not asked"
    names = {variables["stackset_stack_set_name"] for variables in hosts_of(inventory).values()}
    assert names == {changed.get("stack_set_name", "org-baseline")}
    # And the new answer has taken the place of the old one.
    baseline.clear_log()
    assert shown(ansible, path, **environment) == inventory
    assert baseline.log() == []


@pytest.mark.once
def test_another_caller_or_profile_is_another_question(ansible, baseline, tmp_path, kept):
    shown(ansible, configuration(tmp_path, **kept))
    ran = ansible.inventory(configuration(tmp_path, **kept, call_as="DELEGATED_ADMIN"))
    assert "not a delegated administrator" in one_line(ran)
    assert "eu-west-1" not in ran.stdout
    no_keys = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    ran = ansible.inventory(configuration(tmp_path, **kept, profile="nobody"), **no_keys)
    assert "nobody" in one_line(ran)
    assert "eu-west-1" not in ran.stdout


@pytest.mark.once
def test_what_only_shapes_the_hosts_is_no_other_question(ansible, baseline, tmp_path, kept):
    shown(ansible, configuration(tmp_path, **kept))
    baseline.clear_log()
    inventory = shown(
        ansible, configuration(tmp_path, **kept, page_size=7, compose={"own": "'x'"}, account_names={"1" * 12: "x"})
    )
    assert {variables["own"] for variables in hosts_of(inventory).values()} == {"x"}
    assert baseline.log() == []


def test_a_flushed_cache_is_read_anew_and_kept_again(ansible, baseline, tmp_path, kept):
    path = configuration(tmp_path, **kept)
    before = shown(ansible, path)
    baseline.stack_set("org-baseline", [operation("op-2", generate={"accounts": 2, "regions": 1})])
    assert shown(ansible, path) == before
    flushed(ansible, path)
    baseline.clear_log()
    after = hosts_of(shown(ansible, path))
    assert {variables["stackset_operation_id"] for variables in after.values()} == {"op-2"}
    assert baseline.log() == []


@pytest.mark.once
def test_without_the_option_nothing_is_kept(ansible, baseline, tmp_path, kept):
    path = configuration(tmp_path, **{**kept, "cache": False})
    shown(ansible, path)
    shown(ansible, path)
    assert len(baseline.log("ListStackSetOperationResults")) == 2
    assert not (tmp_path / "cache").exists()


@pytest.mark.once
def test_what_a_later_reading_may_mend_is_not_kept_and_lets_nothing_older_come_back(ansible, baseline, tmp_path, kept):
    path = configuration(tmp_path, **kept)
    shown(ansible, path)
    baseline.stack_set("org-baseline", [operation("op-2", "RUNNING", generate=GENERATE)])
    flushed(ansible, path)
    baseline.clear_log()
    inventory = shown(ansible, path)
    assert baseline.log("ListStackSetOperationResults")
    assert {variables["stackset_operation_id"] for variables in hosts_of(inventory).values()} == {"op-2"}


@pytest.mark.once
def test_a_damaged_entry_is_read_anew(ansible, baseline, tmp_path, kept):
    path = configuration(tmp_path, **kept)
    before = shown(ansible, path)
    content = entry(tmp_path).read_text()
    for damage in (content[: len(content) // 2], "", without_a_region(content)):
        entry(tmp_path).write_text(damage)
        baseline.clear_log()
        assert shown(ansible, path) == before
        assert baseline.log("ListStackSetOperationResults"), damage
    baseline.clear_log()
    assert shown(ansible, path) == before
    assert baseline.log() == [], "what was read anew is kept"


def without_a_region(content):
    """An entry of which a row lacks its half, whatever Ansible's version has put around it."""
    whole = json.loads(content)
    data = whole.get("__payload__", whole)
    payload = json.loads(data) if isinstance(data, str) else data
    del payload["rows"][0]["region"]
    if "__payload__" not in whole:
        return json.dumps(payload)
    return json.dumps({**whole, "__payload__": json.dumps(payload) if isinstance(data, str) else payload})


def test_a_kept_answer_needs_no_role(ansible, baseline, tmp_path, kept):
    with recorded(baseline.endpoint_url) as (url, calls):
        path = configuration(tmp_path, **kept, assume_role_arn=ROLE, endpoint_url=url)
        before = shown(ansible, path)
        assert calls[0].action == "AssumeRole"
        calls.clear()
        assert shown(ansible, path) == before
        assert calls == []
