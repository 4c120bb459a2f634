# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real ``ansible`` and ``ansible-playbook``, as a user types them, sent to the emulator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from emulator.client import Emulator
from integration.helpers.fork_server import ForkServers

MODULE = "stackgate.stacksets.operation_results_info"
LOOKUP = "stackgate.stacksets.operation_results"


# What a controller sends beside a module's own arguments.
_CONTROLLER = {"_ansible_check_mode": False, "_ansible_no_log": False, "_ansible_verbosity": 0}


class Task(NamedTuple):
    """How one ad-hoc task went: SUCCESS, CHANGED or FAILED!, and its result."""

    status: str
    result: dict[str, Any]
    output: str


class Play(NamedTuple):
    """How one playbook went: exit code, what it printed (``errors`` are in it), what its tasks wrote with ``keep``."""

    code: int
    output: str
    kept: dict[str, Any]
    errors: str


class Ansible:
    """Runs Ansible's own commands in a directory and an environment of this test."""

    def __init__(
        self,
        directory: Path,
        emulator: Emulator,
        servers: ForkServers | None = None,
        collections: Path | None = None,
        timeout: float = 300,
    ) -> None:
        self._directory = directory
        # Without servers each command is a process from its start, and several can run at once.
        self._servers = servers
        self._timeout = timeout  # seconds until a command counts as hung
        self.environment = {
            **emulator.full_env(),
            # Without one, the checkout's own.
            **({"ANSIBLE_COLLECTIONS_PATH": str(collections)} if collections else {}),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).with_name("action_plugins")),
            # The module runs with the interpreter that runs these tests, whatever else the machine has.
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        }

    def _run(self, *command: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        words = [str(Path(sys.executable).parent / command[0]), *command[1:]]
        merged = self._merged(environment)
        if self._servers and not (self._directory / "ansible.cfg").exists():
            return self._servers.run({"command": words}, merged, self._directory, self._timeout)
        return subprocess.run(
            words,
            cwd=self._directory,
            env=merged,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=self._timeout,
            check=False,
        )

    def _merged(self, environment: Mapping[str, str | None]) -> dict[str, str]:
        merged = {**self.environment, **environment}
        return {name: value for name, value in merged.items() if value is not None}

    def module(self, arguments: Mapping[str, Any], name: str = MODULE, **environment: str | None) -> Task:
        """A module's own run, as on a managed node, without the controller. The rest is as with ``task``."""
        job = {"module": name.rpartition(".")[2], "arguments": {**_CONTROLLER, **arguments}}
        task = self._direct(job, environment)
        task.result.pop("invocation", None)
        return task

    def lookup(self, *terms: Any, name: str = LOOKUP, **options: Any) -> Task:
        """A lookup plugin's own run, as a template calls it: its list, under ``rows``, or its error."""
        return self._direct({"lookup": name, "terms": terms, "options": options}, {})

    def _direct(self, job: Mapping[str, Any], environment: Mapping[str, str | None]) -> Task:
        ran = self._servers.run(job, self._merged(environment), self._directory, self._timeout)
        output = " ".join((ran.stdout + ran.stderr).split())
        try:
            answer = json.loads(ran.stdout)
        except ValueError:
            raise AssertionError(output) from None
        result = answer if isinstance(answer, dict) else {"rows": answer}
        return Task("FAILED!" if result.get("failed") else "SUCCESS", result, output)

    def task(
        self,
        arguments: dict[str, Any] | str,
        module: str = MODULE,
        options: tuple[str, ...] = (),
        **environment: str | None,
    ) -> Task:
        """One ad-hoc task on localhost. A variable given as None is taken out of the environment."""
        words = arguments if isinstance(arguments, str) else json.dumps(arguments)
        ran = self._run("ansible", "localhost", "-m", module, "-a", words, *options, **environment)
        found = re.search(r"^localhost \| (\w+!?) => (?=\{)", ran.stdout, re.MULTILINE)
        assert found, f"no result in:\n{ran.stdout}\n{ran.stderr}"
        result, _end = json.JSONDecoder().raw_decode(ran.stdout, found.end())
        # On one line: some versions of ansible-core break their warnings at the terminal's width.
        return Task(found[1], result, " ".join((ran.stdout + ran.stderr).split()))

    def play(
        self,
        tasks: str | list[dict[str, Any]],
        *options: str,
        play: dict[str, Any] | None = None,
        **environment: str | None,
    ) -> Play:
        """A playbook of these tasks; ``keep: EXPRESSION`` with ``as: NAME`` writes a value for the test to read."""
        content = yaml.safe_load(tasks) if isinstance(tasks, str) else tasks
        for number, task in enumerate(content):
            keep = task.pop("keep", None)
            if keep:
                task["keep"] = {
                    "content": "{{ " + keep + " | to_json }}",
                    "dest": str(self._directory / f"kept-{number}-{task.pop('as')}.json"),
                }
        book = self._directory / "playbook.yml"
        head = {"hosts": "localhost", "gather_facts": False, **(play or {})}
        book.write_text(yaml.safe_dump([{**head, "tasks": content}], sort_keys=False, width=10**6))
        return self.book(book, *options, **environment)

    def inventory(self, source: Path | str, *words: str, **environment: str | None) -> subprocess.CompletedProcess[str]:
        """``ansible-inventory`` over a file, with ``--graph`` unless told otherwise."""
        return self._run("ansible-inventory", "-i", str(source), *(words or ("--graph",)), **environment)

    def book(self, book: Path | str, *options: str, **environment: str | None) -> Play:
        """A playbook that is there already, by its path or its name in a collection."""
        for left in self._directory.glob("kept-*.json"):
            left.unlink()
        ran = self._run("ansible-playbook", str(book), *options, **environment)
        kept = {
            path.stem.split("-", 2)[2]: json.loads(path.read_text())
            for path in sorted(self._directory.glob("kept-*.json"))
        }
        return Play(ran.returncode, ran.stdout + ran.stderr, kept, ran.stderr)
