# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: an emulated AWS with three StackSet operations, a playbook that reads two of them, and a gate that waits.

With STACK_SET_NAME and AWS credentials in the environment, the same playbook reads the most recent operation of that
stack set from the real AWS. It only reads. CALL_AS=DELEGATED_ADMIN is also accepted.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from emulator.client import Emulator
from emulator.demo import AD_HOC, ROLLOUT, STACK_SETS

HERE = Path(__file__).resolve().parent
REPORT = HERE.parents[1] / ".cache" / "report"
FILES = [REPORT / f"report.{ending}" for ending in ("html", "md", "junit.xml", "csv")]


def say(text: str = "") -> None:
    print(text, flush=True)


def heading(text: str) -> None:
    say(f"\n{'=' * 100}\n{text}\n{'=' * 100}")


def run(environment: Mapping[str, str], *command: str, shown: str = "", **settings: str) -> int:
    say(f"\n$ {shown or shlex.join(command)}")
    usual = {
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }
    return subprocess.run(command, env={**environment, **usual, **settings}, cwd=HERE, check=False).returncode


def playbook(environment: Mapping[str, str], book: str, **variables: str) -> int:
    # As JSON, because in key=value a space ends a value.
    return run(environment, "ansible-playbook", book, "-e", json.dumps(variables, ensure_ascii=False))


def pipeline(environment: Mapping[str, str], line: str) -> int:
    # The pipe receives JSON without colors. With pipefail, grep's success does not hide that Ansible failed.
    settings = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_FORCE_COLOR": "false"}
    return run(environment, "bash", "-o", "pipefail", "-c", line, shown=line, **settings)


def emulated() -> int:
    say("A stack set deploys a CloudFormation template to many accounts and Regions. Each deployment is an operation;")
    say("its outcome in one account and Region is a result. An emulated AWS on this machine has three stack sets.")
    say("The latest operation of org-baseline is SUCCEEDED and hides failures. That of org-logging is larger and")
    say("FAILED. That of org-rollout has not started yet.")
    with Emulator() as aws:
        for name, operation in STACK_SETS.items():
            aws.stack_set(name, operation)
        environment = aws.full_env()

        heading("1. AWS says SUCCEEDED. The playbook reads all 120 results, and stops.")
        stopped = playbook(environment, "playbook.yml", stack_set_name="org-baseline")

        heading("2. The same playbook over 4,500 results, read in 45 pages.")
        stopped_again = playbook(environment, "playbook.yml", stack_set_name="org-logging")

        heading("3. A gate waits for an operation that is still running, and stops the playbook.")
        gated = playbook(environment, "gate.yml", stack_set_name="org-rollout", operation_id=ROLLOUT["operation_id"])

        heading("4. As an ad-hoc command: the failed results of one stack set, in a sentence.")
        asked = pipeline(environment, AD_HOC)

        heading("5. A report of the 4,500 results: a web page, Markdown, JUnit XML and CSV.")
        for file in FILES:
            file.unlink(missing_ok=True)  # from an earlier run
        reported = playbook(
            environment,
            "stackgate.stacksets.report",
            report_stack_set_name="org-logging",
            report_region=aws.region,
            report_dest=str(REPORT),
        )
        calls = len(aws.log())

    heading("What you saw")
    say("The first two runs stopped at their assert with failed=1, as expected: results had failed, in the first run")
    say("although AWS reported the operation as SUCCEEDED. The rollout was skipped.")
    say("The third run waited, showed the progress, and stopped at its gate. The message says what to do.")
    say(f"The report is {FILES[0]}: open it in a browser.")
    say(f"The emulated AWS answered {calls} calls. Nothing was changed: the collection only reads.")
    say("\nWith your own AWS account and credentials:")
    say("  STACK_SET_NAME=your-stack-set AWS_REGION=eu-west-1 make demo")
    say("To try your own commands on these three stack sets:")
    say("  make emulator ARGS=--demo")
    codes, expected = (stopped, stopped_again, gated, asked, reported), (2, 2, 2, 0, 0)
    if codes != expected:
        say(f"\nThe demo failed: exit codes {codes}, expected {expected}.")
    lacking = [str(file) for file in FILES if not file.is_file()]
    if lacking:
        say(f"\nThe demo failed: it did not write {', '.join(lacking)}.")
    return 0 if codes == expected and not lacking else 1


def real(name: str) -> int:
    heading(f"The most recent operation of {name}, read from the real AWS")
    environment = dict(os.environ)
    call_as = {"call_as": environment["CALL_AS"]} if environment.get("CALL_AS") else {}
    code = playbook(environment, "playbook.yml", stack_set_name=name, **call_as)
    say()
    say("The playbook succeeded." if code == 0 else "The playbook stopped. Its last task says why.")
    return code


def main() -> int:
    wanted = os.environ.get("STACK_SET_NAME")
    return real(wanted) if wanted else emulated()


if __name__ == "__main__":
    sys.exit(main())
