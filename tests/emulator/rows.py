# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of results, as AWS shapes them: one at a time, or thousands from a compact description. Pure; Python 3.10+."""

from __future__ import annotations

import hashlib

# Spreads the ids over all that there could be, so that some begin with zeros: they are not numbers.
_ACCOUNT_STEP = 618033988751  # shares no factor with 10**12: the first 10**12 ids differ
REGIONS = [
    "eu-west-1", "us-east-1", "eu-central-1", "us-west-2", "ap-southeast-2", "eu-north-1", "us-east-2",
    "ap-northeast-1", "ca-central-1", "sa-east-1", "us-west-1", "eu-west-2", "eu-west-3", "ap-south-1",
    "ap-northeast-2", "ap-southeast-1", "ap-northeast-3", "eu-south-1", "af-south-1", "me-south-1",
]  # fmt: skip
CANCELLED_REASON = "Cancelled since failure tolerance has exceeded"
FAILED_REASONS = (
    "Account {account} should have 'AWSCloudFormationStackSetExecutionRole' role with trust relationship to Role"
    " 'AWSCloudFormationStackSetAdministrationRole'.",
    "ResourceLogicalId:Bucket, ResourceType:AWS::S3::Bucket, ResourceStatusReason:"
    "audit-{account}-{region} already exists.",
)
_COUNTED = ("FAILED", "CANCELLED", "RUNNING", "PENDING")
_KNOWN = {
    "accounts", "regions", "count", "seed", "reasons", "organizational_units", "account_gate",
    *(status.lower() for status in _COUNTED),
}  # fmt: skip


def row(account, region="eu-west-1", status="SUCCEEDED", reason=None, gate="SKIPPED", unit=None):
    """One row. What is None is left out; gate is the account gate's status."""
    made = {"Account": account, "Region": region, "Status": status}
    if reason is not None:
        made["StatusReason"] = reason
    if gate is not None:
        made["AccountGateResult"] = {"Status": gate}
        if gate == "SKIPPED":
            made["AccountGateResult"]["StatusReason"] = (
                f"Function not found: arn:aws:lambda:{region}:{account}:function:AWSCloudFormationStackSetAccountGate"
            )
    if unit is not None:
        made["OrganizationalUnitId"] = unit
    return made


def account_ids(number):
    """That many different account ids, the same ones each time, some with leading zeros."""
    return [f"{(index + 1) * _ACCOUNT_STEP % 10**12:012d}" for index in range(number)]


def generate(description):
    """The rows that a description stands for: the same description gives the same rows, on any Python."""
    if not isinstance(description, dict):
        raise ValueError(" must be an object.")
    unknown = sorted(set(description) - _KNOWN)
    if unknown:
        raise ValueError(f".{unknown[0]} is not known here. Known: {', '.join(sorted(_KNOWN))}.")
    accounts = description.get("accounts", 1)
    if isinstance(accounts, int):
        accounts = account_ids(_whole(description, "accounts", 1))
    else:
        accounts = _texts(description, "accounts")
    regions = description.get("regions", 1)
    if isinstance(regions, int):
        if _whole(description, "regions", 1) > len(REGIONS):
            raise ValueError(f".regions must be {len(REGIONS)} or less, or a list of names.")
        regions = REGIONS[:regions]
    else:
        regions = _texts(description, "regions")
    reasons = _texts(description, "reasons", FAILED_REASONS)
    units = _texts(description, "organizational_units", [None])
    gated = description.get("account_gate", True)
    if not isinstance(gated, bool):
        raise ValueError(".account_gate must be true or false.")

    targets = [(account, region, units[at % len(units)]) for at, account in enumerate(accounts) for region in regions]
    if description.get("count") is not None:
        targets = targets[: _whole(description, "count")]
    statuses = _statuses(description, len(targets))
    made = []
    failed = 0
    for (account, region, unit), status in zip(targets, statuses, strict=True):
        reason = None
        if status == "FAILED":
            reason = reasons[failed % len(reasons)].replace("{account}", account).replace("{region}", region)
            failed += 1
        elif status == "CANCELLED":
            reason = CANCELLED_REASON
        gate = "SKIPPED" if gated and status != "CANCELLED" else None
        made.append(row(account, region, status, reason, gate, unit))
    return made


def _statuses(description, total):
    wanted = [status for status in _COUNTED for unused in range(_whole(description, status.lower(), 0))]
    if len(wanted) > total:
        raise ValueError(
            f": failed, cancelled, running and pending add up to {len(wanted)}, but there are {total} rows."
        )
    statuses = ["SUCCEEDED"] * total
    # A digest, not random.shuffle: the order must be the same on both sides of the wire, whatever their Pythons.
    seed = description.get("seed", 0)
    order = sorted(range(total), key=lambda at: hashlib.sha256(f"{seed}:{at}".encode()).digest()) if wanted else []
    for at, status in zip(order, wanted, strict=False):
        statuses[at] = status
    return statuses


def _whole(description, name, default=None):
    value = description.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f".{name} must be a whole number, 0 or more.")
    return value


def _texts(description, name, default=None):
    value = description.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, list) or not value or not all(isinstance(text, str) for text in value):
        raise ValueError(f".{name} must be a list of one or more strings.")
    return value
