# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation says is so: its tables, options and returned values agree with the code."""

from __future__ import annotations

import ast
import json
import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from emulator.client import operation
from integration.helpers.ansible_commands import Ansible

CHECKOUT = Path(__file__).resolve().parents[3]

NAMESPACE = "stackgate.stacksets"
README = (CHECKOUT / "README.md").read_text()
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins/modules").glob("*.py"))
LOOKUPS = sorted(path.stem for path in (CHECKOUT / "plugins/lookup").glob("*.py"))
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins/filter").glob("*.py"))
INVENTORIES = sorted(path.stem for path in (CHECKOUT / "plugins/inventory").glob("*.py"))
PLUGINS = {"module": MODULES, "lookup": LOOKUPS, "inventory": INVENTORIES, "filter": FILTERS}
LATEST = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"


@pytest.fixture
def failing(emulator):
    generate = {"accounts": 5, "regions": 3, "failed": 3, "cancelled": 1}
    emulator.stack_set("org-baseline", [operation(LATEST, generate=generate)])


@pytest.fixture(scope="module")
def documented(server, servers, collections, made_once):
    """What ansible-doc makes of the plugins, by type and name."""

    def read(place, kind, names):
        environment = Ansible(place, server, collections=collections).environment
        command = [str(Path(sys.executable).parent / "ansible-doc"), "-j", "-t", kind]
        full = [f"{NAMESPACE}.{name}" for name in names]
        ran = servers.run({"command": [*command, *full]}, environment, place, 120)
        assert ran.returncode == 0, ran.stderr
        found = json.loads(ran.stdout)
        return {name.rsplit(".", 1)[1]: document for name, document in found.items()}

    def make(place):
        found = {kind: read(place, kind, names) for kind, names in PLUGINS.items()}
        (place / "plugins.json").write_text(json.dumps(found))

    return json.loads((made_once("documented", make) / "plugins.json").read_text())


def all_plugins():
    return [(kind, name) for kind, names in PLUGINS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), all_plugins())
def test_the_examples_of_a_plugin_are_those_that_ansible_doc_shows(documented, kind, name):
    source = (CHECKOUT / "plugins" / {"module": "modules"}.get(kind, kind) / f"{name}.py").read_text()
    (examples,) = re.findall(r'^EXAMPLES = r"""\n(.+?)^"""$', source, re.MULTILINE | re.DOTALL)
    assert documented[kind][name]["examples"].strip() == examples.strip()


def test_the_readme_links_to_files_that_are_there():
    links = re.findall(r"\]\(https://github\.com/stackgate/stackgate\.stacksets/blob/main/([^)#]+)", README)
    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []
    assert re.findall(r"\]\((?!https://)", README) == [], "Galaxy shows absolute links only"


def test_the_readme_has_all_plugins_and_guides():
    content = {**PLUGINS, "role": ["report"], "playbook": ["gate", "report"]}
    for kind, names in content.items():
        assert sorted(re.findall(rf"^\| {kind} \[`(\w+)`\]", README, re.MULTILINE)) == names
        links = re.findall(rf"/blob/main/docs/reference/(\w+)_{kind}\.rst", README)
        assert sorted(links) == names
    for guide in (CHECKOUT / "docs/docsite/rst").glob("*.rst"):
        assert f"/docs/docsite/rst/{guide.name})" in README


def test_the_readmes_matrix_is_what_make_matrix_runs():
    assigned = [node for node in ast.parse((CHECKOUT / "noxfile.py").read_text()).body if isinstance(node, ast.Assign)]
    (lines,) = [ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "LINES"]
    rows = re.findall(r"^\| (2\.\d+) \| [\d.]+ \| ([\d., ]+) \|$", README, re.MULTILINE)
    assert {line: tuple(pythons.split(", ")) for line, pythons in rows} == {
        line: row["pythons"] for line, row in lines.items()
    }


def test_every_make_target_that_a_page_or_a_workflow_names_is_there():
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    workflows = sorted((CHECKOUT / ".github/workflows").glob("*.yml"))
    assert workflows
    for path in (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *workflows):
        text = path.read_text()
        named = set(re.findall(r"(?:^|`|run: )make ([a-z]+)", text, re.MULTILINE))
        for choice in re.findall(r"target: \[(.+)\]", text):
            named |= set(choice.split(", "))
        assert named
        assert named <= targets, path.name


def test_the_action_groups_have_every_module():
    groups = yaml.safe_load((CHECKOUT / "meta/runtime.yml").read_text())["action_groups"]
    for name in ("all", "aws"):
        assert sorted(entry for entry in groups[name] if isinstance(entry, str)) == MODULES


@pytest.mark.once
def test_module_and_lookup_have_the_same_options(documented):
    module = documented["module"]["operation_results_info"]["doc"]["options"]
    lookup = documented["lookup"]["operation_results"]["doc"]["options"]
    # The lookup's names are its terms, its rows have nothing beside them; a lookup has no result for logs to be in.
    assert set(module) - set(lookup) == {"stack_set_name", "summary_only", "debug_botocore_endpoint_logs"}
    assert set(lookup) - set(module) == {"_terms", "on_truncated"}
    for name in set(module) & set(lookup):
        for part in ("type", "default", "choices", "elements", "aliases"):
            assert module[name].get(part) == lookup[name].get(part), (name, part)


@pytest.mark.once
def test_module_lookup_and_inventory_have_the_same_options(documented):
    module = documented["module"]["operation_results_info"]["doc"]["options"]
    lookup = documented["lookup"]["operation_results"]["doc"]["options"]
    inventory = documented["inventory"]["operation_results"]["doc"]["options"]
    # An inventory is whole or an error: it has nothing to cut and nothing to go on with.
    assert set(lookup) - set(inventory) == {"_terms", "on_truncated", "max_items", "starting_token"}
    own = {"plugin", "account_names", "assume_role_arn"}
    constructed = {"strict", "compose", "groups", "keyed_groups", "use_extra_vars", "leading_separator"}
    assert {name for name in set(inventory) - set(lookup) - own - constructed if not name.startswith("cache")} == {
        "stack_set_name"
    }
    for other in (module, lookup, documented["module"]["operation_gate"]["doc"]["options"]):
        for name in set(other) & set(inventory):
            for part in ("type", "default", "choices", "elements", "aliases"):
                assert other[name].get(part) == inventory[name].get(part), (name, part)
    # Where the lookup's are set, but for variables: there are none yet.
    for name in set(lookup) & set(inventory):
        assert lookup[name].get("env") == inventory[name].get("env"), name
        assert lookup[name].get("ini") == inventory[name].get("ini"), name
        assert "vars" not in inventory[name], name


@pytest.mark.once
def test_the_gates_of_module_and_filter_have_the_same_rules(documented):
    module = documented["module"]["operation_gate"]["doc"]["options"]
    rules = dict(documented["filter"]["gate"]["doc"]["options"])
    for own in ("_input", "operation"):
        del rules[own]
    assert set(rules) < set(module)
    for name, option in rules.items():
        for part in ("type", "default", "choices", "elements"):
            assert module[name].get(part) == option.get(part), (name, part)


@pytest.mark.parametrize("kind", ["lookup", "inventory"])
def test_no_secret_can_be_set_by_our_own_variables_or_files(documented, kind):
    options = documented[kind]["operation_results"]["doc"]["options"]
    for name in ("access_key", "secret_key", "session_token"):
        assert not options[name].get("ini")
        assert not options[name].get("vars")


TYPES = {"str": str, "int": int, "float": float, "bool": bool, "dict": dict, "list": list}


def returned(values, path=""):
    for name, value in values.items():
        yield f"{path}{name}", value
        yield from returned(value.get("contains", {}), f"{path}{name}.")


@pytest.mark.parametrize(("kind", "name"), all_plugins())
def test_every_returned_key_has_a_type_and_a_sample_of_it(documented, kind, name):
    # An inventory returns nothing.
    for path, value in returned(documented[kind][name]["return"] or {}):
        assert value.get("description"), path
        if "contains" in value and "sample" not in value:
            continue
        assert "sample" in value, path
        if value["sample"] is not None:
            assert isinstance(value["sample"], TYPES[value["type"]]), path


def undocumented(result, documentation, path=""):
    for key, value in result.items():
        if key not in documentation:
            yield path + key
            continue
        inner = documentation[key].get("contains")
        members = value if isinstance(value, list) else [value]
        for member in members[:1]:
            if inner and isinstance(member, dict):
                yield from undocumented(member, inner, f"{path}{key}.")


@pytest.mark.once
def test_what_a_module_returns_is_documented(ansible, failing, documented):
    gate = {"operation_id": LATEST, "wait": False, "fail_on_closed": False}
    for name in MODULES:
        options = gate if name == "operation_gate" else {"max_items": 1}
        task = ansible.module({"stack_set_name": "org-baseline", **options}, f"{NAMESPACE}.{name}")
        assert task.status == "SUCCESS"
        task.result.pop("changed")
        assert list(undocumented(task.result, documented["module"][name]["return"])) == []


@pytest.mark.once
def test_what_a_filter_returns_is_documented(ansible, failing, documented):
    read = ansible.module({"stack_set_name": "org-baseline"}).result
    options = {"report_dest": "reports", "report_stack_set_name": "org-baseline", "report_directory_mode": "0750"}
    # The filter of the role takes the role's options, all others take results.
    given = dict.fromkeys(FILTERS, "read") | {"report_options": "options"}
    tasks = [{"name": "Keep", "keep": f"{given[name]} | {NAMESPACE}.{name}", "as": name} for name in FILTERS]
    play = ansible.play(tasks, play={"vars": {"read": read, "options": options}})
    assert play.code == 0, play.output
    for name in FILTERS:
        documentation = documented["filter"][name]["return"]
        if documentation["_value"]["type"] == "str":
            # The first word of each format is always the same.
            assert play.kept[name].split()[0] == documentation["_value"]["sample"].split()[0]
            continue
        assert list(undocumented({"_value": play.kept[name]}, documentation)) == [], name
        returned_keys = set(play.kept[name] if isinstance(play.kept[name], dict) else play.kept[name][0])
        assert returned_keys == set(documentation["_value"]["contains"])


@pytest.mark.once
def test_the_reference_pages_are_those_of_the_plugins(tmp_path):
    tool = shutil.which("antsibull-docs", path=str(Path(sys.executable).parent))
    if tool is None or sys.version_info < (3, 12):
        pytest.skip("the pages are made with antsibull-docs and the newest amazon.aws, on Python 3.12 or newer")
    from tools.docs import write_reference

    write_reference(tmp_path)
    kept = CHECKOUT / "docs" / "reference"
    made = {path.name: path.read_text() for path in tmp_path.glob("*.rst")}
    assert made, "no page was made"
    assert made == {path.name: path.read_text() for path in kept.glob("*.rst")}, "run: make docs"
