# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's playbooks as a job template runs them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from integration.helpers.awx_variables import write_extra_vars


class Ran(NamedTuple):
    """How a playbook of the collection went: exit code, what it printed, and the statistic that it handed on."""

    code: int
    output: str
    statistic: dict[str, Any]


@pytest.fixture
def run_playbook(ansible, tmp_path):
    """Run a playbook of the collection, by its name, with words of the command line and extra variables as of AWX."""

    def run(name, *words, **extra_vars):
        given = ("-e", write_extra_vars(tmp_path / "extra_vars", extra_vars), *words)
        play = ansible.book(f"stackgate.stacksets.{name}", *given, ANSIBLE_SHOW_CUSTOM_STATS="true")
        stats = play.output.partition("RUN: ")[2]
        return Ran(play.code, play.output, json.JSONDecoder().raw_decode(stats)[0][f"stackset_{name}"])

    return run


@pytest.fixture
def inventory(tmp_path):
    """One that has a localhost of its own, which the playbook must not take for its own."""
    hosts = tmp_path / "hosts"
    hosts.write_text("localhost ansible_connection=ssh ansible_python_interpreter=/nowhere\n")
    return ("-i", str(hosts))
