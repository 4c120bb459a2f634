# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role that writes reports, on every ansible-core: the files, what changes them, refusals, readings that break."""

from __future__ import annotations

import csv
import io
import re
import shlex
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from ansible.release import __version__
from emulator.client import operation, row, rows

ROLE = Path(__file__).resolve().parents[3] / "roles" / "report"
NAMESPACE = "stackgate.stacksets"
FILES = {"html": "report.html", "markdown": "report.md", "junit": "report.junit.xml", "csv": "report.csv"}
SPECIFIED = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
MODULE = f"{NAMESPACE}.operation_results_info"
READ = {"name": "Read", MODULE: {"stack_set_name": "org-baseline"}, "register": "read"}


def report(**variables):
    """The role as a task; its options without report_."""
    return {
        "name": "Report",
        "ansible.builtin.include_role": {"name": f"{NAMESPACE}.report"},
        "vars": {f"report_{name}": value for name, value in variables.items()},
    }


def keep(expression, name="kept"):
    return {"name": "Keep", "keep": expression, "as": name}


def refused(kept, **variables):
    """The role where it is to fail: the play goes on, and the message of the task that failed is kept, or else none."""
    message = "{{ ansible_failed_result.msg }}"
    return [
        {"name": "Expect no message", "ansible.builtin.set_fact": {"message": None}},
        {
            "name": "Expect an error",
            "block": [report(**variables)],
            "rescue": [{"name": "Note", "ansible.builtin.set_fact": {"message": message}}],
        },
        keep("message", kept),
    ]


def as_read(ansible):
    """Variables of a play with what the task READ would register. They are templates: for harmless text only."""
    return {"vars": {"read": ansible.module(READ[MODULE]).result}}


def changed(play):
    """How many tasks changed something, over all hosts."""
    return sum(int(number) for number in re.findall(r"^\S+ +: ok=.* changed=(\d+)", play.output, re.MULTILINE))


def scripted(emulator, **generate):
    generate = {"accounts": 20, "regions": 2, "failed": 3, **generate}
    one = operation("op-1", generate=generate, failed_stack_instances_count="auto")
    older = operation("op-0", generate={"accounts": 1}, creation_timestamp="2026-10-02T08:15:00Z")
    emulator.stack_set("org-baseline", [older, one])
    return rows(**generate)


def of_lines(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "reports" / "of it"


@pytest.fixture
def written(dest):
    """The files by their formats, and no others."""

    def written():
        found = {path.name: path.read_bytes().decode() for path in dest.iterdir()} if dest.exists() else {}
        formats = {form: found.pop(name) for form, name in FILES.items() if name in found}
        assert found == {}
        return formats

    return written


@pytest.mark.once
def test_it_reads_and_writes_every_format_and_a_second_time_changes_nothing(ansible, emulator, dest, written):
    """Every empty text counts as not given, as a survey leaves it, and gives the same as leaving it out."""
    sent = scripted(emulator)
    empty = {name.removeprefix("report_"): "" for name in SPECIFIED}
    of_the_reading = report(**{**empty, "stack_set_name": "org-baseline", "dest": str(dest)})
    kept = keep("[report_files, report_summary, report_markdown, report_headline]")
    play = ansible.play([of_the_reading, kept], "-v")
    assert play.code == 0, play.output
    found = written()
    assert found["html"].lower().startswith("<!doctype html>")
    assert found["markdown"].startswith("### ")
    assert "`org-baseline`: 3 of 40 results failed" in found["markdown"].splitlines()[0]
    assert len(ElementTree.fromstring(found["junit"].encode()).findall(".//testcase")) == 40
    assert len(of_lines(found["csv"])) == 40
    assert found["csv"].endswith("\r\n")
    assert {path.stat().st_mode & 0o777 for path in dest.iterdir()} == {0o640}
    files, summary, markdown, headline = play.kept["kept"]
    assert headline == "3 of 40 results failed"
    assert files == {form: f"{dest}/{name}" for form, name in FILES.items()}
    assert (summary["total"], summary["by_status"]["FAILED"], summary["accounts"], summary["regions"]) == (40, 3, 20, 2)
    assert markdown == found["markdown"]
    # At -v Ansible shows what tasks return: no rows.
    succeeded = next(row["Account"] for row in sent if row["Status"] == "SUCCEEDED")
    assert succeeded in found["csv"]
    assert succeeded not in play.output
    # Read anew, and out of a result that is at hand.
    anew = report(stack_set_name="org-baseline", dest=str(dest), formats=["csv"])
    of_the_result = report(**{**empty, "result": "{{ read }}", "dest": str(dest)})
    again = ansible.play([anew, {**READ, "no_log": True}, of_the_result], "-v")
    assert (again.code, changed(again)) == (0, 0), again.output
    assert written() == found
    assert succeeded not in again.output


@pytest.mark.once
def test_check_and_diff_say_what_would_change_and_change_nothing(ansible, emulator, dest, written):
    scripted(emulator)
    ours = {"dest": str(dest), "formats": ["csv"]}
    play = ansible.play([report(stack_set_name="org-baseline", **ours)], "--check", "--diff")
    assert (play.code, changed(play)) == (0, 1), play.output
    assert not dest.parent.exists()
    dest.mkdir(parents=True)
    task = report(result="{{ read }}", **ours)
    play = ansible.play([task], "--check", play=as_read(ansible))
    assert (play.code, changed(play), written()) == (0, 1, {}), play.output
    (dest / "report.csv").write_text("before\n")
    before = written()
    play = ansible.play([task], "--check", "--diff", play=as_read(ansible))
    assert (play.code, changed(play)) == (0, 1), play.output
    assert re.search(r"^\+.*org-baseline,op-1,\d{12},.*,FAILED,", play.output, re.MULTILINE)
    assert written() == before


def test_names_modes_formats_and_lengths_are_the_users(ansible, emulator, dest):
    scripted(emulator, accounts=30, failed=20, reasons=[letter * 300 for letter in "abcdefghijkl"])
    ours = {"stack_set_name": "org-baseline", "dest": str(dest), "mode": "0604", "directory_mode": "0705"}
    ours |= {"name": "org baseline", "formats": "markdown,  html csv,junit", "max_length": "2100", "csv_bom": "true"}
    names = {row["Account"]: f"team {number}" for number, row in enumerate(rows(accounts=30, regions=2))}
    tasks = [report(**ours, account_names=names, region="eu-west-1"), keep("report_files")]
    # A directory that is there keeps its mode unless one is given.
    play = ansible.play([*tasks, report(result=[], dest=str(dest), formats=["csv"], name="none")])
    assert play.code == 0, play.output
    assert dest.stat().st_mode & 0o777 == 0o705
    (dest / "none.csv").unlink()
    named = {form: dest / name.replace("report", "org baseline") for form, name in FILES.items()}
    assert play.kept["kept"] == {form: str(path) for form, path in named.items()}
    assert set(dest.iterdir()) == set(named.values())
    assert {path.stat().st_mode & 0o777 for path in dest.iterdir()} == {0o604}
    found = {form: path.read_text() for form, path in named.items()}
    assert found["csv"].startswith("\ufeffstack_set_name,")
    assert 1000 < len(found["markdown"]) <= 2100
    for form, text in found.items():
        assert re.search(r"\bteam \d+", text), form
        assert ("https://eu-west-1.console.aws.amazon.com/" in text) is (form != "csv"), form


@pytest.mark.once
def test_the_operation_asked_for_and_other_options_of_the_reading_reach_it(ansible, emulator, dest):
    times = {"op-old": "2026-10-02T08:15:00Z", "op-new": "2026-11-02T08:15:00Z"}
    both = [operation(name, creation_timestamp=time, generate={"accounts": 1}) for name, time in times.items()]
    emulator.stack_set("org-baseline", both, call_as="DELEGATED_ADMIN")
    given = {"call_as": "DELEGATED_ADMIN", "reading_timeout": 50, "region": emulator.region, "validate_certs": False}
    given |= {"endpoint_url": emulator.endpoint_url, "aws_config": {"retries": {"max_attempts": 1}}}
    given |= {"stack_set_name": "org-baseline", "operation_id": "op-old", "dest": str(dest), "formats": ["csv"]}
    wrong = {"reading_timeout": 0, "profile": "nobody"}
    refusals = [task for name, value in wrong.items() for task in refused(name, **{**given, name: value})]
    play = ansible.play(
        [report(**given), keep("report_markdown"), *refusals],
        **dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_URL", "AWS_ENDPOINT_URL")),
    )
    assert play.code == 0, play.output
    assert {entry["call_as"] for entry in emulator.log()} == {"DELEGATED_ADMIN"}
    assert "`op-old`" in play.kept["kept"]
    assert [row["operation_id"] for row in of_lines((dest / "report.csv").read_text())] == ["op-old"]
    for name in wrong:
        assert name in play.kept[name]


@pytest.mark.once
def test_each_option_is_handed_to_the_filter_and_those_of_the_reading_to_it():
    given = yaml.safe_load((ROLE / "vars/main.yml").read_text())["__report_given"]
    # The playbook puts a directory of its own into its place.
    assert given.pop("report_dest") == "{{ __report_dest }}"
    assert {"report_result", "report_dest", *given} == set(SPECIFIED)
    assert given == {name: f"{{{{ {name} }}}}" for name in given}
    tasks = yaml.safe_load((ROLE / "tasks/main.yml").read_text())
    (arguments,) = [task[MODULE] for task in tasks if MODULE in task]
    assert arguments.pop("stack_set_name") == "{{ report_stack_set_name }}"
    assert arguments.pop("summary_only") is False
    assert {f"report_{name}" for name in arguments} < set(SPECIFIED)
    for name, value in arguments.items():
        # What is false, or zero, is given.
        given = "omit if report_{0} in ['', none] else report_{0}"
        either = given if name in ("reading_timeout", "validate_certs") else "report_{0} | default(omit, true)"
        assert value == f"{{{{ {either.format(name)} }}}}"


INVENTORIES = {
    "none of its own": {},
    "a bare one": {"localhost": {}},
    "one behind SSH": {
        "localhost": {"ansible_connection": "ssh", "ansible_python_interpreter": "/no", "ansible_become": True}
    },
}


@pytest.fixture
def python_alone():
    """An interpreter without boto3. Its path is a plain one, for not every ansible-core quotes it for the shell."""
    with tempfile.TemporaryDirectory(prefix="python-alone-") as folder:
        python = Path(folder) / "python"
        python.write_text(f'#! /bin/sh\nexec {shlex.quote(sys.executable)} -S "$@"\n')
        python.chmod(0o700)
        yield str(python)


@pytest.mark.parametrize("inventory", INVENTORIES.values(), ids=INVENTORIES)
def test_it_reads_on_the_controller_and_writes_on_the_host(ansible, emulator, dest, tmp_path, python_alone, inventory):
    """The host's Python has no boto3, and its files are told by its name."""
    scripted(emulator)
    web = {"ansible_connection": "local", "ansible_python_interpreter": python_alone}
    hosts = tmp_path / "hosts.yml"
    hosts.write_text(yaml.safe_dump({"all": {"hosts": {**inventory, "web": web}}}))
    play = ansible.play(
        [report(stack_set_name="org-baseline", dest=str(dest), formats=["csv"], name="{{ inventory_hostname }}")],
        *("-i", str(hosts)),
        play={"hosts": "web"},
        ANSIBLE_PYTHON_INTERPRETER=None,
    )
    assert play.code == 0, play.output
    assert "ok: [web -> localhost" in play.output
    assert [path.name for path in dest.iterdir()] == ["web.csv"]


@pytest.mark.once
def test_in_the_roles_of_a_play_several_hosts_each_get_their_own_and_one_reading_is_enough(
    ansible, emulator, dest, tmp_path
):
    scripted(emulator)
    hosts = tmp_path / "hosts"
    hosts.write_text("[all:vars]\nansible_connection=local\n[web]\none\ntwo\n")
    role = {"role": f"{NAMESPACE}.report", "report_result": "{{ read }}", "report_formats": ["csv"]}
    role["report_dest"] = f"{dest}/{{{{ inventory_hostname }}}}"
    before = {"pre_tasks": [{**READ, "run_once": True}], "roles": [role]}
    play = ansible.play([], "-i", str(hosts), play={"hosts": "web", **before})
    assert (play.code, changed(play)) == (0, 4), play.output
    assert {path.relative_to(dest).as_posix() for path in dest.rglob("*.csv")} == {"one/report.csv", "two/report.csv"}
    assert len(emulator.log("ListStackSetOperationResults")) == 1


RESULT = "{{ read }}"
ASKED = {"stack_set_name": "org-baseline"}
SECRET = "hunter2"
# One of each that refuses: the filter report_options, Ansible's own argument spec, the module, and the other filters.
REFUSED = [
    (
        {**ASKED, "result": RESULT, "dest": "", "name": "../report", "max_length": 1999},
        [
            "report_stack_set_name are both set. Set only one",
            "report_dest is missing.",
            "report_name is",
            "report_max_length is",
        ],
    ),
    (
        {**ASKED, "account_names": {7: "x"}},
        ["report_account_names has 7, which is not an account ID", "both in quotes"],
    ),
    ({**ASKED, "endpoint_url": [f"https://someone:{SECRET}@example.com"]}, ["report_endpoint_url is ['https://****@"]),
    ({**ASKED, "formats": {"html": True}}, ["report_formats is {'html': True}, not a list."]),
    (
        {"stack_set_name": "org baseline", "aws_config": {"proxies": {"https": f"http://u:{SECRET}@h"}}},
        ["Set the stack set's name"],
    ),
    ({**ASKED, "call_as": "ROOT"}, ["report_call_as is 'ROOT'. Set SELF or DELEGATED_ADMIN"]),
    ({"result": {"Summaries": []}}, ["Read the operation with"]),
    ({"result": RESULT, "operation": {"operation_id": "1", "status": "?"}}, ["Omit it."]),
]


def test_bad_input_is_refused_before_any_call_and_nothing_is_written(ansible, emulator, dest):
    scripted(emulator)
    variables = as_read(ansible)
    emulator.reset()
    tasks = []
    for number, (given, _said) in enumerate(REFUSED):
        tasks += refused(f"case{number}", **{"dest": str(dest), **given})
    # Without anybody to rescue it, the play ends.
    play = ansible.play([*tasks, report(**ASKED)], "-vvv", play=variables)
    assert play.code == 2, play.output
    for number, (given, said) in enumerate(REFUSED):
        message = play.kept[f"case{number}"]
        assert message, f"not refused: {given}"
        assert [words for words in said if words not in " ".join(message.split())] == [], message
    assert SECRET not in play.output
    assert emulator.log() == []
    assert not dest.exists()


AWX = """\
names: !unsafe '{"012345670123": "no", "111122223333": "0123"}'
lines: !unsafe "012345670123=no\\r\\n111122223333='team 5'\\n"
formats: !unsafe '["csv", "markdown"]'
mode: !unsafe 'u=rw,g=r'
octal_mode: !unsafe '0640'
octal_names: {!unsafe '012345670123': !unsafe 'no'}
id: !unsafe '0123'
name_no: !unsafe 'no'
template: !unsafe "{{ lookup('pipe', 'echo in' ~ 'side') }}"
"""


def test_variables_as_awx_writes_them_are_taken_or_refused_with_what_to_give(ansible, emulator, dest, tmp_path):
    """ansible-core 2.19 and newer read YAML's types in them, in spite of the quotes."""
    one = operation("0123", rows=[row("012345670123", status="FAILED"), row("111122223333", status="FAILED")])
    emulator.stack_set("org-baseline", one)
    (tmp_path / "extravars.yml").write_text(AWX)
    given = {**ASKED, "dest": str(dest), "formats": "{{ formats }}"}
    unlike = {"operation_id": "{{ id }}", "mode": "{{ octal_mode }}", "account_names": "{{ octal_names }}"}
    tasks = [
        *(report(**given, account_names="{{ names }}", mode="{{ mode }}"), keep("report_markdown", "names")),
        *(report(**given, account_names="{{ lines }}"), keep("report_markdown", "lines")),
        *refused("template", **given, max_length="{{ template }}"),
        *refused("message", **given, **unlike, name="{{ name_no }}"),
    ]
    play = ansible.play(tasks, "-e", "@extravars.yml")
    assert play.code == 0, play.output
    assert "`012345670123` (`no`), `111122223333` (`0123`)" in play.kept["names"]
    assert "`012345670123` (`no`), `111122223333` (`team 5`)" in play.kept["lines"]
    assert "max_length is \"{{ lookup('pipe', 'echo in' ~ 'side') }}\"." in play.kept["template"]
    assert {"report.csv", "report.md"} <= {path.name for path in dest.iterdir()}
    assert {(dest / name).stat().st_mode & 0o777 for name in ("report.csv", "report.md")} == {0o640}
    if tuple(int(part) for part in __version__.split(".")[:2]) < (2, 19):
        assert play.kept["message"] is None
        assert (dest / "no.csv").exists()
        return
    message = " ".join(play.kept["message"].split())
    for words in (
        "report_operation_id is 83, not a string: YAML reads 0123 as that.",
        "report_mode is 416, not a string: YAML reads 0640 as that. Set permissions in quotes",
        "report_account_names has 1402433619, which is not an account ID of 12 digits:"
        " YAML reads 012345670123 as that.",
        "report_name is False, not a string: YAML reads no as that.",
    ):
        assert words in message


@pytest.mark.once
def test_a_reading_that_breaks_is_reported_as_far_as_it_came_and_fails(ansible, emulator, dest, written):
    sent = scripted(emulator, accounts=300, regions=1, failed=0)
    emulator.fault(error="AccessDenied", message="no longer", when={"page": 3}, times=None)
    words = "{{ report_files | length }} files, {{ report_summary }}, {{ report_headline }}"
    show = {"name": "Show", "ansible.builtin.debug": {"msg": words}}
    block = {"block": [report(stack_set_name="org-baseline", dest=str(dest))], "always": [show]}
    play = ansible.play([{"name": "Report, and go on", **block}], "-v")
    assert play.code == 2
    found = written()
    assert len(of_lines(found["csv"])) == 200
    for form in ("html", "markdown", "junit"):
        assert "The reading failed" in found[form], form
        assert "Access denied" in found[form], form
    assert re.search("4 files, .*'total': 200.*, 200 results succeeded; other results were not read", play.output)
    assert play.output.count("FAILED!") == 1
    assert "Access denied" in play.output.partition("FAILED!")[2]
    assert sent[0]["Account"] in found["csv"]
    assert sent[0]["Account"] not in play.output


def test_where_nothing_can_be_read_nothing_is_written(ansible, emulator, dest):
    play = ansible.play([report(stack_set_name="org-baseline", dest=str(dest))])
    assert play.code == 2
    assert '"msg": "Stack set org-baseline was not found' in play.output
    assert play.output.count("FAILED!") == 1
    assert not dest.parent.exists()


@pytest.mark.once
def test_a_failed_operation_and_one_without_results_are_reports_and_the_play_goes_on(ansible, emulator, dest):
    emulator.stack_set("org-failed", operation("op-1", "FAILED", generate={"accounts": 1, "failed": 1}))
    emulator.stack_set("org-bare", operation("op-1", rows=[]))
    emulator.stack_set("org-new", [])
    found = {name: ansible.module({"stack_set_name": f"org-{name}"}).result for name in ("failed", "bare", "new")}
    what = {"org-failed": {"result": "{{ failed }}", "formats": ["csv"]}}
    what["org-bare"] = {"result": "{{ bare }}", "formats": ["junit", "csv"]}
    what["org-new"] = {"stack_set_name": "org-new"}
    what["registered"] = {"result": "{{ new }}", "formats": ["junit"]}
    tasks = [
        task
        for name, given in what.items()
        for task in (report(**given, dest=str(dest), name=name), keep("report_markdown", name))
    ]
    play = ansible.play(tasks, play={"vars": found})
    assert play.code == 0, play.output
    assert "1 of 1 result failed" in play.kept["org-failed"]
    assert {path.suffix for path in dest.glob("org-new*")} == {".html", ".md", ".xml", ".csv"}
    assert (dest / "registered.junit.xml").read_text() == (dest / "org-new.junit.xml").read_text()
    for name in ("org-bare", "org-new"):
        first = play.kept[name].splitlines()[0]
        assert f"`{name}`: There are no results" in first
        assert (dest / f"{name}.csv").read_text().count("\n") == 1
        assert "<error" in (dest / f"{name}.junit.xml").read_text(), "without results nothing is green"


# The path is in the environment, for it may have quotes.
HOSTILE = "{{ lookup('pipe', 'touch \"$TOUCHED\"') }} {% for x in y %} {# #} {{{{ '{{' }} <script>"


def test_a_reason_is_no_template_for_the_role(ansible, emulator, tmp_path):
    ansible.environment["TOUCHED"] = str(tmp_path / "touched")
    row = {"Account": "111122223333", "Region": "eu-west-1", "Status": "FAILED", "StatusReason": HOSTILE}
    row["AccountGateResult"] = {"Status": "FAILED", "StatusReason": HOSTILE}
    one = operation("op-1", rows=[row], failed_stack_instances_count=1, status_reason=HOSTILE)
    emulator.stack_set("org-baseline", one)
    query = f"{{{{ query('{NAMESPACE}.operation_results', 'org-baseline') }}}}"
    operations = {f"{NAMESPACE}.operations_info": {"stack_set_name": "org-baseline"}}
    ways = {
        "read": {"stack_set_name": "org-baseline"},
        "registered": {"result": "{{ read }}"},
        # From here on it is the same as what was registered: the role keeps what it is given as a fact.
        "a fact": {"result": "{{ between }}", "formats": ["csv"]},
        "the lookup's rows": {
            "result": "{{ listed }}",
            "operation": "{{ found.operations[0] }}",
            "formats": ["csv"],
        },
    }
    before = [
        READ,
        {"name": "Keep", "ansible.builtin.set_fact": {"between": "{{ read }}"}},
        {"name": "Look up", "ansible.builtin.set_fact": {"listed": query}},
        {"name": "List operations", **operations, "register": "found"},
    ]
    tasks = [
        task
        for number, given in enumerate(ways.values())
        for task in (report(dest=str(tmp_path), name=f"way {number}", **given), keep("report_markdown", f"way{number}"))
    ]
    play = ansible.play([*before, *tasks])
    assert play.code == 0, play.output
    for number, (way, given) in enumerate(ways.items()):
        names = {form: FILES[form].replace("report", f"way {number}") for form in given.get("formats", FILES)}
        found = {form: (tmp_path / name).read_bytes().decode() for form, name in names.items()}
        markdown = play.kept[f"way{number}"]
        assert "{{ lookup('pipe'" in markdown, way
        assert "is `SUCCEEDED`" in markdown, way
        assert found.get("markdown", markdown) == markdown, way
        assert "{{ lookup('pipe'" in of_lines(found["csv"])[0]["status_reason"], way
        if "junit" in found:
            (failure,) = ElementTree.fromstring(found["junit"].encode()).iter("failure")
            assert "{{ lookup('pipe'" in "".join(failure.itertext()) + failure.get("message", ""), way
            assert "touch " in found["html"], way
            assert "<script>`" not in found["html"], way
    assert not (tmp_path / "touched").exists()


@pytest.mark.once
def test_rows_by_themselves_are_reported_and_a_template_that_reads_is_read_once(ansible, emulator, dest, written):
    """It reads once for the role's specification, once for the role: and no more for several formats."""
    scripted(emulator)
    query = f"{{{{ query('{NAMESPACE}.operation_results', 'org-baseline') }}}}"
    formats = ["html", "csv"]
    play = ansible.play([report(result=query, dest=str(dest), formats=formats), keep("report_markdown")])
    assert play.code == 0, play.output
    assert set(written()) == set(formats)
    assert len(of_lines(written()["csv"])) == 40
    assert "`org-baseline`: 3 of 40 results failed" in play.kept["kept"]
    assert "The operation's status is not known" in play.kept["kept"]
    assert len(emulator.log("ListStackSetOperationResults")) <= 2


@pytest.mark.once
def test_defaults_and_specification_have_the_same_options():
    defaults = yaml.safe_load((ROLE / "defaults/main.yml").read_text())
    assert {name: option.get("default", "") for name, option in SPECIFIED.items()} == defaults
    assert all(name.startswith("report_") for name in SPECIFIED)
