# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an inventory refuses, before any call; errors of AWS, roles, and no credential in whatever is shown."""

from __future__ import annotations

import configparser
import os
import re
import textwrap
from pathlib import Path

import pytest
from emulator.client import operation, row
from integration.helpers.call_recorder import recorded
from integration.helpers.inventory_files import configuration, hosts_of, one_line, several, shown

CHECKOUT = Path(__file__).resolve().parents[3]
FAILING = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
SETTINGS = (FAILING, {"ANSIBLE_HOST_PATTERN_MISMATCH": "error"})
PAGES = ("docs/docsite/rst/guide_inventory.rst", "examples/failed_accounts/operation_results.yml")


@pytest.fixture
def baseline(emulator):
    rows = [row("111122223333", status="FAILED"), row("000000000001", "us-east-1")]
    emulator.stack_set("org-baseline", [operation("op-1", rows=rows)])
    return emulator


UNIQUE_ID = "org-arn:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
REFUSED = {
    "no stack set": ({"stack_set_name": None}, "stack_set_name"),
    "a wrong name": ({"stack_set_name": "under_score"}, "stack_set_name 'under_score' is not the name"),
    "another Region's": (
        {"stack_set_name": "arn:aws:cloudformation:us-east-1:111122223333:stackset/" + UNIQUE_ID},
        "Set region to us-east-1",
    ),
    "a template that fails": ({"stack_set_name": "{{ nowhere }}"}, "stack_set_name is a template that fails"),
    "a template of a Region": ({"region": "{{ nowhere }}"}, "region is a template that fails"),
    "an id with a blank": ({"operation_id": "op-1 "}, "operation_id 'op-1 ' is not an operation ID"),
    "a large page": ({"page_size": 101}, "page_size is 101. Set 1 to 100"),
    "no time": ({"reading_timeout": 0}, "reading_timeout is 0. Set seconds, 1 or more"),
    "a status in small letters": ({"statuses": ["failed"]}, "statuses"),
    "another caller": ({"call_as": "ME"}, "call_as"),
    "an unknown option": ({"max_items": 3}, "No such option: max_items. The options are access_key"),
    "a number for an account": ({"account_names": {1: "x"}}, "account_names has 1, which is not an account ID"),
    "a stack set named no": ({"stack_set_name": False}, "stack_set_name is False, not a string: YAML reads no as that"),
    "an id that is octal": ({"operation_id": 83}, "operation_id is 83, not a string: YAML reads 0123 as that"),
    "an account named no": ({"account_names": {"111122223333": False}}, "has False as the name of 111122223333"),
    "no configuration of the SDK's": ({"aws_config": {"retries": 5}}, "aws_config is rejected by the SDK"),
    "a profile and keys": ({"profile": "x", "access_key": "y"}, "Passing both a profile and access tokens"),
}  # fmt: skip


@pytest.mark.once
def test_what_is_refused_before_any_call(ansible, baseline, tmp_path):
    role = {"assume_role_arn": "arn:aws:iam::111122223333:role/reader"}
    asked = {f"case-{number}-": {**role, **given} for number, (given, _said) in enumerate(REFUSED.values())}
    with recorded(baseline.endpoint_url) as (url, calls):
        ran = several(ansible, tmp_path, asked, AWS_URL=url, AWS_ENDPOINT_URL=url)
    # A source that is refused is a warning, unless that is to be an error.
    parts = one_line(ran).split("Failed to parse ")
    for name, (what, (_given, message)) in zip(asked, REFUSED.items(), strict=True):
        assert any(name in part and message in part for part in parts), what
    assert "Traceback" not in ran.stderr
    assert calls == []


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        (["AWS_REGION", "AWS_DEFAULT_REGION"], "requires a region and none was found"),
        (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "No AWS credentials were found"),
    ],
)
def test_what_the_connection_lacks_is_said(ansible, baseline, tmp_path, missing, message):
    ran = ansible.inventory(configuration(tmp_path), **FAILING, **dict.fromkeys(missing))
    assert ran.returncode != 0
    assert message in one_line(ran)
    assert "Traceback" not in ran.stderr
    assert baseline.log() == []


def test_an_error_in_the_middle_leaves_no_hosts_and_fails_where_that_is_asked_for(ansible, emulator, tmp_path):
    emulator.stack_set("org-baseline", [operation("op-1", generate={"accounts": 30, "regions": 1})])
    emulator.fault(error="ExpiredToken", status=403, message="expired", when={"page": 2}, times=None)
    path = configuration(tmp_path, page_size=20, cache=True)
    said = "20 rows were read before the error. Set operation_id=op-1 and starting_token="
    ran = ansible.inventory(path)
    assert ran.returncode == 0
    for words in ("The credentials have expired", said, "operation_results_info returns such rows"):
        assert words in one_line(ran), ran.stderr
    assert "eu-west-1" not in ran.stdout
    assert "Traceback" not in ran.stderr
    assert "An error occurred (ExpiredToken)" not in ran.stderr, "the SDK's error behind ours"
    play = ansible.play(
        [{"name": "Run", "ansible.builtin.ping": {}}], "-i", str(path), play={"hosts": "all"}, **FAILING
    )
    assert play.code != 0
    assert "PLAY [" not in play.output


@pytest.mark.once
def test_it_calls_what_the_security_guide_allows(ansible, emulator, tmp_path):
    asked = {"by-id": {"operation_id": "op-1"}, "latest": {}}
    for name in asked:
        emulator.stack_set(name, [operation("op-1", rows=[row("111122223333")])])
    several(ansible, tmp_path, {name: {"stack_set_name": name, **one} for name, one in asked.items()})
    read = {"DescribeStackSetOperation", "ListStackSetOperationResults"}
    called = {name: {call["action"] for call in emulator.log() if call["stack_set_name"] == name} for name in asked}
    assert called == {"by-id": read, "latest": read | {"ListStackSetOperations"}}


def test_a_role_is_assumed_and_reads(ansible, baseline, tmp_path):
    arn = "arn:aws:iam::111122223333:role/reader"
    own = baseline.facts["access_key_id"]
    with recorded(baseline.endpoint_url) as (url, calls):
        path = configuration(tmp_path, assume_role_arn=arn, endpoint_url=url)
        assert len(hosts_of(shown(ansible, path))) == 2
    assert [call.action for call in calls[:1]] == ["AssumeRole"]
    assert {call.action for call in calls[1:]} >= {"ListStackSetOperationResults"}
    assert calls[0].access_key == own
    assert own not in {call.access_key for call in calls[1:]}


@pytest.mark.once
def test_a_role_that_may_not_be_assumed_is_an_error_without_a_traceback(ansible, baseline, tmp_path):
    path = configuration(tmp_path, assume_role_arn="reader")
    ran = ansible.inventory(path, **FAILING)
    assert ran.returncode != 0
    assert "The role reader could not be assumed" in one_line(ran)
    assert "Traceback" not in ran.stderr
    assert baseline.log() == []


@pytest.mark.once
def test_nothing_that_is_shown_has_a_credential(ansible, baseline, tmp_path):
    token = "IQoJb3JpZ2luX2VjE" + "Abc123" * 40
    secrets = [baseline.facts["access_key_id"], baseline.facts["secret_access_key"], token]
    quoted = f"Credential={secrets[0]}/20261125/eu-west-1, x-amz-security-token:{token}"
    place = {"cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(tmp_path / "c")}
    outputs = []
    for code in (None, "SignatureDoesNotMatch"):
        if code:
            baseline.fault(error=code, message=quoted, times=None)
        for words in (["--list"], ["--graph", "--vars"]):
            path = configuration(tmp_path, cache=code is None, **place)
            ran = ansible.inventory(path, *words, "-vvvv", AWS_SESSION_TOKEN=token)
            outputs.append(ran.stdout + ran.stderr)
    assert "AWS does not accept the credentials" in " ".join(outputs[-1].split())
    kept = [file.read_text() for file in (tmp_path / "c").rglob("*") if file.is_file()]
    assert kept
    for secret in secrets:
        assert not any(secret in output for output in [*outputs, *kept])


def test_a_typo_leaves_a_play_without_hosts_and_the_guides_settings_make_it_fail(ansible, baseline, tmp_path):
    right = configuration(tmp_path)
    wrong_file = configuration(tmp_path, "operation_result.yml")
    wrong_stack_set = configuration(tmp_path, "wrong.operation_results.yml", stack_set_name="org-basline")

    def ran(group, *paths, **settings):
        words = [word for path in paths for word in ("-i", str(path))]
        return ansible.play([{"name": "Run", "ansible.builtin.ping": {}}], *words, play={"hosts": group}, **settings)

    play = ran("status_faild", wrong_file, wrong_stack_set, right)
    assert (play.code, "no hosts matched" in play.output) == (0, True), play.output
    for play in (
        ran("status_failed", wrong_file, **SETTINGS[0]),
        ran("status_failed", wrong_stack_set, **SETTINGS[0]),
        ran("status_faild", right, **SETTINGS[1]),
    ):
        assert (play.code, "PLAY [" in play.output) == (1, False), play.output
    # No result is PENDING, but the group's name is right.
    play = ran("status_pending", right, **SETTINGS[1])
    assert (play.code, "no hosts matched" in play.output) == (0, True), play.output


@pytest.mark.once
def test_the_guide_and_the_example_have_these_settings():
    guide, example = ((CHECKOUT / path).read_text() for path in PAGES)
    (block,) = re.findall(r"^\.\. code-block:: ini\n\n((?:    .*\n|\n)+)", guide, re.MULTILINE)
    shown = configparser.ConfigParser()
    shown.read_string(textwrap.dedent(block))
    assert dict(shown["inventory"]) == {"any_unparsed_is_failed": "true", "host_pattern_mismatch": "error"}
    for ((name, value),) in map(dict.items, SETTINGS):
        assert f"``{name}={value}``" in guide and f"{name}={value}" in example


@pytest.mark.once
def test_a_file_of_another_name_is_not_taken(ansible, baseline, tmp_path):
    path = configuration(tmp_path)
    other = path.with_name("accounts.yml")
    other.write_text(path.read_text())
    ran = ansible.inventory(other, **FAILING)
    assert ran.returncode != 0
    assert "could not be verified by inventory plugin" in one_line(ran)
    assert baseline.log() == []
    os.rename(other, path.with_name("my.operation_results.yaml"))
    assert len(hosts_of(shown(ansible, path.with_name("my.operation_results.yaml")))) == 2
