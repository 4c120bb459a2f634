# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the emulator and scripts it. Standard library only, Python 3.10+: it runs where moto cannot be."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from emulator import rows as _rows
from emulator.rows import account_ids, row

__all__ = ["Emulator", "EmulatorError", "ScriptError", "account_ids", "operation", "row", "rows", "variables"]

RESULTS = "ListStackSetOperationResults"
_TESTS = str(Path(__file__).resolve().parent.parent)
# Whatever the caller's environment says about AWS or about a proxy must not reach a test.
_FOREIGN = ("AWS_", "BOTO", "MOTO_", "EC2_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class EmulatorError(Exception):
    """The emulator did not start, or does not answer."""


class ScriptError(EmulatorError):
    """The emulator refused a script."""


def rows(**description):
    """The rows that {"generate": description} makes in the emulator."""
    return _rows.generate(description)


def operation(operation_id="op-1", status="SUCCEEDED", **script):
    """The script of an operation."""
    return {"operation_id": operation_id, "status": status, **script}


def variables(facts):
    """The environment variables that send AWS calls to the emulator that has printed these facts."""
    return {
        "AWS_ACCESS_KEY_ID": facts["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": facts["secret_access_key"],
        "AWS_REGION": facts["region"],
        "AWS_DEFAULT_REGION": facts["region"],
        "AWS_URL": facts["endpoint_url"],
        "AWS_ENDPOINT_URL": facts["endpoint_url"],
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


class Emulator:
    """One emulator process, which ends with the block, or with this process."""

    def __init__(self, python=None, start_timeout=120):
        self._python = python or os.environ.get("STACKGATE_EMULATOR_PYTHON") or sys.executable
        self._start_timeout = start_timeout
        self._process = None
        self._errors = None
        self.facts = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *unused):
        self.stop()

    def start(self):
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - stop() closes it
        environ = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
        # Not the caller's PYTHONPATH: it may be another Python's.
        environ["PYTHONPATH"] = _TESTS
        command = [self._python, "-m", "emulator"]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, env=environ, cwd=_TESTS
            )
        except OSError as error:
            self._errors.close()
            raise EmulatorError(f"The emulator could not be started with {self._python}: {error}") from error
        line = self._first_line()
        try:
            self.facts = json.loads(line)
        except ValueError:
            self._process.kill()
            code = self._process.wait()
            said = self.stderr().strip() or "(nothing)"
            self.stop()
            raise EmulatorError(
                f"The emulator did not start (it had {self._start_timeout} seconds)."
                f" Command: {' '.join(command)} in {_TESTS}; exit code {code}; first line {line!r}; its errors:\n{said}"
            ) from None
        return self

    def _first_line(self):
        lines = []
        reader = threading.Thread(target=lambda: lines.append(self._process.stdout.readline()), daemon=True)
        reader.start()
        reader.join(self._start_timeout)
        return lines[0].decode(errors="replace") if lines else ""

    def stop(self):
        """End it; its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        process.stdin.close()
        # Closing is not enough where a forked child of ours still holds the other end.
        for end in (process.terminate, process.kill):
            try:
                process.wait(30)  # a busy machine takes long to end a process
                break
            except subprocess.TimeoutExpired:
                end()
        code = process.wait()
        process.stdout.close()
        self._errors.close()
        return code

    def stderr(self):
        """What it has written to its standard error so far."""
        # pread, because the position in the file is the writing process's too.
        return os.pread(self._errors.fileno(), 1_000_000, 0).decode(errors="replace")

    @property
    def endpoint_url(self):
        return self.facts["endpoint_url"]

    @property
    def region(self):
        return self.facts["region"]

    def env(self):
        """The variables that send a child process's AWS calls here."""
        return variables(self.facts)

    def full_env(self, base=None):
        """A whole environment for a child process: base (this process's) without what it says of AWS, and env()."""
        base = os.environ if base is None else base
        kept = {
            name: value
            for name, value in base.items()
            if not name.startswith(_FOREIGN) and name.lower() not in _PROXIES
        }
        return {**kept, **self.env()}

    def stack_set(self, name, operations, **script):
        """Script a stack set (in the place of one of that name); its id. One operation need not be in a list."""
        if isinstance(operations, dict):
            operations = [operations]
        return self._control("PUT", "", {"name": name, "operations": operations, **script})["stack_set_id"]

    def fault(self, action=RESULTS, times=1, when=None, stack_set_name=None, **fault):
        """Script a fault: fault(error="Throttling", times=3, when={"page": 40}). times=None: forever."""
        body = {"action": action, "times": times, "when": when or {}, "stack_set_name": stack_set_name, "fault": fault}
        self._control("POST", "/faults", body)

    def heal(self):
        """Forget the faults, and nothing else: tokens stay good."""
        self._control("DELETE", "/faults")

    def log(self, action=None):
        """The calls so far, in order; of one action, or all."""
        return [entry for entry in self._control("GET", "/log") if action in (None, entry["action"])]

    def clear_log(self):
        self._control("DELETE", "/log")

    def reset(self):
        """Forget all: scripts, faults, tokens, the log, and what was made with moto's own calls."""
        self._control("POST", "/reset")

    def _control(self, method, path, body=None):
        if self._process is None:
            raise EmulatorError("The emulator is not running.")
        # Not urllib: it minds proxies, and reads all of the system's certificates each time.
        url = urlsplit(self.facts["control_url"] + path)
        connection = http.client.HTTPConnection(url.netloc, timeout=60)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(method, url.path, sent, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise EmulatorError(f"The emulator does not answer: {error!r}. Its errors:\n{self.stderr()}") from error
        finally:
            connection.close()
        if answer.status == 200:
            return json.loads(said)
        with contextlib.suppress(ValueError, KeyError):
            said = json.loads(said)["error"]
        raise (ScriptError if answer.status == 400 else EmulatorError)(said)
