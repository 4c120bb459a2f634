# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documentation says is so: its examples run, its tables and options agree with the code."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from emulator.client import operation

CHECKOUT = Path(__file__).resolve().parents[3]

NAMESPACE = "stackgate.stacksets"
README = (CHECKOUT / "README.md").read_text()
GUIDES = sorted((CHECKOUT / "docs/docsite/rst").glob("*.rst"))
MODULES = sorted(path.stem for path in (CHECKOUT / "plugins/modules").glob("*.py"))
LOOKUPS = sorted(path.stem for path in (CHECKOUT / "plugins/lookup").glob("*.py"))
FILTERS = sorted(path.stem for path in (CHECKOUT / "plugins/filter").glob("*.py"))
INVENTORIES = sorted(path.stem for path in (CHECKOUT / "plugins/inventory").glob("*.py"))
PLUGINS = {"module": MODULES, "lookup": LOOKUPS, "inventory": INVENTORIES, "filter": FILTERS}
LATEST = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"


def fenced(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def in_guide(path):
    blocks = re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", path.read_text(), re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in blocks]


@pytest.fixture
def clean(emulator):
    """Stack sets as the examples name them, without a failure."""
    generate = {"accounts": 50, "regions": 3}
    older = operation("0a1b2c3d-old", creation_timestamp="2026-10-02T08:15:00Z", generate={"accounts": 1})
    latest = operation(LATEST, creation_timestamp="2026-11-02T08:15:00Z", generate=generate)
    emulator.stack_set("org-baseline", [older, latest])
    emulator.stack_set("org-guardrails", [latest], call_as="DELEGATED_ADMIN")
    for name in ("org-logging", "org-network"):
        emulator.stack_set(name, [operation(generate={"accounts": 2})])
    # Created after whatever time an example calls now.
    emulator.stack_set("org-rollout", [operation(creation_timestamp="2099-01-01T00:00:00Z", generate={"accounts": 2})])
    drift = {"StackSetDriftDetectionDetails": {"DriftedStackInstancesCount": 2}}
    detection = operation("7c1d9a52-6b0e-4d1c-a7f3-0d1e2f3a4b5c", action="DETECT_DRIFT", fields=drift)
    emulator.stack_set("org-drift", [{**detection, "generate": {"accounts": 2}}])
    return emulator


@pytest.fixture
def failing(clean):
    generate = {"accounts": 50, "regions": 3, "failed": 3, "cancelled": 1}
    clean.stack_set("org-baseline", [operation(LATEST, generate=generate)])
    return clean


@pytest.fixture(scope="module")
def documented(collections):
    """What ansible-doc makes of the plugins, by type and name."""

    def read(kind, names):
        command = [str(Path(sys.executable).parent / "ansible-doc"), "-j", "-t", kind]
        full = [f"{NAMESPACE}.{name}" for name in names]
        environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
        ran = subprocess.run(
            [*command, *full], env=environment, capture_output=True, text=True, timeout=120, check=True
        )
        found = json.loads(ran.stdout)
        return {name.rsplit(".", 1)[1]: document for name, document in found.items()}

    return {kind: read(kind, names) for kind, names in PLUGINS.items()}


def all_plugins():
    return [(kind, name) for kind, names in PLUGINS.items() for name in names]


@pytest.mark.parametrize(("kind", "name"), [pair for pair in all_plugins() if pair[0] != "inventory"])
def test_the_examples_of_a_plugin_run(ansible, clean, documented, kind, name):
    # Some amazon.aws use what their ansible-core deprecates, which says nothing of the examples.
    play = ansible.play(documented[kind][name]["examples"], ANSIBLE_DEPRECATION_WARNINGS="false")
    assert play.code == 0, play.output
    assert "[WARNING]" not in play.output


def graph(ansible, place, configuration):
    """What --graph prints of an inventory's configuration, and the file that it is in."""
    path = place / "operation_results.yml"
    path.write_text(configuration)
    # Away from the home, where an example may keep its cache. Of deprecations as above.
    settings = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", "ANSIBLE_DEPRECATION_WARNINGS": "false"}
    ran = ansible.inventory(path, HOME=str(place), **settings)
    assert ran.returncode == 0, f"{configuration}\n{ran.stderr}"
    assert "[WARNING]" not in ran.stderr, f"{configuration}\n{ran.stderr}"
    return ran.stdout, path


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_examples_of_an_inventory_are_configurations(ansible, failing, documented, tmp_path, name):
    examples = documented["inventory"][name]["examples"].split("\n---\n")
    assert len(examples) > 1
    for example in examples:
        shown, _path = graph(ansible, tmp_path, example)
        assert "-1" in shown, example


@pytest.mark.once
@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_the_examples_of_a_guide_run(ansible, clean, guide, tmp_path):
    blocks = in_guide(guide)
    assert blocks
    inventory = None
    for block in blocks:
        content = yaml.safe_load(block)
        if isinstance(content, dict) and "plugin" in content:
            shown, inventory = graph(ansible, tmp_path, block)
            assert "region_eu_west_1" in shown or "keyed_groups" in block or "statuses" in block
            continue
        if isinstance(content, list) and content[0].get("hosts") == "status_failed":
            play = in_failed_accounts(ansible, clean, inventory, block, tmp_path)
        elif isinstance(content, dict):
            (tmp_path / "inputs.yml").write_text(block)
            play = ansible.book(f"{NAMESPACE}.gate", "-e", f"@{tmp_path / 'inputs.yml'}")
        elif "hosts" in content[0]:
            (tmp_path / "guide.yml").write_text(block)
            play = ansible.book(tmp_path / "guide.yml")
        else:
            play = ansible.play(block)
        assert play.code == 0, f"{block}\n{play.output}"


def in_failed_accounts(ansible, emulator, inventory, block, place):
    """A play over an inventory's hosts, with three accounts for it; moto's STS lets anybody assume any role."""
    generate = {"accounts": 9, "regions": 3, "failed": 3}
    emulator.stack_set("org-baseline", [operation(LATEST, generate=generate)])
    (place / "accounts.yml").write_text(block)
    play = ansible.book(place / "accounts.yml", "-i", str(inventory))
    assert len(re.findall(r"^\d{12}_\S+ +: ok=3 ", play.output, re.MULTILINE)) == 3, play.output
    return play


@pytest.mark.once
def test_the_example_of_an_inventory_goes_to_the_accounts_that_failed(ansible, clean, tmp_path):
    folder = CHECKOUT / "examples" / "inventory"
    inventory = tmp_path / "operation_results.yml"
    shutil.copy2(folder / inventory.name, inventory)
    in_failed_accounts(ansible, clean, inventory, (folder / "failed_accounts.yml").read_text(), tmp_path)


@pytest.mark.once
def test_the_guides_example_resumes_a_reading_that_broke(ansible, clean):
    clean.stack_set("org-baseline", [operation(LATEST, generate={"accounts": 250})])
    clean.fault(error="ExpiredToken", status=403, message="expired", when={"page": 3})
    block = next(
        block for path in GUIDES for block in in_guide(path) if "starting_token" in block and "rescue" in block
    )
    play = ansible.play(f"{block}\n- name: Keep\n  keep: '[read, rest]'\n  as: both\n")
    assert play.code == 0, play.output
    read, rest = play.kept["both"]
    assert len(read["operation_results"]) == 200
    assert len(rest["operation_results"]) == 50


@pytest.mark.once
def test_the_readmes_one_line_runs(ansible, failing):
    (line,) = [line for block in fenced("shell") for line in block.splitlines() if line.startswith("ansible localhost")]
    words = shlex.split(line)
    task = ansible.task(words[words.index("-a") + 1], module=words[words.index("-m") + 1])
    assert task.status == "SUCCESS"
    assert task.result["summary"]["by_status"]["FAILED"] == 3


def readme_plays():
    return [block for block in fenced("yaml") if "hosts:" in block]


def job_template():
    (block,) = [block for block in fenced("yaml") if "awx.awx.job_template" in block]
    return yaml.safe_load(block)[0]["awx.awx.job_template"]


@pytest.mark.once
@pytest.mark.parametrize("block", readme_plays(), ids=["gate", "assert", "when"])
def test_the_readmes_playbooks_go_on_only_when_all_is_well(ansible, clean, tmp_path, block):
    book = tmp_path / "readme.yml"
    book.write_text(block)
    variables = ("-e", json.dumps({"stack_set_name": "org-baseline", "operation_id": LATEST}))
    well = ansible.book(book, *variables)
    assert well.code == 0, well.output
    assert "skipping" not in well.output.split("TASK [Roll on]")[1]
    generate = {"accounts": 50, "regions": 3, "failed": 3, "cancelled": 1}
    clean.stack_set("org-baseline", [operation(LATEST, generate=generate)])
    unwell = ansible.book(book, *variables)
    assert "failed=1" in unwell.output or "skipped=1" in unwell.output
    if "assert" in block:
        assert "AWS says SUCCEEDED; 3 of 150 results failed." in unwell.output


@pytest.mark.once
def test_the_readmes_job_template_runs_a_playbook_of_the_example_project_with_inputs_that_it_takes(ansible, clean):
    template = job_template()
    (imported,) = yaml.safe_load((CHECKOUT / "examples/awx" / template["playbook"]).read_text())
    well = ansible.book(imported["import_playbook"], "-e", json.dumps(template["extra_vars"]))
    assert well.code == 0, well.output


def test_the_readme_links_to_files_that_are_there():
    links = re.findall(r"\]\(https://github\.com/stackgate/stackgate\.stacksets/blob/main/([^)#]+)", README)
    assert links
    assert [link for link in links if not (CHECKOUT / link).exists()] == []
    assert re.findall(r"\]\((?!https://)", README) == [], "Galaxy shows absolute links only"


def test_the_readmes_table_of_plugins_is_the_folder():
    for kind, names in PLUGINS.items():
        assert sorted(re.findall(rf"^\| {kind} \[`(\w+)`\]", README, re.MULTILINE)) == names


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
    tasks = [
        {"name": "Read", f"{NAMESPACE}.operation_results_info": {"stack_set_name": "org-baseline"}, "register": "read"},
        *({"name": "Keep", "keep": f"read | {NAMESPACE}.{name}", "as": name} for name in FILTERS),
    ]
    play = ansible.play(tasks)
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
