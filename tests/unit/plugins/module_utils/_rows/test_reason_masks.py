# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reasons with one cause are alike once masked, and others are not."""

from __future__ import annotations

import pytest

from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.reason_masks import masked_reason


@pytest.mark.parametrize(
    ("one", "other", "masked"),
    [
        (
            "Account 111122223333 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to"
            " Role 'AWSCloudFormationStackSetAdministrationRole'.",
            "Account 444455556666 should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to"
            " Role 'AWSCloudFormationStackSetAdministrationRole'.",
            "Account <account> should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to"
            " Role 'AWSCloudFormationStackSetAdministrationRole'.",
        ),
        (
            "Role arn:aws:iam::111122223333:role/x/y is invalid.",
            "Role arn:aws-us-gov:iam::444455556666:role/zzz is invalid.",
            "Role <arn> is invalid.",
        ),
        ("Not in eu-west-1.", "Not in us-gov-east-1.", "Not in <region>."),
        ("Not in ap-southeast-2", "Not in me-central-1", "Not in <region>"),
        ("no zone us-east-1a left", "no zone eu-north-1c left", "no zone <region> left"),
        (
            "Request 1b4e28ba-2fa1-11d2-883f-0016d3cca427 failed",
            "Request 2c4e28ba-2fa1-11d2-883f-0016d3cca428 failed",
            "Request <uuid> failed",
        ),
        ("(Request ID: 4X2Z7Q9P1KJ3M5N8)", "(Request ID: 9A8B7C6D5E4F3G2H)", "(Request ID: <id>)"),
        ("bucket logs-0f3a9c1d2e4b exists", "bucket logs-1f3a9c1d2e4b exists", "bucket logs-<id> exists"),
        ("  spread\n over  lines ", "spread over lines", "spread over lines"),
    ],
)
def test_reasons_with_one_cause_are_alike_once_masked(one, other, masked):
    assert masked_reason(one) == masked_reason(other) == masked


def test_no_reason_is_an_empty_one():
    assert masked_reason(None) == ""


@pytest.mark.parametrize(
    "reason",
    [
        "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, ResourceStatusReason:Limit exceeded",
        "Cancelled since failure tolerance has exceeded",
        "12 of 20 stacks",
        "AWSCloudFormationStackSetExecutionRole is missing",
    ],
)
def test_what_tells_causes_apart_is_not_masked(reason):
    assert masked_reason(reason) == reason
