# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stack sets of the demo, each with one operation, and commands that read them. Standard library only."""

from __future__ import annotations

from emulator.client import operation

# An operation that AWS calls SUCCEEDED because its failure tolerance (5) was not exceeded.
BASELINE = operation(
    "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e",
    "SUCCEEDED",
    creation_timestamp="2026-11-02T08:15:00Z",
    fields={"OperationPreferences": {"FailureToleranceCount": 5}},
    generate={
        "accounts": 40,
        "regions": ["eu-west-1", "us-east-1", "ap-southeast-2"],
        "failed": 3,
        "reasons": [
            "ResourceLogicalId:Trail, ResourceType:AWS::CloudTrail::Trail, "
            "ResourceStatusReason:User is not authorized to perform cloudtrail:CreateTrail"
        ],
    },
)
# A larger one that ran into its tolerance, so that AWS cancelled what had not begun.
LOGGING = operation(
    "c0ffee00-7a51-4e0b-8f0e-2b1d4c6a8e90",
    "FAILED",
    creation_timestamp="2026-11-02T09:30:00Z",
    generate={
        "accounts": 1500,
        "regions": ["eu-west-1", "us-east-1", "ap-southeast-2"],
        "failed": 12,
        "cancelled": 340,
        "organizational_units": ["ou-ab12-workload", "ou-ab12-sandbox1", "ou-ab12-security"],
        "reasons": [
            "Account {account} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to "
            "Role 'AWSCloudFormationStackSetAdministrationRole'.",
            "ResourceLogicalId:Bucket, ResourceType:AWS::S3::Bucket, ResourceStatusReason:The bucket already exists",
        ],
    },
)
# One that begins when it is first described, is RUNNING for two calls, and then SUCCEEDED with failures inside.
_TARGETS = {"accounts": 60, "regions": ["eu-west-1", "us-east-1"], "failed": 3, "reasons": ["Access denied"]}
ROLLOUT = operation(
    "7be1a0d4-53c6-4f9e-9a41-0c2d3e4f5a6b",
    "QUEUED",
    rows=[],
    states=[
        {"after_calls": 1, "status": "RUNNING", "generate": {**_TARGETS, "running": 80}},
        {"after_calls": 3, "status": "SUCCEEDED", "generate": _TARGETS},
    ],
)
STACK_SETS = {"org-baseline": BASELINE, "org-logging": LOGGING, "org-rollout": ROLLOUT}

# The sentence of a result, and no more of it.
AD_HOC = (
    "ansible localhost -m stackgate.stacksets.operation_results_info"
    """ -a 'stack_set_name=org-baseline statuses=FAILED' | grep '^    "msg"'"""
)
