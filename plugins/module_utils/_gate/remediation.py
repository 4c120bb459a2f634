# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What to do where a gate is closed: what to wait for or accept, where to look, what to retry. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from .._rows.types import TERMINAL_STATUSES
from .._text import one_line
from .model import Decision, Missing, MissingKind, Rule, Verdict

_COMMANDS_LIMIT = 600  # characters of the commands that a message shows

# The console's host by the names that a partition's Regions have. Those of the iso partitions are not public.
_CONSOLES = {
    r"cn-[a-z]+-[0-9]+": "console.amazonaws.cn",
    r"[a-z]{2}-[a-z]+-[0-9]+": "console.aws.amazon.com",
    r"us-gov-[a-z]+-[0-9]+": "console.amazonaws-us-gov.com",
    r"eusc-[a-z]+-[a-z]+-[0-9]+": "console.amazonaws-eusc.eu",
}

# UpdateStackInstances serves an update, and also a creation: the stack instances exist from its first moment on.
_SUBCOMMANDS = {
    "CREATE": "update-stack-instances",
    "UPDATE": "update-stack-instances",
    "DELETE": "delete-stack-instances",
}


def console_url(region: str | None, stack_set_id: str | None, operation_id: str | None) -> str | None:
    """The operation's page in AWS's console; None where one of the three, or the console's host, is not known."""
    if not region or not stack_set_id or not operation_id:
        return None
    host = next((host for name, host in _CONSOLES.items() if re.fullmatch(name, region)), None)
    if host is None:
        return None
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
    """The AWS CLI's commands that do an operation again for retry targets, one for each group of them.

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


def remedy(missing: Missing, decision: Decision, operation_id: str | None, in_filter: bool = False) -> str:
    """How to come to know what is missing, or to do without it."""
    remedies = _REMEDIES_OF_FILTER if in_filter else _REMEDIES
    named = f" with operation_id={one_line(operation_id, 130)}" if operation_id else ""
    return remedies.get(missing.option or missing.what, _NO_REMEDY).format(
        again=f"run the task again{named}", named=named, unaccounted=decision.counts["unaccounted"]
    )


# By the option that waits for it or accepts it, or else by what is missing.
_REMEDIES: dict[str | MissingKind, str] = {
    "wait_timeout": "Raise wait_timeout, or {again}; it only reads.",
    "settle_timeout": "Set wait=true and raise settle_timeout, or {again} later; it only reads.",
    "max_unaccounted": (
        "Raise settle_timeout, or {again} later. If AWS's count and the results never agree, check the operation in the"
        " console, and accept the difference with max_unaccounted={unaccounted}."
    ),
    "max_drifted": "Set max_drifted for a drift detection, and omit it for other operations.",
    "operation_id": "Set the operation_id of the intended one.",
    MissingKind.ROWS: "Set whole_reading=true, or {again} later; it only reads.",
    MissingKind.WHOLE: "Set expected_results, or pass the result of operation_results_info.",
    MissingKind.ROWS_OPERATION: "Pass the result of operation_results_info, or set gate(operation=...).",
    MissingKind.ERROR: "The message says what to do.",
    MissingKind.INTERRUPTED: "To resume, {again}; it only reads.",
}
_ASK_THE_MODULE = "Use the module operation_gate{named}, which waits for that."
_REMEDIES_OF_FILTER: dict[str | MissingKind, str] = {
    **_REMEDIES,
    MissingKind.ROWS: "Read all rows, without statuses, max_items and starting_token.",
    "wait_timeout": _ASK_THE_MODULE,
    "settle_timeout": _ASK_THE_MODULE,
    "max_unaccounted": (
        f"{_ASK_THE_MODULE} If AWS's count and the results never agree, check the operation in the console, and accept"
        " the difference with max_unaccounted={unaccounted}."
    ),
}
_NO_REMEDY = "Check the operation in the console, and try a newer version of this collection."


def next_step(
    decision: Decision,
    operation: Mapping[str, Any] | None,
    operation_id: str | None,
    retry_commands: Sequence[str],
    no_targets: str | None,
    in_filter: bool,
) -> str:
    """What to do where the gate did not pass; empty where it did, or where an error says it itself.

    ``no_targets``: why what to retry is not known; None where it is. ``in_filter``: by the filter, over given rows.
    """
    if decision.passed or decision.ended_by(MissingKind.ERROR):
        return ""  # an error says itself what to do
    if decision.verdict is Verdict.INCONCLUSIVE:
        ways = list(dict.fromkeys(remedy(missing, decision, operation_id, in_filter) for missing in decision.missing))
        return "Next: " + " ".join(ways[:2])
    rules = {violation.rule for violation in decision.violations}
    steps = []
    if rules & _BROKEN_BY_FAILURES:
        steps.append(_retry_step(decision, operation or {}, retry_commands, no_targets, in_filter))
    steps += [step for rule, step in _STEPS.items() if rule in rules]
    return "Next: " + " ".join(dict.fromkeys(steps))


_BROKEN_BY_FAILURES = frozenset(
    {Rule.ACCEPT_OPERATION_STATUSES, Rule.MAX_FAILED, Rule.MAX_FAILED_PERCENTAGE, Rule.MAX_CANCELLED}
)
RETRY = "fix the cause, then start the operation again for the targets in retry_targets."
_COMPARE_TARGETS = (
    "compare the results, which operation_results_info returns, with the intended accounts and Regions. Correct the"
    " operation's targets or the number."
)
_STEPS = {
    Rule.EXPECTED_RESULTS: _COMPARE_TARGETS,
    Rule.MIN_RESULTS: _COMPARE_TARGETS,
    Rule.ALLOW_EMPTY: (
        "check the operation's targets: its organizational units may be empty, or the ignore rules too broad. Set"
        " allow_empty=true only if no results are expected."
    ),
    Rule.MAX_DRIFTED: (
        "list the drifted stack instances, which results do not show, with aws cloudformation list-stack-instances"
        " --filters Name=DRIFT_STATUS,Values=DRIFTED. Update them, or raise max_drifted."
    ),
}


def _retry_step(
    decision: Decision,
    operation: Mapping[str, Any],
    retry_commands: Sequence[str],
    no_targets: str | None,
    in_filter: bool,
) -> str:
    status, counts = one_line(operation.get("status"), 40), decision.counts
    if operation.get("status") not in TERMINAL_STATUSES:
        return f"fix the cause. Retry the failed targets after the operation has ended; it is {status}."
    if not counts["failed"] and not counts["cancelled"]:
        return f"check in the console why the operation is {status}, fix that, and start it again."
    if operation.get("action") == "DETECT_DRIFT":
        return "fix the cause, then start the drift detection again for all targets."
    if in_filter:
        return "fix the cause, then retry the failed targets, which the filter retry_targets groups."
    if no_targets:
        return f"fix the cause, then start the operation again. retry_targets is null because {no_targets}."
    if not retry_commands:
        return RETRY
    commands = " ; ".join(retry_commands)
    if len(commands) <= _COMMANDS_LIMIT:
        return f"fix the cause, then retry only these targets: {commands} ."
    return "fix the cause, then run the commands in retry_commands."
