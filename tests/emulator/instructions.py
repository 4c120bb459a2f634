# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person who starts the emulator is told: lines to copy into another terminal, and commands to try there."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Any

from emulator import demo
from emulator.client import variables

# A terminal that was used with AWS may have these, which amazon.aws refuses beside keys, or would send with them.
_FOREIGN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")

_DEMO = f"""\
Then try:

{demo.AD_HOC}
ansible-playbook stackgate.stacksets.gate -e gate_stack_set_name=org-rollout \\
  -e gate_operation_id={demo.ROLLOUT["operation_id"]} -e gate_wait_sleep=2

There are {", ".join(list(demo.STACK_SETS)[:-1])} and org-rollout, whose operation starts when it is first read and ends
after some more reads. To see that again, restart the emulator."""
_EMPTY = """\
It has no stack sets. `make emulator ARGS=--demo` starts with the stack sets of the demo."""

STOP = "Press Ctrl-C to stop it."


def words(facts: dict[str, Any], with_demo: bool) -> str:
    """All of it, for the emulator with these facts."""
    return f"""\
Emulated CloudFormation StackSets, for this machine only: {facts["endpoint_url"]}

To use it, copy these lines into another terminal:

{exports(facts, Path(sys.executable).parent, os.environ.get("ANSIBLE_COLLECTIONS_PATH"))}

{_DEMO if with_demo else _EMPTY}
tests/emulator/README.md says how to script stack sets and faults with curl.

{STOP}"""


def exports(facts: dict[str, Any], programs: Path, collections: str | None) -> str:
    """Lines for a POSIX shell, in any directory. PATH is among them if ``programs`` is a directory with Ansible."""
    lines = []
    if (programs / "ansible-playbook").exists():
        lines.append(f'export PATH={shlex.quote(str(programs))}:"$PATH"')
    if collections:
        lines.append(f"export ANSIBLE_COLLECTIONS_PATH={shlex.quote(collections)}")
    lines += [f"export {name}={shlex.quote(value)}" for name, value in variables(facts).items()]
    return "\n".join([*lines, f"unset {' '.join(_FOREIGN)}"])
