# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that are forked from a process with all imports are as those that are started from nothing."""

from __future__ import annotations

import copy
import os
import sys

import pytest
from integration.helpers.processes import MARK, marked, needs_proc, running_with, until


@pytest.fixture
def script(tmp_path, servers):
    """Run a Python script as a job; how it ended, and what it printed."""

    def run(text, *words, timeout=120, **environment):
        path = tmp_path / "script.py"
        path.write_text(text)
        job = {"command": [str(path), *words]}
        return servers.run(job, {**os.environ, **environment}, tmp_path, timeout)

    return run


def test_a_job_has_its_own_words_environment_directory_and_outputs(script, tmp_path):
    code = (
        "import os, sys\n"
        "print(sys.argv[1:], os.environ['GIVEN'], os.getcwd(), sys.stdin.read() == '')\n"
        "sys.exit('wrong')\n"
    )
    ran = script(code, "a b", GIVEN="one")
    assert ran.stdout == f"['a b'] one {tmp_path} True\n"
    assert (ran.returncode, ran.stderr) == (1, "wrong\n")
    assert script("import os; print(os.environ.get('GIVEN'))").stdout == "None\n"


@pytest.mark.parametrize(
    ("text", "code"), [("", 0), ("import sys; sys.exit(4)", 4), ("raise SystemExit", 0), ("1 / 0", 1)]
)
def test_its_exit_code_is_the_scripts(script, text, code):
    ran = script(text)
    assert ran.returncode == code
    assert ("ZeroDivisionError" in ran.stderr) == (text == "1 / 0")


def test_what_one_job_imports_or_changes_no_other_sees(script):
    change = "import ansible.constants as C; C.DEFAULT_FORKS = 999; import wave"
    assert script(change).returncode == 0
    assert script("import ansible.constants as C, sys; print(C.DEFAULT_FORKS, 'wave' in sys.modules)").stdout == (
        "5 False\n"
    )


def test_settings_that_ansible_reads_when_it_is_imported_are_those_of_the_job(script):
    shown = "import ansible.constants as C; print(C.DEFAULT_FORKS)"
    assert script(shown, ANSIBLE_FORKS="7").stdout == "7\n"
    assert script(shown).stdout == "5\n"


# It tells what it was given and where it runs, and says more than its result in every way there is.
TOLD = """
import logging, os, sys
preloaded = "boto3" in sys.modules
from ansible.module_utils.basic import AnsibleModule

module = AnsibleModule({"fail": {"type": "bool"}})
print("before")
print("aside", file=sys.stderr)
logging.getLogger().warning("logged")
module.warn("careful")
told = {"given": os.environ.get("GIVEN"), "input": sys.stdin.read(), "preloaded": preloaded}
if module.params["fail"]:
    module.fail_json("wrong", **told)
module.exit_json(**told)
"""


def test_a_module_of_a_playbook_does_as_in_a_process_of_its_own(ansible, ansible_processes, tmp_path):
    modules = tmp_path / "collections/ansible_collections/tests/made/plugins/modules"
    modules.mkdir(parents=True)
    (modules / "told.py").write_text(TOLD)
    task = {"tests.made.told": {"fail": "{{ item }}"}, "loop": [False, True], "register": "told", "ignore_errors": True}
    tasks = [{**task, "environment": {"GIVEN": "a 'b' c"}}, {"keep": "told.results", "as": "told"}]
    plays = [
        runs.play(copy.deepcopy(tasks), ANSIBLE_LOG_PATH=str(tmp_path / "ansible.log"))
        for runs in (ansible, ansible_processes)
    ]
    forked, started = (play.kept["told"] for play in plays)
    assert [one.pop("preloaded") for one in forked + started] == [True, True, False, False]
    assert forked == started
    assert [(one["failed"], one["given"]) for one in forked] == [(False, "a 'b' c"), (True, "a 'b' c")]
    assert plays[0].output.count("careful") == plays[1].output.count("careful") > 0
    assert "logged" not in (tmp_path / "ansible.log").read_text()


@needs_proc
def test_a_job_that_hangs_is_killed_with_what_it_started(script):
    hang = f"import subprocess; subprocess.run([{sys.executable!r}, '-c', 'import time; time.sleep(600)'])"
    with marked() as mark:
        assert script(hang, timeout=1, **{MARK: mark}).returncode == -9
        until(lambda: not running_with(mark), "the end of what it started")
