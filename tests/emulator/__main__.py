# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the emulator and keep it for as long as someone needs it: python -m emulator (with tests/ on PYTHONPATH)."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import select
import signal
import string
import sys
import threading

REGION = "eu-west-1"


def main() -> int:
    # Before the slow imports: a parent that goes away during them is one that has gone away.
    parent = os.getppid()
    options = _options()
    signal.signal(signal.SIGTERM, _end)
    # Ctrl-C goes to a whole group of processes; a parent that gets it too may still want to read the log.
    signal.signal(signal.SIGINT, _end if options.foreground else signal.SIG_IGN)

    from emulator import control, demo, instructions, script, server
    from emulator.reads import Reads

    reads = Reads()
    for name, operation in demo.STACK_SETS.items() if options.demo else ():
        reads.add_stack_set(script.stack_set({"name": name, "operations": [operation]}, reads.clock))
    url = server.start(reads)
    facts = {
        "endpoint_url": url,
        "control_url": url + control.PATH,
        # Random: Ansible masks the value of a credential wherever it occurs, so it must occur nowhere else.
        "access_key_id": "AKIA" + _random(string.ascii_uppercase, 16),
        "secret_access_key": _random(string.ascii_letters + string.digits, 40),
        "region": REGION,
        "pid": os.getpid(),
    }
    if options.foreground:
        print(instructions.words(facts, options.demo), flush=True)
        threading.Event().wait()
    else:
        print(json.dumps(facts), flush=True)
        # Nobody reads more than that line, and moto prints now and then.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _wait_for_parent(parent)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument(
        "--foreground", action="store_true", help="for a person: say in words how to use it, and end with Ctrl-C"
    )
    parser.add_argument("--demo", action="store_true", help="begin with the three stack sets of the demo")
    return parser.parse_args()


def _end(*unused: object) -> None:
    raise SystemExit(0)


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for unused in range(length))


def _wait_for_parent(parent: int) -> None:
    # Both, because neither is enough: the other end of stdin may have been inherited by a process that lives on, and a
    # parent can be replaced as such while it still holds stdin. PR_SET_PDEATHSIG would go off when the thread that
    # started this process ends, which in a test run is not the end of anything.
    while os.getppid() == parent:
        readable = select.select([sys.stdin], [], [], 0.2)[0]
        if readable and not os.read(sys.stdin.fileno(), 65536):
            return


if __name__ == "__main__":
    sys.exit(main())
