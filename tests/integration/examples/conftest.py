# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The nodes of the example workflow, with variables and artifacts carried as AWX carries them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from integration.helpers.awx_jobs import Job, run_job
from integration.helpers.awx_variables import write_extra_vars

PROJECT = Path(__file__).resolve().parents[3] / "examples" / "awx"


@pytest.fixture
def job(ansible, tmp_path):
    """A job of AWX's, through ansible-runner: its playbook, and its extra variables."""

    def run(playbook="gate.yml", project=PROJECT, **extra_vars):
        number = len(list(tmp_path.glob("job-*")))
        return run_job(tmp_path / f"job-{number}", project, playbook, extra_vars, ansible.environment)

    return run


@pytest.fixture
def play(ansible, tmp_path):
    """The same without ansible-runner, where its events are not looked at: much faster, and on every ansible-core."""

    def run(playbook="gate.yml", *words, project=PROJECT, **extra_vars):
        given = ("-e", write_extra_vars(tmp_path / "extra_vars", extra_vars), *words)
        ran = ansible.book(project / playbook, *given, ANSIBLE_SHOW_CUSTOM_STATS="true")
        stats = ran.output.partition("\tRUN: ")[2]
        return Job(ran.code == 0, [], ran.output, json.JSONDecoder().raw_decode(stats)[0] if stats else {})

    return run


@pytest.fixture
def calls(tmp_path, ansible):
    """The calls of the AWS CLI, which is replaced by a stand-in, for the emulator changes nothing: op-1, op-2, ..."""
    calls = tmp_path / "calls"
    calls.touch()
    stand_in = tmp_path / "bin" / "aws"
    stand_in.parent.mkdir()
    told = shlex.quote(str(calls))
    stand_in.write_text(
        f"""#!/bin/sh\necho "$*" >> {told}\necho '{{"OperationId": "'op-$(($(wc -l < {told})))'"}}'\n"""
    )
    stand_in.chmod(0o755)
    ansible.environment["PATH"] = f"{stand_in.parent}:{ansible.environment['PATH']}"
    return calls
