# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The core over real HTTP: page sizes, and the AWS CLI's rows and tokens."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

boto3 = pytest.importorskip("boto3")

from emulator.client import operation, rows

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_row
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.options import (
    stack_set_options,
)

DEFAULTS = {name: option.get("default") for name, option in stack_set_options().items()}
MANY = {"accounts": 62, "regions": 20, "count": 1234, "failed": 90, "cancelled": 30}
FEW = {"accounts": 40, "regions": 3, "failed": 31}


def no_warning(text):
    raise AssertionError(text)


@pytest.fixture
def read(emulator):
    client = boto3.session.Session().client(
        "cloudformation",
        region_name=emulator.region,
        endpoint_url=emulator.endpoint_url,
        aws_access_key_id=emulator.facts["access_key_id"],
        aws_secret_access_key=emulator.facts["secret_access_key"],
    )

    def read(**options):
        defaults = {**DEFAULTS, "stack_set_name": "org-baseline", "operation_id": "op-1"}
        return read_results(client, read_request({**defaults, **options}), no_warning).reading

    return read


# What `aws` calls, for each of several command lines, without another Python's start for each.
SEVERAL = """
import json, sys
from awscli.clidriver import create_clidriver
for words in json.load(sys.stdin):
    code = create_clidriver().main(words)
    if code:
        sys.exit(code)
"""


def expected_rows(**description):
    return list(map(normalise_row, rows(**description)))


@pytest.fixture
def aws_cli(emulator):
    """The AWS CLI's answers to list-stack-set-operation-results, one for each of these lists of options."""
    pytest.importorskip("awscli", reason="the AWS CLI is not installed in this environment")

    def run(*several):
        words = ["cloudformation", "list-stack-set-operation-results", "--endpoint-url", emulator.endpoint_url]
        words += ["--stack-set-name", "org-baseline", "--operation-id", "op-1", "--output", "json"]
        ran = subprocess.run(
            [sys.executable, "-c", SEVERAL],
            env={**emulator.full_env(), "PATH": os.environ["PATH"]},
            input=json.dumps([[*words, *options] for options in several]),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        answers, rest = [], ran.stdout.lstrip()
        while rest:
            answer, end = json.JSONDecoder().raw_decode(rest)
            answers.append(answer)
            rest = rest[end:].lstrip()
        assert len(answers) == len(several)
        return answers

    return run


@pytest.mark.parametrize(
    ("description", "size"),
    [
        (FEW, 1),
        pytest.param(MANY, 7, marks=pytest.mark.once),
        pytest.param(MANY, 99, marks=pytest.mark.once),
        (MANY, 100),
    ],
)
def test_every_result_arrives_once_for_any_page_size(emulator, read, description, size):
    emulator.stack_set("org-baseline", [operation("op-1", generate=description)])
    expected = expected_rows(**description)
    reading = read(page_size=size)
    assert reading.rows == expected
    pages = [call["page"] for call in emulator.log("ListStackSetOperationResults")]
    assert pages == list(range(1, -(-len(expected) // size) + 1))


def test_empty_pages_and_a_late_end_lose_nothing(emulator, read):
    emulator.stack_set("org-baseline", [operation("op-1", generate=FEW)])
    emulator.fault(empty_pages=3, when={"page": 2})
    assert read(page_size=50).rows == expected_rows(**FEW)


@pytest.mark.parametrize("status", [None, "FAILED"])
def test_the_cli_has_the_same_rows_and_takes_our_tokens_and_we_take_its(emulator, read, aws_cli, status):
    emulator.stack_set("org-baseline", [operation("op-1", generate=FEW)])
    ours = {"statuses": [status]} if status else {}
    theirs = ["--filters", f"Name=OPERATION_RESULT_STATUS,Values={status}"] if status else []
    everything = read(**ours).rows
    # Cut in the middle of a page and at its end: ours, and then theirs; and the other way round.
    limits, paged = (13, 20), ["--page-size", "10", *theirs]
    cuts_of_ours = [read(max_items=limit, page_size=10, **ours) for limit in limits]
    rests = [["--starting-token", cut.next_token, *paged] for cut in cuts_of_ours]
    cuts = [["--max-items", str(limit), *paged] for limit in limits]
    answers = aws_cli(theirs, *rests, *cuts)
    whole, *parts = [list(map(normalise_row, answer["Summaries"])) for answer in answers]
    assert whole == everything
    for first, rest in zip(cuts_of_ours, parts[:2], strict=True):
        assert first.rows + rest == everything
    for answer, first in zip(answers[3:], parts[2:], strict=True):
        rest = read(starting_token=answer["NextToken"], page_size=10, **ours)
        assert first + rest.rows == everything


def test_module_lookup_and_cli_have_the_same_rows(ansible, emulator, aws_cli):
    emulator.stack_set("org-baseline", [operation("op-1", generate={**FEW, "reasons": ["one", "two"]})])
    asked = {"operation_id": "op-1"}
    module = ansible.module({"stack_set_name": "org-baseline", **asked}).result["operation_results"]
    lookup = ansible.lookup("org-baseline", **asked).result["rows"]
    snake = [
        ("account", "Account"),
        ("region", "Region"),
        ("status", "Status"),
        ("status_reason", "StatusReason"),
    ]
    cli = [{ours: row.get(theirs) for ours, theirs in snake} for row in aws_cli([])[0]["Summaries"]]
    assert len(cli) == 120
    for rows_of_ours in (module, lookup):
        assert [{name: row[name] for name, _theirs in snake} for row in rows_of_ours] == cli


def test_several_statuses_cut_and_resumed_over_http(emulator, read):
    emulator.stack_set("org-baseline", [operation("op-1", generate={**FEW, "cancelled": 17})])
    asked = {"statuses": ["FAILED", "CANCELLED"]}
    everything, parts, token = read(**asked).rows, [], None
    assert len(everything) == 48
    while True:
        part = read(max_items=9, page_size=4, starting_token=token, **asked)
        parts += part.rows
        token = part.next_token
        if token is None:
            break
    assert parts == everything
