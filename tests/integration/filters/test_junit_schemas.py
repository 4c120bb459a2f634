# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JUnit report against the schemas of those who read it: Apache Ant's report, and Jenkins."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.once
xmlschema = pytest.importorskip("xmlschema", reason="xmlschema is not installed in this environment")

from emulator.client import operation
from integration.helpers.report_browser import JUNIT_SCHEMAS, read

from ansible_collections.stackgate.stacksets.plugins.filter.to_junit import FilterModule

to_junit = FilterModule().filters()["to_junit"]
MIXED = {"accounts": 8, "regions": 3, "failed": 4, "cancelled": 3, "running": 2, "pending": 1}
HOSTILE = "]]><x a=\"'&\x00\x1b\ufffe\ud800 -->"


@pytest.fixture(scope="module", params=["JUnit.xsd", "jenkins-junit.xsd"])
def schema(request):
    if not JUNIT_SCHEMAS.exists():
        pytest.skip("the schemas are not installed: there was no npm when this environment was made")
    return xmlschema.XMLSchema(JUNIT_SCHEMAS / request.param)


@pytest.fixture(scope="module")
def results(server):
    """What the emulator answers for an operation, by its status."""
    # Another test may have left a fault.
    server.reset()
    statuses = ("SUCCEEDED", "FAILED", "RUNNING")
    server.stack_set("org-baseline", [operation(f"op-{status}", status, generate=MIXED) for status in statuses])
    return {status: read(server, "org-baseline", f"op-{status}") for status in statuses}


@pytest.mark.parametrize("status", ["SUCCEEDED", "FAILED", "RUNNING"])
def test_results_of_the_emulator(schema, results, status):
    schema.validate(to_junit(results[status], region="eu-west-1"))


@pytest.mark.parametrize(
    "text", [HOSTILE, " ", "", None, "x" * 10_000], ids=["hostile", "blank", "empty", "null", "long"]
)
def test_rows_that_mean_no_good(schema, text):
    row = {
        **{"account": text, "region": text, "status": "FAILED", "status_reason": text},
        **{"account_gate_result": {"status": "FAILED", "status_reason": text}, "organizational_unit_id": text},
    }
    schema.validate(to_junit([row, {**row, "status": text}], stack_set_name=text, account_names={"111122223333": "x"}))


def test_no_rows(schema):
    schema.validate(to_junit([]))


def test_the_schemas_refuse_what_is_not_valid(schema):
    with pytest.raises(xmlschema.XMLSchemaValidationError):
        schema.validate(to_junit([]).replace("testcase", "test"))
