# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ``ansible`` and ``ansible-playbook``, against the emulator over HTTP."""

from __future__ import annotations

import pytest
from ansible_commands import Ansible
from emulator.client import Emulator


@pytest.fixture(scope="session")
def server():
    """The emulator, as other tests left it."""
    with Emulator() as running:
        yield running


@pytest.fixture
def emulator(server):
    """The emulator, without scripts, faults and log of other tests."""
    server.reset()
    return server


@pytest.fixture(scope="session")
def aws(server):
    """A boto3 client that sends each call once, and sends it as it is told."""
    from emulator_calls import client_of

    return client_of(server)


@pytest.fixture
def ansible(tmp_path, emulator):
    """Ansible's commands, with the emulator's credentials in the environment."""
    return Ansible(tmp_path, emulator)
