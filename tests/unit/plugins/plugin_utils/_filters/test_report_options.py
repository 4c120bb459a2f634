# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the role that writes reports: what its tasks get of them, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("ansible.errors")
pytest.importorskip("hypothesis")

import yaml
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.filter.report_options import FilterModule
from ansible_collections.stackgate.stacksets.tests.unit.helpers.hostile import hostile_settings, json_values
from ansible_collections.stackgate.stacksets.tests.unit.helpers.reports import operation

pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

ROLE = Path(__file__).resolve().parents[5] / "roles" / "report"
SPECIFIED = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
OPTIONS = [name for name in SPECIFIED if name != "report_result"]
ARN = "arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"

report_options = FilterModule().filters()["report_options"]


def found_of(result=None, **options):
    """Of options without report_, for an operation that is to be read unless there is a result."""
    options = {"dest": "out", **({"stack_set_name": "org-baseline"} if result is None else {}), **options}
    return report_options({f"report_{name}": value for name, value in options.items()}, result)


def checked(result=None, **options):
    found = found_of(result, **options)
    assert found.pop("error") == ""
    return found


def refused(result=None, **options):
    """The error, beside which there is nothing."""
    (said,) = found_of(result, **options).values()
    return said


def test_what_is_not_given_has_the_roles_default_or_is_left_out():
    found = checked([])
    assert found == {
        "reads": False,
        "about": {},
        "files": {"html": "report.html", "markdown": "report.md", "junit": "report.junit.xml", "csv": "report.csv"},
        "dest": "out",
        "mode": "0640",
        "max_length": 4000,
        "csv_bom": False,
    }
    # As the role hands them over, with its own defaults, and as a survey leaves them.
    defaults = {name: SPECIFIED[name].get("default", "") for name in OPTIONS}
    for empty in (defaults, dict.fromkeys(OPTIONS, ""), dict.fromkeys(OPTIONS)):
        for no_result in ("", None):
            asked = report_options({**empty, "report_stack_set_name": "a", "report_dest": "out"}, no_result)
            assert asked == {**found, "error": "", "reads": True, "about": asked["about"]}


def test_what_a_report_takes_is_returned_and_the_reading_is_not():
    of_the_reading = {
        "operation_id": "op-1",
        "reading_timeout": "50",
        "profile": "audit",
        "endpoint_url": "https://someone:hunter2@example.com",
        "aws_ca_bundle": "ca.pem",
        "validate_certs": False,
        "aws_config": {"proxies": {"https": "http://someone:hunter2@example.com"}},
    }
    of_both = {"region": "eu-west-1", "call_as": "DELEGATED_ADMIN"}
    names = {"111122223333": "production"}
    found = checked(**of_the_reading, **of_both, account_names=names)
    assert found["reads"] is True
    assert found["about"] == {"stack_set_name": "org-baseline", **of_both, "account_names": names}
    assert set(found) == {"reads", "about", "files", "dest", "mode", "max_length", "csv_bom"}
    # The module refuses it, and names it.
    assert checked(reading_timeout=0) == checked()


@pytest.mark.parametrize("name", ["org-baseline", ARN, ARN.rpartition("/")[2]])
def test_a_report_has_the_name_of_the_stack_set_alone(name):
    found = checked(stack_set_name=name)
    assert found["about"]["stack_set_name"] == "org-baseline"


def test_without_a_result_the_options_are_not_checked_against_it():
    options = {"report_operation_id": "op-1", "report_dest": "out"}
    assert report_options(options)["error"] == ""
    assert "report_operation_id is set without report_stack_set_name" in report_options(options, [])["error"]
    assert "are both missing" in report_options(options, None)["error"]


def test_rows_by_themselves_may_have_their_operation():
    for result in ([], {"operation_results": []}):
        found = checked(result, operation=operation(), region="eu-west-1")
        assert (found["reads"], found["about"]) == (False, {"operation": operation(), "region": "eu-west-1"})


@pytest.mark.parametrize(
    "wanted",
    [
        ["csv", "html", "csv"],
        ("csv", "html"),
        "csv,html",
        " csv ,\n html,",
        "csv html",
        '["csv", "html"]',
        "['csv','html']",
        '"csv"\r\nhtml',
    ],
)
def test_formats_are_a_list_or_a_text_and_each_counts_once(wanted):
    # The page comes first.
    assert list(checked(formats=wanted)["files"].items()) == [("html", "report.html"), ("csv", "report.csv")]


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ("0604", "0604"),
        ("640", "640"),
        ("01777", "01777"),
        ("u=rw,g=r,o=", "u=rw,g=r,o="),
        ("u+rwX-st", "u+rwX-st"),
        ("a=r", "a=r"),
        ("ug-w,+x", "ug-w,+x"),
        ("o=u", "o=u"),
        ("preserve", "preserve"),
    ],
)
def test_permissions_are_those_that_ansible_takes(given, mode):
    found = checked(mode=given, directory_mode=given)
    assert (found["mode"], found["directory_mode"]) == (mode, mode)


@pytest.mark.parametrize("length", [2000, "2000", 2100, "002100", 999_999_999])
def test_a_length_may_be_a_text(length):
    assert checked(max_length=length)["max_length"] == int(length)


@pytest.mark.parametrize(
    ("given", "bom"), [(True, True), (False, False), ("true", True), ("False", False), ("yes", True), ("", False)]
)
def test_a_byte_order_mark_may_be_asked_for_by_a_text(given, bom):
    assert checked(csv_bom=given)["csv_bom"] is bom


@pytest.mark.parametrize("name", ["org-baseline", "org baseline", ".x", "é", "a.b", "\\", "..", "2026"])
def test_files_have_the_name_that_is_given(name):
    assert checked(name=name, formats="junit")["files"] == {"junit": f"{name}.junit.xml"}


@pytest.mark.parametrize(
    "text",
    [
        '{"012345670123": "production", "111122223333": "no", "444455556666": "0123", "777788889999": null}',
        ' {"012345670123": "production",\r\n "111122223333": "no",\n"444455556666": "0123"}\n',
        "012345670123=production 111122223333=no, 444455556666=0123",
        "012345670123=production\n111122223333=no\r\n444455556666=0123\n",
        """012345670123='production'\n\n111122223333="no",\n444455556666=0123""",
    ],
)
def test_names_of_accounts_may_be_a_text_as_a_module_takes_one(text):
    names = {"012345670123": "production", "111122223333": "no", "444455556666": "0123"}
    assert checked(account_names=text)["about"]["account_names"] == names


def test_a_name_in_a_text_may_have_blanks():
    text = """ 012345670123='a  b' \n 111122223333="c, d" """
    assert checked(account_names=text)["about"]["account_names"] == {"012345670123": "a  b", "111122223333": "c, d"}


NAME = "Set a file name without directory and extension, such as org-baseline."
FORMATS = "Set one or more of html, markdown, junit, csv."
LENGTH = "Set a whole number, 2000 or more."
NAMES = (
    'Set a dict of IDs and names, both in quotes: {"111122223333": "production"}. If quotes do not help, as in AWX,'
    """ write it as JSON in a string: '{"012345670123": "production"}'."""
)
MODE = 'Set permissions in quotes, such as "0640". If quotes do not help, as in AWX, use u=rw,g=r.'
QUOTES = "Put it in quotes. If quotes do not help, as in AWX,"
LETTER = f"{QUOTES} use one that contains a letter."
DEST = "report_dest is missing. Set the directory for the reports."
OPERATION = (
    "Pass an operation that stackgate.stacksets.operation_results_info (operation) or operations_info (one of"
    " operations) returned."
)


@pytest.mark.parametrize(
    ("result", "options", "message"),
    [
        (
            "",
            {},
            "report_result and report_stack_set_name are both missing. Set report_result to a result of"
            " stackgate.stacksets.operation_results_info or to rows, or report_stack_set_name to the stack set to"
            " read.",
        ),
        (
            [],
            {"stack_set_name": "org-baseline"},
            "report_result and report_stack_set_name are both set. Set only one of them.",
        ),
        (
            None,
            {"operation": operation()},
            "report_operation is set together with report_stack_set_name. Omit it. To select the operation to read,"
            " set report_operation_id.",
        ),
        (
            [],
            {"operation_id": "op-1"},
            "report_operation_id is set without report_stack_set_name. Omit it, or set report_stack_set_name instead"
            " of report_result.",
        ),
        ([], {"operation": {"operation_id": "op-1"}}, "report_operation has no status; its keys are operation_id. "),
        ([], {"operation": [1]}, f"report_operation is [1]. {OPERATION}"),
        (
            None,
            {"account_names": {"7": "x"}},
            "report_account_names has '7', which is not an account ID of 12 digits: ",
        ),
        (
            None,
            {"account_names": {1402433619: "x"}},
            f"report_account_names has 1402433619, which is not an account ID of 12 digits: YAML reads 012345670123 as"
            f" that. {NAMES}",
        ),
        (None, {"account_names": {"012345670123": False}}, "report_account_names has False as the name of "),
        (None, {"account_names": '{"012345670123": 83}'}, "report_account_names has 83 as the name of 012345670123, "),
        (None, {"account_names": '["x"]'}, f"report_account_names is '[\"x\"]', not a dict. {NAMES}"),
        (None, {"account_names": "{012345670123: 'x'}"}, "report_account_names is \"{012345670123: 'x'}\", "),
        (None, {"account_names": "012345670123=x y"}, "report_account_names is '012345670123=x y', not a dict. "),
        (None, {"account_names": "{'012345670123'}"}, "report_account_names is "),
        (None, {"account_names": "1402433619=x"}, "report_account_names has '1402433619', which is not an account ID "),
        (None, {"account_names": ["x"]}, f"report_account_names is ['x'], not a dict. {NAMES}"),
        (None, {"account_names": False}, f"report_account_names is False, not a dict. {NAMES}"),
        (None, {"formats": []}, f"report_formats has nothing. {FORMATS}"),
        (None, {"formats": " , "}, f"report_formats has nothing. {FORMATS}"),
        (None, {"formats": ["html", "pdf", "XML"]}, f"report_formats has pdf, XML. {FORMATS}"),
        (None, {"formats": [["html"], None]}, f"report_formats has ['html'], None. {FORMATS}"),
        (None, {"formats": [*"abcde"]}, f"report_formats has a, b, c and 2 more. {FORMATS}"),
        (None, {"formats": "x" * 90}, f"report_formats has {'x' * 37}.... {FORMATS}"),
        (None, {"formats": {"html": True}}, f"report_formats is {{'html': True}}, not a list. {FORMATS}"),
        (None, {"formats": 5}, f"report_formats is 5, not a list. {FORMATS}"),
        (None, {"dest": ""}, DEST),
        (None, {"dest": None}, DEST),
        (None, {"dest": " \t"}, DEST),
        (None, {"dest": ["out"]}, "report_dest is ['out'], not a string. Set a string."),
        (None, {"name": "  "}, f"report_name is '  '. {NAME}"),
        (None, {"name": "../report"}, f"report_name is '../report'. {NAME}"),
        (None, {"name": "a\nb"}, f"report_name is 'a\\nb'. {NAME}"),
        (None, {"name": "a\x1fb"}, f"report_name is 'a\\x1fb'. {NAME}"),
        (None, {"name": "a\x00b"}, f"report_name is 'a\\x00b'. {NAME}"),
        (None, {"name": ["a"]}, "report_name is ['a'], not a string. Set a string."),
        (None, {"mode": "rw"}, f"report_mode is 'rw'. {MODE}"),
        (None, {"mode": "0888"}, f"report_mode is '0888'. {MODE}"),
        (None, {"mode": "000640"}, f"report_mode is '000640'. {MODE}"),
        (None, {"mode": "u=rw g=r"}, f"report_mode is 'u=rw g=r'. {MODE}"),
        (None, {"mode": "u=rw,"}, f"report_mode is 'u=rw,'. {MODE}"),
        (None, {"mode": "ua=r"}, f"report_mode is 'ua=r'. {MODE}"),
        (None, {"mode": 0o640}, f"report_mode is 416, not a string: YAML reads 0640 as that. {MODE}"),
        (None, {"mode": 640}, f"report_mode is 640, not a string: YAML reads 01200 as that. {MODE}"),
        (None, {"directory_mode": 0}, f"report_directory_mode is 0, not a string: YAML reads 00 as that. {MODE}"),
        (None, {"mode": -1}, f"report_mode is -1, not a string: YAML reads it as a number. {MODE}"),
        (None, {"mode": True}, f"report_mode is True, not a string: YAML reads yes as that. {MODE}"),
        (None, {"directory_mode": ["0750"]}, f"report_directory_mode is ['0750']. {MODE}"),
        (None, {"max_length": 1999}, f"report_max_length is 1999. {LENGTH}"),
        (None, {"max_length": "1999"}, f"report_max_length is '1999'. {LENGTH}"),
        (None, {"max_length": "many"}, f"report_max_length is 'many'. {LENGTH}"),
        (None, {"max_length": "٤٠٠٠"}, f"report_max_length is '٤٠٠٠'. {LENGTH}"),
        (None, {"max_length": -4000}, f"report_max_length is -4000. {LENGTH}"),
        (None, {"max_length": 4000.0}, f"report_max_length is 4000.0. {LENGTH}"),
        (None, {"max_length": "9" * 5000}, f"report_max_length is '{'9' * 57}...{'9' * 20}'. {LENGTH}"),
        (None, {"csv_bom": "maybe"}, "report_csv_bom is 'maybe'. Set true or false."),
        (None, {"csv_bom": [True]}, "report_csv_bom is [True]. Set true or false."),
        (None, {"call_as": "ROOT"}, "report_call_as is 'ROOT'. Set SELF or DELEGATED_ADMIN."),
        (None, {"max_length": True}, f"report_max_length is True. {LENGTH}"),
        (
            None,
            {"region": True},
            f"report_region is True, not a string: YAML reads yes as that. {QUOTES} set AWS_REGION in the environment.",
        ),
        (
            None,
            {"profile": 83},
            f"report_profile is 83, not a string: YAML reads 0123 as that. {QUOTES} set AWS_PROFILE in the"
            " environment.",
        ),
        (
            None,
            {"operation_id": 83},
            f"report_operation_id is 83, not a string: YAML reads 0123 as that. {QUOTES} omit the option to read the"
            " most recent operation.",
        ),
        (
            None,
            {"stack_set_name": False},
            f"report_stack_set_name is False, not a string: YAML reads no as that. {QUOTES} use the stack set's unique"
            " ID (name:uuid) or its ARN.",
        ),
        (None, {"dest": 83}, f"report_dest is 83, not a string: YAML reads 0123 as that. {LETTER}"),
        (None, {"name": 2026}, f"report_name is 2026, not a string: YAML reads 03752 as that. {LETTER}"),
        (None, {"name": date(2026, 11, 2)}, "report_name is 2026-11-02, not a string: YAML reads it as a date. "),
        (None, {"endpoint_url": 5}, "report_endpoint_url is 5, not a string: YAML reads 05 as that. Put it in quotes."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_to_give(result, options, message):
    said = refused(result, **options)
    assert said.startswith(message)
    assert len(said) == len(message) or message.endswith(" ")


TEXTS = ("stack_set_name", "operation_id", "call_as", "region", "profile", "endpoint_url", "aws_ca_bundle")


def test_a_list_is_no_text():
    """Ansible's own types for texts and paths take one."""
    said = [f"report_{option} is ['x'], not a string. Set a string." for option in TEXTS]
    assert refused(**{option: ["x"] for option in TEXTS}) == " ".join(said)


def test_all_that_is_wrong_is_said_at_once():
    said = refused([], stack_set_name="a", operation=1, dest="", formats="pdf", name="/", mode="x", max_length=1)
    for words in (
        *("are both set", "report_operation is set", "report_operation is 1", "report_dest is missing"),
        *("report_formats has", "report_name is", "report_mode is", "report_max_length is"),
    ):
        assert words in said


def test_an_option_that_the_role_does_not_have_is_refused():
    options = {"report_dest": "out", "\x1b": 1, "a" * 61: 1, "b": 1, "report_format": "html", 5: 1}
    assert report_options(options, [])["error"] == (
        f"No such option: \\x1b, 5, {'a' * 57}... and 2 more. The options are {', '.join(OPTIONS)}."
    )
    said = report_options([])["error"]
    assert said == "The input is [], not a dict. Pass the role's options by name."


def test_no_message_shows_a_credential():
    said = refused(endpoint_url=["https://someone:hunter2@example.com"], profile=["AKIA" + "A" * 16])
    assert "hunter2" not in said
    assert "AKIA" not in said
    assert "report_endpoint_url is ['https://****@example.com'], not a string" in said


@hostile_settings
@given(st.dictionaries(st.sampled_from(OPTIONS), json_values), json_values)
def test_whatever_is_given_is_checked_or_refused(options, result):
    found = report_options(options, result)
    if found["error"]:
        assert "report_" in found["error"]
        assert found["error"].isprintable()
    else:
        assert found["reads"] is (result in ("", None))
        assert found["dest"].strip()
        assert found["max_length"] >= 2000
        assert found["files"]
        assert not any("/" in name for name in found["files"].values())
