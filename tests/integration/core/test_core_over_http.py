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

from ansible_collections.stackgate.stacksets.plugins.module_utils._options import paging_options, stack_set_options
from ansible_collections.stackgate.stacksets.plugins.module_utils._stack_sets import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._validate import request

DEFAULTS = {name: option.get("default") for name, option in {**stack_set_options(), **paging_options()}.items()}
MANY = {"accounts": 620, "regions": 20, "count": 12345, "failed": 900, "cancelled": 300}
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
        return read_results(client, request({**defaults, **options}), no_warning).reading

    return read


@pytest.fixture
def aws_cli(emulator):
    """The AWS CLI's answer to list-stack-set-operation-results as JSON."""
    pytest.importorskip("awscli", reason="the AWS CLI is not installed in this environment")

    def run(*options):
        command = [sys.executable, "-m", "awscli", "cloudformation", "list-stack-set-operation-results"]
        names = ["--stack-set-name", "org-baseline", "--operation-id", "op-1", "--output", "json"]
        ran = subprocess.run(
            [*command, *names, "--endpoint-url", emulator.endpoint_url, *options],
            env={**emulator.full_env(), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return json.loads(ran.stdout)

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
    expected = rows(**description)
    reading = read(page_size=size)
    assert reading.rows == expected
    pages = [call["page"] for call in emulator.log("ListStackSetOperationResults")]
    assert pages == list(range(1, -(-len(expected) // size) + 1))


def test_empty_pages_and_a_late_end_lose_nothing(emulator, read):
    emulator.stack_set("org-baseline", [operation("op-1", generate=FEW)])
    emulator.fault(empty_pages=3, when={"page": 2})
    assert read(page_size=50).rows == rows(**FEW)


@pytest.mark.parametrize("status", [None, "FAILED"])
def test_the_cli_has_the_same_rows_and_takes_our_tokens_and_we_take_its(emulator, read, aws_cli, status):
    emulator.stack_set("org-baseline", [operation("op-1", generate=FEW)])
    ours = {"statuses": [status]} if status else {}
    theirs = ["--filters", f"Name=OPERATION_RESULT_STATUS,Values={status}"] if status else []
    everything = read(**ours).rows
    assert aws_cli(*theirs)["Summaries"] == everything
    # Ours, cut in the middle of a page and at its end, then theirs; and the other way round.
    for limit, size in ((13, 10), (20, 10)):
        first = read(max_items=limit, page_size=size, **ours)
        rest = aws_cli("--starting-token", first.next_token, "--page-size", str(size), *theirs)
        assert first.rows + rest["Summaries"] == everything
        cut = aws_cli("--max-items", str(limit), "--page-size", str(size), *theirs)
        again = read(starting_token=cut["NextToken"], page_size=size, **ours)
        assert cut["Summaries"] + again.rows == everything


def test_module_lookup_and_cli_have_the_same_rows(ansible, emulator, aws_cli):
    emulator.stack_set("org-baseline", [operation("op-1", generate={**FEW, "reasons": ["one", "two"]})])
    play = ansible.play(
        """
        - name: Module
          stackgate.stacksets.operation_results_info:
            stack_set_name: org-baseline
            operation_id: op-1
          register: read
        - name: Keep
          keep: read.operation_results
          as: module
        - name: Lookup
          keep: query('stackgate.stacksets.operation_results', 'org-baseline', operation_id='op-1')
          as: lookup
        """
    )
    assert play.code == 0, play.output
    snake = [
        ("account", "Account"),
        ("region", "Region"),
        ("status", "Status"),
        ("status_reason", "StatusReason"),
    ]
    cli = [{ours: row.get(theirs) for ours, theirs in snake} for row in aws_cli()["Summaries"]]
    assert len(cli) == 120
    for rows_of_ours in (play.kept["module"], play.kept["lookup"]):
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
