# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a module's task goes: on the controller, in imports and whose, and in the module's own work."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from running import HERE, Server, command, environment, tasks

REPETITIONS = 9
_OWNERS = {
    "ansible_collections.stackgate": "imports: this collection",
    "ansible_collections.amazon": "imports: amazon.aws",
    "ansible": "imports: ansible-core",
    **dict.fromkeys(("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil"), "imports: the SDK"),
}
_OTHER = "imports: Python's own"
LINES = (
    "the task",
    "of it on the controller: pack, send, receive",
    "of it in the module's process",
    *dict.fromkeys(_OWNERS.values()),
    _OTHER,
    "the rest: connect, call, decide, return",
)


def breakdown(server: Server, playbook: str) -> dict[str, float]:
    """Milliseconds of each of LINES, medians."""
    with tempfile.TemporaryDirectory() as folder:
        command(
            server,
            "ansible-playbook",
            str(HERE / playbook),
            "--extra-vars",
            f"ansible_python_interpreter={sys.executable}",
            ANSIBLE_KEEP_REMOTE_FILES="1",
            ANSIBLE_REMOTE_TMP=folder,
            ANSIBLE_LOCALHOST_WARNING="false",
        )
        (module,) = map(str, Path(folder).glob("*/AnsiballZ_*.py"))
        whole, process, imports = [], [], []
        for _repetition in range(REPETITIONS):
            whole.append(sum(tasks(server, playbook)) * 1000)
            process.append(_seconds(server, module) * 1000)
            imports.append(_imports(server, module))
    found = {name: statistics.median(one[name] for one in imports) for name in LINES if name.startswith("imports")}
    of_process = statistics.median(process)
    task = statistics.median(whole)
    times = (task, task - of_process, of_process, *found.values(), of_process - sum(found.values()))
    return dict(zip(LINES, times, strict=True))


def _ran(server: Server, *words: str) -> str:
    ran = subprocess.run([sys.executable, *words], env=environment(server), capture_output=True, text=True, check=True)
    return ran.stderr


def _seconds(server: Server, module: str) -> float:
    start = time.perf_counter()
    _ran(server, module)
    return time.perf_counter() - start


def _imports(server: Server, module: str) -> dict[str, float]:
    """Milliseconds by whose modules are imported, each without those that it imports itself."""
    taken: Counter[str] = Counter()
    for line in _ran(server, "-X", "importtime", module).splitlines():
        own, _bar, rest = line.removeprefix("import time:").partition("|")
        if line.startswith("import time:") and own.strip().isdigit():
            name = rest.rpartition("|")[2].strip()
            parts = name.split(".")
            owner = _OWNERS.get(".".join(parts[:2])) or _OWNERS.get(parts[0]) or _OTHER
            taken[owner] += int(own) / 1000
    return taken


def table(server: Server, playbooks: dict[str, str]) -> str:
    """The milliseconds of playbooks, by what each is called."""
    found = {name: breakdown(server, playbook) for name, playbook in playbooks.items()}
    lines = [f"| milliseconds | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    lines += [f"| {line} | {' | '.join(f'{one[line]:.0f}' for one in found.values())} |" for line in LINES]
    return "\n".join(lines)
