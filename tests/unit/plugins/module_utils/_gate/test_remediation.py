# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where to look at an operation, and the commands that do again what it did not do."""

from __future__ import annotations

import shlex

import boto3
import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_operation
from ansible_collections.stackgate.stacksets.plugins.module_utils._gate.remediation import console_url, retry_commands

SESSION = boto3.session.Session()
UNIQUE = "org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
ACCOUNTS = ("111122223333", "444455556666")
REGIONS = ("eu-west-1", "us-east-1")


def target(accounts=ACCOUNTS, regions=REGIONS, unit=None):
    return {"accounts": accounts, "regions": regions, "organizational_unit_id": unit}


def commands(*targets, action="UPDATE", name="org-baseline", call_as="SELF", region="eu-west-1", **more):
    operation = normalise_operation({"Action": action, **more})
    return retry_commands(targets, operation, name, call_as, region)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "eu-west-1.console.aws.amazon.com"),
        ("us-east-1", "us-east-1.console.aws.amazon.com"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("eusc-de-east-1", "eusc-de-east-1.console.amazonaws-eusc.eu"),
    ],
)
def test_the_console_is_that_of_the_partition(region, host):
    assert console_url(region, UNIQUE, "5d1f-op") == (
        f"https://{host}/cloudformation/home?region={region}"
        "#/stacksets/org-baseline%3A8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a/operations/5d1f-op"
    )


HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-eusc": "console.amazonaws-eusc.eu",
}


@pytest.mark.parametrize("partition", SESSION.get_available_partitions())
def test_every_region_that_the_sdk_knows_has_its_console_or_none(partition):
    for region in SESSION.get_available_regions("cloudformation", partition):
        url = console_url(region, UNIQUE, "5d1f-op")
        host = HOSTS.get(partition)
        assert (url or "").startswith(f"https://{region}.{host}/") if host else url is None


@pytest.mark.parametrize("region", ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eu-west-1.evil.example", "x"])
def test_a_console_that_nobody_knows_is_not_guessed(region):
    assert console_url(region, UNIQUE, "5d1f-op") is None


@pytest.mark.parametrize("known", [(None, UNIQUE, "op"), ("eu-west-1", None, "op"), ("eu-west-1", UNIQUE, None)])
def test_a_page_that_is_not_known_is_not_guessed(known):
    assert console_url(*known) is None


def test_nothing_in_a_link_can_lead_elsewhere():
    url = console_url("eu-west-1", "a/../b?c#d e", "op/../\x1b")
    assert "#/stacksets/a%2F..%2Fb%3Fc%23d%20e/operations/op%2F..%2F%1B" in url


def test_what_is_no_text_has_a_link_all_the_same():
    assert console_url("eu-west-1", "a\ud800", "op").endswith("#/stacksets/a%3F/operations/op")


@pytest.mark.parametrize("action", ["UPDATE", "CREATE"])
def test_an_update_and_a_creation_are_done_again_by_an_update(action):
    assert commands(target(), action=action) == [
        "aws cloudformation update-stack-instances --stack-set-name org-baseline --accounts 111122223333 444455556666"
        " --regions eu-west-1 us-east-1 --region eu-west-1"
    ]


@pytest.mark.parametrize(
    ("retain", "flag"), [(True, "--retain-stacks"), (False, "--no-retain-stacks"), (None, "--no-retain-stacks")]
)
def test_a_deletion_is_done_again_with_the_same_word_on_the_stacks(retain, flag):
    (command,) = commands(target(), action="DELETE", RetainStacks=retain)
    words = shlex.split(command)
    assert words[2] == "delete-stack-instances"
    assert [word for word in words if "retain" in word] == [flag]


def test_an_update_says_nothing_of_retaining():
    assert "retain" not in commands(target(), RetainStacks=True)[0]


@pytest.mark.parametrize("action", ["DETECT_DRIFT", "INVENTED_TOMORROW", None])
def test_what_takes_no_targets_has_no_command(action):
    assert commands(target(), action=action) == []


def test_targets_of_an_organizational_unit_are_an_intersection_with_it():
    words = shlex.split(commands(target(unit="ou-ab12-1a2b3c4d"))[0])
    assert "--accounts" not in words
    assert words[:3] == ["aws", "cloudformation", "update-stack-instances"]
    assert words[words.index("--deployment-targets") + 1] == (
        "OrganizationalUnitIds=ou-ab12-1a2b3c4d,Accounts=111122223333,444455556666,AccountFilterType=INTERSECTION"
    )


def test_the_aws_cli_reads_such_targets_as_lists():
    shorthand = pytest.importorskip("awscli.shorthand")
    words = shlex.split(commands(target(unit="ou-ab12-1a2b3c4d"))[0])
    assert shorthand.ShorthandParser().parse(words[words.index("--deployment-targets") + 1]) == {
        "OrganizationalUnitIds": "ou-ab12-1a2b3c4d",
        "Accounts": list(ACCOUNTS),
        "AccountFilterType": "INTERSECTION",
    }


def test_every_group_has_its_command_in_order():
    pair = commands(target(["1"]), target(["2"]))
    assert [shlex.split(command)[6] for command in pair] == ["1", "2"]


@pytest.mark.parametrize("targets", [None, []])
def test_no_targets_are_no_commands(targets):
    assert retry_commands(targets, normalise_operation({"Action": "UPDATE"}), "a", "SELF", None) == []


def test_a_delegate_stays_one_and_an_unknown_region_is_left_out():
    (command,) = commands(target(), call_as="DELEGATED_ADMIN", region=None)
    assert command.endswith("--regions eu-west-1 us-east-1 --call-as DELEGATED_ADMIN")


def test_what_strangers_wrote_stays_one_word_of_the_shell():
    nasty = ["1; rm -rf ~", "$(id)", "`id`", "a'b", "two words\n"]
    (command,) = commands(target(nasty, ["r & x"]))
    words = shlex.split(command)
    assert words[words.index("--accounts") + 1 : words.index("--regions")] == nasty
    assert words[words.index("--regions") + 1] == "r & x"
