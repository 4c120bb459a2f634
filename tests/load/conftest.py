# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator and Ansible's commands as the integration tests have them, with more time."""

from __future__ import annotations

import pytest
from integration.conftest import emulator, server
from integration.helpers.ansible_commands import Ansible

__all__ = ["emulator", "server"]

TIMEOUT = 2400  # seconds until a command counts as hung


@pytest.fixture
def ansible(tmp_path, emulator):
    """Ansible's commands, with the emulator's credentials in the environment."""
    return Ansible(tmp_path, emulator, timeout=TIMEOUT)


def pytest_collection_modifyitems(items):
    """The longest, which mostly waits for throttled calls, begins first: the others go on beside it."""
    items.sort(key=lambda item: "all_of_them_arrive" not in item.name)
