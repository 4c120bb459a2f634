# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-test sanity where only PyPI can be reached: in a real copy of the checkout, with a stand-in for get-pip."""

import subprocess
from pathlib import Path

import checkout

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


def run(root: Path, variables: dict[str, str], pip_settings: dict[str, str], arguments: list[str]) -> bool:
    """Copy the checkout into a tree at root, and run ansible-test there. Whether tests were run and found nothing."""
    home = Path(variables["HOME"])
    (home / ".ansible" / "test" / "cache").mkdir(parents=True, exist_ok=True)
    for name in _GET_PIP:
        (home / ".ansible" / "test" / "cache" / name).write_text(_STAND_IN)
    # ansible-test starts pip with next to no environment, and lets it say a great deal. An index may have a password.
    settings = home / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.touch(mode=0o600)
    lines = [f"{name} = {value}\n" for name, value in pip_settings.items()]
    settings.write_text("[global]\nquiet = 2\n" + "".join(lines))
    copy = checkout.copy_to(root, Path(variables["ANSIBLE_COLLECTIONS_PATH"]))
    # It asks git for the files, and the repository around the copy ignores them.
    subprocess.run(["git", "init", "--quiet", copy], check=True)
    # The copy's own root holds amazon.aws too; a second copy of us beside it would only confuse.
    variables = {**variables, "ANSIBLE_COLLECTIONS_PATH": str(root), "PYTHONPATH": ""}
    environment = Path(variables["VIRTUAL_ENV"])
    # Without a version it tries every Python on the PATH, and ends with one that does not run.
    version = next(environment.glob("lib/python*")).name.removeprefix("python")
    # As a module, for the first lines that uv gives the script of 2.17 make it one that Python refuses.
    command = [environment / "bin" / "python", "-m", "ansible_test._util.target.cli.ansible_test_cli_stub", "sanity"]
    command += ["--local", "--python", version, "--color", "no"]
    # pylint takes as long as all others together, on one processor; over the tests, which ruff checks, twice as long.
    parts = [arguments] if arguments else [["--skip-test", "pylint"], ["--test", "pylint", "plugins/"]]
    how = {"cwd": copy, "env": variables, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    processes = [subprocess.Popen([*command, *part], **how) for part in parts]
    tests = 0
    for process in processes:
        for line in process.stdout:
            tests += line.startswith("Running sanity test")
            print(line, end="", flush=True)
    codes = [process.wait() for process in processes]
    print(f"{tests} sanity tests run, exit codes {codes}", flush=True)
    # ansible-test ends with 0 when it has found nothing to look at.
    return not any(codes) and tests > 0
