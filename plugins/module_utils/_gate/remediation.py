# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Where to look at an operation, and how to do again what it did not do. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

# The console's host by the partition's Regions; all others are under the first.
_CONSOLES = {"": "console.aws.amazon.com", "us-gov-": "console.amazonaws-us-gov.com", "cn-": "console.amazonaws.cn"}

# UpdateStackInstances serves an update, and also a creation: the stack instances exist from its first moment on.
_SUBCOMMANDS = {
    "CREATE": "update-stack-instances",
    "UPDATE": "update-stack-instances",
    "DELETE": "delete-stack-instances",
}


def console_url(region: str | None, stack_set_id: str | None, operation_id: str | None) -> str | None:
    """The operation's page in AWS's console; None where one of the three is not known."""
    if not region or not stack_set_id or not operation_id:
        return None
    host = next(host for start, host in reversed(_CONSOLES.items()) if region.startswith(start))
    place, stack_set, operation = (
        quote(text, safe="", errors="replace") for text in (region, stack_set_id, operation_id)
    )
    path = f"stacksets/{stack_set}/operations/{operation}"
    return f"https://{place}.{host}/cloudformation/home?region={place}#/{path}"


def retry_commands(
    targets: Iterable[Mapping[str, Any]] | None,
    operation: Mapping[str, Any],
    stack_set_name: str,
    call_as: str,
    region: str | None,
) -> list[str]:
    """The AWS CLI's commands that do an operation (its fact) again for retry targets, one for each group of them.

    None are there for a DETECT_DRIFT: the API takes no targets for it.
    """
    subcommand = _SUBCOMMANDS.get(operation.get("action") or "")
    if not subcommand:
        return []
    return [
        shlex.join(_words(subcommand, target, operation, stack_set_name, call_as, region)) for target in targets or []
    ]


def _words(
    subcommand: str,
    target: Mapping[str, Any],
    operation: Mapping[str, Any],
    stack_set_name: str,
    call_as: str,
    region: str | None,
) -> list[str]:
    words = ["aws", "cloudformation", subcommand, "--stack-set-name", stack_set_name]
    unit, accounts = target["organizational_unit_id"], target["accounts"]
    if unit:
        # API: DeploymentTargets. INTERSECTION: of the unit's accounts, these.
        names = f"OrganizationalUnitIds={unit},Accounts={','.join(accounts)},AccountFilterType=INTERSECTION"
        words += ["--deployment-targets", names]
    else:
        words += ["--accounts", *accounts]
    words += ["--regions", *target["regions"]]
    if subcommand == "delete-stack-instances":
        words.append("--retain-stacks" if operation.get("retain_stacks") else "--no-retain-stacks")
    if call_as != "SELF":
        words += ["--call-as", call_as]
    if region:
        words += ["--region", region]
    return words
