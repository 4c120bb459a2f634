# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that has imported ansible-core, boto3 and amazon.aws once, and forks itself for each command of a test.

Most of the time of a short ``ansible-playbook`` goes into imports. A forked process begins behind them, and runs the
same code from the same files in an environment and a directory of its own. So do the modules of its tasks: where the
connection ``local`` would start Python for a packed module, the process that asks forks itself and runs the module.

Run as a program it reads one job a line from its standard input and answers with two lines: the id of the process that
runs the job, and its exit code. It ends when its input does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import runpy
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from itertools import takewhile
from pathlib import Path
from typing import IO, Any, NoReturn

_READ_AT_IMPORT = ("ANSIBLE_", "HOME", "PATH", "PYTHON")
_COLLECTION = "ansible_collections.stackgate.stacksets.plugins"
# What nearly every command imports.
_PRELOADED = (
    "ansible.cli.adhoc",
    "ansible.cli.inventory",
    "ansible.cli.playbook",
    "ansible.executor.module_common",
    "ansible.executor.task_executor",
    "ansible.module_utils.basic",
    "ansible.playbook.handler_task_include",
    "ansible.playbook.role_include",
    "ansible.plugins.action.assert",
    "ansible.plugins.action.copy",
    "ansible.plugins.action.debug",
    "ansible.plugins.action.normal",
    "ansible.plugins.action.set_fact",
    "ansible.plugins.cache.memory",
    "ansible.plugins.callback.default",
    "ansible.plugins.callback.minimal",
    "ansible.plugins.connection.local",
    "ansible.plugins.filter.core",
    "ansible.plugins.filter.mathstuff",
    "ansible.plugins.inventory.auto",
    "ansible.plugins.inventory.host_list",
    "ansible.plugins.inventory.ini",
    "ansible.plugins.inventory.script",
    "ansible.plugins.inventory.yaml",
    "ansible.plugins.loader",
    "ansible.plugins.shell.sh",
    "ansible.plugins.strategy.linear",
    "ansible.plugins.test.core",
    "ansible.plugins.vars.host_group_vars",
    "boto3",
    "botocore.client",
    "botocore.config",
    "botocore.paginate",
    "multiprocessing.popen_fork",
    "multiprocessing.synchronize",
)
_PRELOADED_FROM_COLLECTIONS = (
    "ansible_collections.amazon.aws.plugins.module_utils.modules",
    "ansible_collections.amazon.aws.plugins.plugin_utils.inventory",
    "ansible_collections.amazon.aws.plugins.plugin_utils.lookup",
    *(f"{_COLLECTION}.modules.{name}" for name in ("operation_gate", "operation_results_info", "operations_info")),
    f"{_COLLECTION}.plugin_utils._lookup",
)


class ForkServer:
    """The client's side of one server."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def run(self, job: Mapping[str, Any], timeout: float) -> int:
        """Run a job; its exit code. One that lasts longer is killed, with all that it started."""
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        timer = threading.Timer(timeout, _kill, [int(self._process.stdout.readline())])
        timer.start()
        try:
            return int(self._process.stdout.readline())
        finally:
            timer.cancel()


class ForkServers:
    """A server for each set of those variables that ansible-core reads when it is imported, and not again."""

    def __init__(self) -> None:
        self._servers: dict[str, ForkServer] = {}

    def __enter__(self) -> ForkServers:
        return self

    def __exit__(self, *_unused: object) -> None:
        for server in self._servers.values():
            server.close()

    def run(
        self, job: Mapping[str, Any], environment: Mapping[str, str], directory: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run one of these:

        ``{"command": [script, argument, ...]}``;
        ``{"module": name, "arguments": {...}}``, which prints the module's result;
        ``{"lookup": name, "terms": [...], "options": {...}}``, which prints the list, or the error as a module would.
        """
        key = json.dumps(sorted(item for item in environment.items() if item[0].startswith(_READ_AT_IMPORT)))
        if key not in self._servers:
            self._servers[key] = ForkServer(environment)
        out, err = directory / ".stdout", directory / ".stderr"
        places = {"directory": str(directory), "out": str(out), "err": str(err)}
        code = self._servers[key].run({**job, **places, "environment": dict(environment)}, timeout)
        outputs = [path.read_text(errors="surrogateescape") for path in (out, err)]
        return subprocess.CompletedProcess(str(job), code, *outputs)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _preload() -> None:
    for name in _PRELOADED:
        importlib.import_module(name)
    from ansible.plugins import loader

    loader.init_plugin_loader()
    # A playbook reads the documentation of all of these.
    for kind in (loader.become_loader, loader.callback_loader, loader.connection_loader, loader.shell_loader):
        list(kind.all(class_only=True))
    for name in _PRELOADED_FROM_COLLECTIONS:
        # Not every supported amazon.aws has every one.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _read_models()
    _fork_for_modules()
    # The forked processes share what is there, as long as no collection of garbage writes to it.
    gc.freeze()


def _read_models() -> None:
    """Read once what botocore reads of AWS's services for each session, which takes longer than a short module."""
    import botocore.session

    botocore.session.create_loader = cache(botocore.session.create_loader)
    botocore.session.Session().create_client(
        "cloudformation", "eu-west-1", aws_access_key_id="none", aws_secret_access_key="none"
    )


def _fork_for_modules() -> None:
    """Let the connection ``local`` run packed modules in forks of the process that it runs in.

    It works for modules of ansible-core and of collections, not for those of a directory ``library``.
    """
    from ansible.plugins.connection.local import Connection

    start = Connection.exec_command

    def exec_command(self: Connection, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> Any:
        found = _packed_module(cmd)
        return start(self, cmd, in_data=in_data, sudoable=sudoable) if found is None else _in_fork(*found)

    Connection.exec_command = exec_command


def _packed_module(command: str) -> tuple[str, dict[str, str]] | None:
    """The script, and the variables of a task's own, of a command that runs a module with this Python."""
    shell = shlex.split(command)
    words = shlex.split(shell[2]) if shell[1:2] == ["-c"] and len(shell) == 3 else []
    variables = dict(word.split("=", 1) for word in takewhile(lambda word: "=" in word, words))
    plain = words[len(variables) :]
    ours = plain[:1] == [sys.executable] and plain[2:] in ([], ["&&", "sleep", "0"])
    return (plain[1], variables) if ours and Path(plain[1]).name.startswith("AnsiballZ_") else None


def _in_fork(script: str, variables: Mapping[str, str]) -> tuple[int, bytes, bytes]:
    with Path(os.devnull).open() as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_DFL)
            _run(partial(_packed, script, variables), nothing, out, err)
        _child, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        return os.waitstatus_to_exitcode(status), out.read(), err.read()


def _serve() -> None:
    answers = os.fdopen(os.dup(1), "w")
    _preload()
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if not child:
            with Path(os.devnull).open() as nothing, open(job["out"], "wb") as out, open(job["err"], "wb") as err:
                _run(partial(_job, job), nothing, out, err)
        print(child, file=answers, flush=True)
        _child, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _run(run: Callable[[], None], *files: IO[Any]) -> NoReturn:
    """Run something in this process, which is a forked one, with these as stdin, stdout and stderr, and end it."""
    code = 1
    try:
        for descriptor, file in enumerate(files):
            os.dup2(file.fileno(), descriptor)
        # ansible-core closes its own in a worker.
        sys.stdin = os.fdopen(0, closefd=False)
        sys.stdout, sys.stderr = (os.fdopen(descriptor, "w", closefd=False) for descriptor in (1, 2))
        code = _exit_code(run)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Without the hooks for an exit, which belong to the process that forked.
        os._exit(code)


def _exit_code(run: Callable[[], None]) -> int:
    try:
        run()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    return 0


def _job(job: Mapping[str, Any]) -> None:
    os.setsid()
    os.environ.clear()
    os.environ.update(job["environment"])
    os.chdir(job["directory"])
    # ansible-core warns of a second call of init_plugin_loader.
    warnings.simplefilter("ignore")
    [run] = [run for kind, run in _RUNS.items() if kind in job]
    run(job)


def _command(job: Mapping[str, Any]) -> None:
    _script(job["command"])


def _script(words: Sequence[str]) -> None:
    sys.argv = list(words)
    runpy.run_path(sys.argv[0], run_name="__main__")


def _packed(script: str, variables: Mapping[str, str]) -> None:
    os.environ.update(variables)
    _leave_controller()
    _script([script])


def _leave_controller() -> None:
    """Undo what a module would notice of the controller, which has been imported: where its warnings and logs go."""
    logging.root.handlers.clear()
    internal = sys.modules.get("ansible.module_utils._internal")
    if internal:  # ansible-core 2.19 and newer
        internal.is_controller = False


def _module(job: Mapping[str, Any]) -> None:
    """Call a module's main() with arguments as the controller sends them."""
    from ansible.module_utils import basic

    _leave_controller()
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": job["arguments"]}).encode()
    # ansible-core 2.19 and newer: the form of the arguments and of the result.
    basic._ANSIBLE_PROFILE = "legacy"
    importlib.import_module(f"{_COLLECTION}.modules.{job['module']}").main()


def _lookup(job: Mapping[str, Any]) -> None:
    """Call a lookup's run() as a template does, with options and no variables."""
    from ansible.errors import AnsibleError
    from ansible.parsing.dataloader import DataLoader
    from ansible.plugins.loader import lookup_loader
    from ansible.template import Templar

    loader = DataLoader()
    plugin = lookup_loader.get(job["lookup"], loader=loader, templar=Templar(loader))
    try:
        answer = plugin.run(job["terms"], {}, **job["options"])
    except AnsibleError as error:
        answer = {"failed": True, "msg": str(error)}
    print(json.dumps(answer))


_RUNS = {"command": _command, "module": _module, "lookup": _lookup}

if __name__ == "__main__":
    _serve()
