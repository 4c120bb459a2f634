# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX starts them: ansible-runner over a project, an inventory that is a script, extra variables as data."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from integration.helpers.awx_variables import write_extra_vars

RESULT_LIMIT = 700_000  # characters of one task's result that AWX keeps
_INVENTORY = """\
#! /usr/bin/env python3
print('{"all": {"hosts": ["localhost"]}, "_meta": {"hostvars": {"localhost": {}}}}')
"""
_ENVIRONMENT = {
    "ANSIBLE_FORCE_COLOR": "True",
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "MAX_EVENT_RES": str(RESULT_LIMIT),
    "JOB_ID": "1",
}


class Job(NamedTuple):
    """What AWX has of a job: whether it succeeded, its events in their order, what they print, its artifacts."""

    succeeded: bool
    events: list[dict[str, Any]]
    output: str
    artifacts: dict[str, Any]

    def result(self, task: str, event: str = "runner_on_ok") -> dict[str, Any]:
        """The result that the event of a task has."""
        (found,) = [one for one in self.events if one["event"] == event and one["event_data"].get("task") == task]
        return found["event_data"]["res"]


def run_job(
    directory: Path,
    project: Path,
    playbook: str,
    extra_vars: Mapping[str, Any],
    environment: Mapping[str, str],
) -> Job:
    """One job in a new directory of its own. ``extra_vars`` are data there, and never templates."""
    shutil.copytree(project, directory / "project")
    inventory = directory / "inventory" / "hosts"
    inventory.parent.mkdir()
    inventory.write_text(_INVENTORY)
    inventory.chmod(0o700)
    (directory / "env").mkdir()
    told = {"awx_job_id": 1, "awx_job_launch_type": "workflow", "awx_user_name": "admin", **extra_vars}
    write_extra_vars(directory / "env" / "extravars", told)
    (directory / "env" / "settings").write_text(json.dumps({"job_timeout": 300, "idle_timeout": 0}))
    ran = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-runner"), "run", str(directory), "-p", playbook, "--ident", "1"],
        env={**environment, **_ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    events = [json.loads(path.read_text()) for path in (directory / "artifacts" / "1" / "job_events").glob("*-*.json")]
    events.sort(key=lambda event: event["counter"])
    assert events, ran.stdout + ran.stderr
    (last,) = [event for event in events if event["event"] == "playbook_on_stats"]
    output = "\n".join(event["stdout"] for event in events)
    return Job(ran.returncode == 0, events, output, last["event_data"].get("artifact_data", {}))
