# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: an emulated AWS, three StackSet operations, a playbook that reads two of them, and a gate that waits.

With STACK_SET_NAME in the environment, and AWS credentials as for any AWS tool, the same playbook reads the most
recent operation of that stack set from the real service. It only reads. CALL_AS=DELEGATED_ADMIN is taken too.
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
    # As JSON, for in key=value a space ends a value.
    return run(environment, "ansible-playbook", book, "-e", json.dumps(variables, ensure_ascii=False))


def pipeline(environment: Mapping[str, str], line: str) -> int:
    # What is piped is JSON without colours. With pipefail grep's success does not hide that Ansible failed.
    settings = {"ANSIBLE_CALLBACK_RESULT_FORMAT": "json", "ANSIBLE_FORCE_COLOR": "false"}
    return run(environment, "bash", "-o", "pipefail", "-c", line, shown=line, **settings)


def emulated() -> int:
    say("A stack set deploys one CloudFormation template to many accounts and Regions. One such deployment is an")
    say("operation; what happened in one account and Region is a result. Here, an emulated AWS on this machine has")
    say("three stack sets: the last operation of org-baseline is called SUCCEEDED and hides failures, that of")
    say("org-logging is larger and FAILED, and that of org-rollout is still to come.")
    with Emulator() as aws:
        for name, operation in STACK_SETS.items():
            aws.stack_set(name, operation)
        environment = aws.full_env()

        heading("1. AWS says SUCCEEDED. The playbook looks at all 120 results, and stops.")
        stopped = playbook(environment, "playbook.yml", stack_set_name="org-baseline")

        heading("2. The same playbook over 4,500 results, read in 45 pages.")
        stopped_again = playbook(environment, "playbook.yml", stack_set_name="org-logging")

        heading("3. A gate waits for an operation that is still at work, and holds back the task behind it.")
        gated = playbook(environment, "gate.yml", stack_set_name="org-rollout", operation_id=ROLLOUT["operation_id"])

        heading("4. As an ad-hoc command: the failed results of one stack set, in a sentence.")
        asked = pipeline(environment, AD_HOC)

        heading("5. A report of the 4,500 results: a web page, and Markdown, JUnit XML and CSV.")
        for file in FILES:
            file.unlink(missing_ok=True)  # that of an earlier run
        reported = playbook(
            environment,
            "stackgate.stacksets.report",
            report_stack_set_name="org-logging",
            report_region=aws.region,
            report_dest=str(REPORT),
        )
        calls = len(aws.log())

    heading("What you saw")
    say("The first two runs ended at their assert with failed=1, as they should: results had failed, in the first case")
    say("although AWS called the operation SUCCEEDED. The task that waits for a clean operation was skipped.")
    say("The third one waited, showed how the operation went, and stopped at its gate; the message says what to do.")
    say(f"The report is {FILES[0]}: open it in a browser.")
    say(f"The emulated AWS answered {calls} calls. Nothing was changed anywhere: the collection only reads.")
    say("\nWith your own AWS account, and credentials as for any AWS tool:")
    say("  STACK_SET_NAME=your-stack-set AWS_REGION=eu-west-1 make demo")
    say("To try commands of your own on these three stack sets:")
    say("  make emulator ARGS=--demo")
    codes, expected = (stopped, stopped_again, gated, asked, reported), (2, 2, 2, 0, 0)
    if codes != expected:
        say(f"\nThis is not how the demo should end: exit codes {codes}; expected {expected}.")
    lacking = [str(file) for file in FILES if not file.is_file()]
    if lacking:
        say(f"\nThis is not how the demo should end: it did not write {', '.join(lacking)}.")
    return 0 if codes == expected and not lacking else 1


def real(name: str) -> int:
    heading(f"The most recent operation of {name}, from the real service, read only")
    environment = dict(os.environ)
    call_as = {"call_as": environment["CALL_AS"]} if environment.get("CALL_AS") else {}
    code = playbook(environment, "playbook.yml", stack_set_name=name, **call_as)
    say()
    say("The playbook went through." if code == 0 else "The playbook stopped; its last task says why.")
    return code


def main() -> int:
    wanted = os.environ.get("STACK_SET_NAME")
    return real(wanted) if wanted else emulated()


if __name__ == "__main__":
    sys.exit(main())
