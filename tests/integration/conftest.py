# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ``ansible`` and ``ansible-playbook``, the collection installed as users do, against the emulator over HTTP."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from integration.helpers.ansible_commands import Ansible
from integration.helpers.fork_server import ForkServers
from emulator.client import Emulator

CHECKOUT = Path(__file__).resolve().parents[2]


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
    from integration.helpers.emulator_calls import client_of

    return client_of(server)


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """What `make build` makes of the checkout."""
    place = tmp_path_factory.mktemp("archive")
    _galaxy("build", str(CHECKOUT), "--output-path", str(place))
    (built,) = place.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def collections(archive, tmp_path_factory):
    """A tree with the collection installed from its archive, beside amazon.aws."""
    root = tmp_path_factory.mktemp("collections")
    # By force, for the checkout is installed too, as far as ansible-galaxy can see.
    _galaxy("install", str(archive), "--force", "--no-deps", "--collections-path", str(root))
    amazon = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "amazon"
    (root / "ansible_collections" / "amazon").symlink_to(amazon, target_is_directory=True)
    return root


def _galaxy(*words):
    command = [str(Path(sys.executable).parent / "ansible-galaxy"), "collection", *words]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(scope="session")
def servers():
    """Processes that have imported Ansible and boto3, from which each command is forked."""
    with ForkServers() as started:
        yield started


@pytest.fixture
def ansible(tmp_path, emulator, collections, servers):
    """Ansible's commands, with the emulator's credentials in the environment."""
    ansible = Ansible(tmp_path, emulator, servers)
    ansible.environment["ANSIBLE_COLLECTIONS_PATH"] = str(collections)
    return ansible
