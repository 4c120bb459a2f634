# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command inside the project's environment, which is set up first where it is not yet there.

For instance: python3 tests/tools/run.py pytest tests/unit
"""

from __future__ import annotations

import argparse
import os
import sys

import environment
from progress import CommandFailed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layer", choices=environment.LAYERS, default="dev", help="how much must be installed")
    parser.add_argument("--keep-home", action="store_true", help="leave HOME and ANSIBLE_* to the command")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="the command and its arguments")
    options = parser.parse_args()
    try:
        tree = environment.ensure(options.layer)
    except CommandFailed as error:
        print(error, file=sys.stderr)
        return 1
    if not options.command:
        return 0
    variables = environment.variables(tree, keep_home=options.keep_home)
    sys.stdout.flush()
    try:
        os.execvpe(options.command[0], options.command, variables)
    except OSError as error:
        print(f"{options.command[0]}: {error.strerror}", file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main())
