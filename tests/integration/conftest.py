# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ``ansible`` and ``ansible-playbook``, the collection installed as users do, against the emulator over HTTP."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest
from emulator.client import Emulator
from integration.helpers.ansible_commands import Ansible
from integration.helpers.fork_server import ForkServers

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
def made_once(tmp_path_factory, worker_id):
    """A directory of this name that ``make(directory)`` has filled, once for all workers of pytest-xdist."""
    place = tmp_path_factory.getbasetemp()
    place = place if worker_id == "master" else place.parent

    def made_once(name, make):
        made = place / f"{name}.made"
        with (place / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                (place / name).mkdir()
                make(place / name)
                made.touch()
        return place / name

    return made_once


@pytest.fixture(scope="session")
def installed(made_once):
    """A directory with what `make build` makes of the checkout, and with the tree that it is installed in."""
    return made_once("installed", _build_and_install)


def _build_and_install(place):
    _galaxy("build", str(CHECKOUT), "--output-path", str(place / "archive"))
    # By force, for the checkout is installed too, as far as ansible-galaxy can see.
    root = str(place / "collections")
    (built,) = (place / "archive").iterdir()
    _galaxy("install", str(built), "--force", "--no-deps", "--collections-path", root)
    amazon = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"]) / "ansible_collections" / "amazon"
    (place / "collections" / "ansible_collections" / "amazon").symlink_to(amazon, target_is_directory=True)


@pytest.fixture(scope="session")
def archive(installed):
    """What `make build` makes of the checkout."""
    (built,) = (installed / "archive").glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def collections(installed):
    """A tree with the collection installed from its archive, beside amazon.aws."""
    return installed / "collections"


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
    return Ansible(tmp_path, emulator, servers, collections)


@pytest.fixture
def ansible_processes(tmp_path, emulator, collections):
    """As ``ansible``, and slower: each command, and each module of a playbook, is a process of its own."""
    return Ansible(tmp_path, emulator, collections=collections)
