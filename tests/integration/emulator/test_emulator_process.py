# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator is on this machine only, and goes when it is no longer needed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from emulator.client import Emulator, EmulatorError
from integration.helpers.emulator_calls import TESTS, eventually

pytestmark = pytest.mark.emulator_process


def test_it_listens_on_this_machine_only(server):
    port = int(server.endpoint_url.rpartition(":")[2])
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    # All of 127/8 is this machine; what listens on every address listens there too.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)


def test_a_child_gets_this_emulator_and_nothing_else_of_aws(server, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "real")
    monkeypatch.setenv("AWS_PROFILE", "real")
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:3128")
    made = server.full_env()
    assert made["AWS_ENDPOINT_URL"] == made["AWS_URL"] == server.endpoint_url
    assert made["PATH"] == os.environ["PATH"]
    assert not {"AWS_SESSION_TOKEN", "AWS_PROFILE", "HTTP_PROXY"} & set(made)
    assert server.env().items() <= made.items()


def test_it_ends_when_its_stdin_ends_and_with_sigterm(server):
    other = subprocess.Popen(
        [sys.executable, "-m", "emulator"], cwd=TESTS, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other, Emulator() as stopped:
        facts = [server.facts, stopped.facts, json.loads(other.stdout.readline())]
        # All that stop() does, unless it has to wait for long, is to close stdin.
        assert stopped.stop() == 0
        os.kill(facts[2]["pid"], signal.SIGTERM)
        assert other.wait(120) == 0
        assert other.stdout.read() == b""
    for fact in ("endpoint_url", "access_key_id", "secret_access_key", "pid"):
        assert len({one[fact] for one in facts}) == 3


def test_it_ends_when_its_parent_is_killed_though_its_stdin_stays_open():
    # The pipe is held by this test, so that only the parent's end can be the reason.
    reading, writing = os.pipe()
    code = (
        "import subprocess, sys, time\n"
        "started = subprocess.Popen([sys.executable, '-m', 'emulator'], stdin=int(sys.argv[1]))\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(reading)], stdout=subprocess.PIPE, cwd=TESTS, pass_fds=[reading]
    )
    try:
        facts = json.loads(parent.stdout.readline())
        port = int(facts["endpoint_url"].rpartition(":")[2])
        assert answers_at(port)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    # init, or whoever takes in orphans, may be slow to bury it: what counts is that it no longer answers.
    eventually(lambda: not answers_at(port))
    os.close(reading)
    os.close(writing)


def test_a_start_that_fails_says_why(tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no moto here >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(EmulatorError, match=r"(?s)exit code 3.*no moto here"):
        Emulator(python=str(broken)).start()
    with pytest.raises(EmulatorError, match="could not be started with /nowhere/python"):
        Emulator(python="/nowhere/python").start()


def answers_at(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
