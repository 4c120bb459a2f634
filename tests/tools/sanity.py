# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity, where only PyPI can be reached: in a real copy of the checkout, with a stand-in for get-pip.

Arguments are passed on to ansible-test: sanity.py --test pep8
The first may be a line of ansible-core, whose oldest cell of the matrix is taken then: sanity.py 2.17
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import collections_tree
import environment
import matrix
import virtualenv
from places import CACHE, HOME, LOGS, VENV
from progress import CommandFailed, tail
from versions import LINES

# ansible-test fetches get-pip from a server of its own unless it finds it here.
# One name per line of ansible-core: 2.20 and newer, 2.18 and 2.19, 2.17.
_GET_PIP = ("get_pip_25_2.py", "get_pip_24_2.py", "get_pip_23_1_2.py")
_STAND_IN = '''\
"""A stand-in for get-pip: runs the pip that this Python carries in ensurepip."""

import runpy
import sys
from importlib import resources

wheel = next(path for path in (resources.files("ensurepip") / "_bundled").iterdir() if path.name.startswith("pip-"))
sys.path.insert(0, str(wheel))
# Options of get-pip that pip does not know.
options = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.argv[1:] = ["install", "pip", *options]
runpy.run_module("pip", run_name="__main__")
'''


def _stand_ins() -> None:
    folder = HOME / ".ansible" / "test" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    for name in _GET_PIP:
        (folder / name).write_text(_STAND_IN, encoding="utf-8")


def _pip_settings() -> None:
    """Put pip's settings where ansible-test's own pip finds them: it is started with next to no environment."""
    command = [virtualenv.python_of(VENV), "-m", "pip", "config", "list"]
    env = virtualenv.pip_environment()
    listed = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout
    settings: dict[str, str] = {}
    for line in listed.splitlines():
        name, found, value = line.partition("=")
        # Of one name the one listed last is in force, and the environment comes last.
        section, __, option = name.strip().removeprefix(":env:.").rpartition(".")
        if found and section in ("", "global", "install"):
            settings[option] = str(ast.literal_eval(value)).replace("\n", "\n  ")
    target = HOME / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    # An index may be written with a password.
    target.touch(mode=0o600)
    lines = [f"{name} = {value}\n" for name, value in settings.items() if name not in ("no-input", "cache-dir")]
    target.write_text("[global]\n" + "".join(lines), encoding="utf-8")


def _show(line: str) -> bool:
    """ansible-test says a great deal about the pip it runs: that is for the log."""
    if line.startswith("WARNING: "):
        return not line.startswith(("WARNING: Location", "WARNING: Using locale"))
    return line.startswith(("Running sanity test", "Creating virtual", "ERROR: ", "FATAL: ", "See documentation"))


def _environment(line: str | None) -> tuple[Path, Path, str]:
    """The virtual environment, its tree of collections, and the version of its Python."""
    tree = environment.ensure()
    if line is None:
        return VENV, tree, virtualenv.stamp_of(VENV)["version"]
    cells = matrix.cells([line])
    if not cells:
        sys.exit(f"This machine has no Python that ansible-core {line} supports.")
    return matrix.set_up(cells[0]), collections_tree.ensure(cells[0].line.core), cells[0].python


def sanity(arguments: list[str], line: str | None = None) -> int:
    venv, tree, version = _environment(line)
    copy = collections_tree.copy_checkout(CACHE / "sanity", tree)
    # ansible-test asks git for the files, and the repository around the cache ignores them.
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    _stand_ins()
    _pip_settings()
    variables = environment.variables(tree, venv)
    # The copy's own root holds amazon.aws too; a second copy of us beside it would only confuse.
    variables["ANSIBLE_COLLECTIONS_PATH"] = str(CACHE / "sanity")
    del variables["PYTHONPATH"]
    command = [str(venv / "bin" / "ansible-test"), "sanity", "--local", "--python", version, "--color", "no"]
    log = LOGS / "sanity.log"
    tests, failed = 0, 0
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            [*command, *arguments], cwd=copy, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in process.stdout:
            stream.write(line)
            tests += line.startswith("Running sanity test")
            failed += line.startswith("ERROR: Found ")
            if _show(line):
                print(line, end="", flush=True)
        code = process.wait()
    if code and not failed:
        print(f"The end of {log}:\n{tail(log)}")
    if not tests:
        print("No sanity test was run at all.")
    print(f"{tests} sanity tests run, {failed} failed (exit code {code})")
    # ansible-test ends with 0 when it has found nothing to look at.
    return code or int(not tests)


def main() -> int:
    try:
        line = sys.argv[1] if sys.argv[1:2] and sys.argv[1] in LINES else None
        return sanity(sys.argv[2:] if line else sys.argv[1:], line)
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
