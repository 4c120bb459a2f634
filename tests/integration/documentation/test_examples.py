# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples of the guides, of the README and of the plugins run."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from emulator.client import operation
from integration.helpers.awx_variables import write_extra_vars

CHECKOUT = Path(__file__).resolve().parents[3]

NAMESPACE = "stackgate.stacksets"
README = (CHECKOUT / "README.md").read_text()
# With the site's first page, and without the guide whose examples are pipelines: test_ci.py runs those.
GUIDES = sorted(path for path in (CHECKOUT / "docs/docsite").glob("*/*.rst") if path.stem != "guide_ci")
SOURCES = sorted(
    path for kind in ("modules", "lookup", "filter") for path in (CHECKOUT / "plugins" / kind).glob("*.py")
)
INVENTORIES = sorted((CHECKOUT / "plugins/inventory").glob("*.py"))
LATEST = "5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e"


def fenced(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def in_guide(path):
    blocks = re.findall(r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", path.read_text(), re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE) for block in blocks]


def of_plugin(path):
    """What a plugin's file has under EXAMPLES; other tests see to it that ansible-doc finds it there."""
    assigned = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
    (examples,) = [ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "EXAMPLES"]
    return examples


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


def without_what_ran(tasks, host, ran):
    """These tasks; for each of our modules' that another host runs word for word, that one's result."""
    for task in tasks:
        words = json.dumps({**task, "name": None}, sort_keys=True, default=str)
        if words.startswith(f'{{"name": null, "{NAMESPACE}.') and "{{" not in words:
            first = ran.setdefault(words, host)
            if first != host:
                name = task.get("register", "the_same")
                result = f"{{{{ hostvars['{first}'].{name} | default(none) }}}}"
                task = {"name": f"{task['name']}, as {first} did", "ansible.builtin.set_fact": {name: result}}
        yield task


def plays_of(examples):
    """A play for each example, by its name. Each has a host of its own, so none finds another's variables."""
    ran = {}
    for name, example in examples.items():
        content = yaml.safe_load(example)
        for play in content if "hosts" in content[0] else [{"hosts": "localhost", "tasks": content}]:
            assert play["hosts"] == "localhost", example
            tasks = list(without_what_ran(play["tasks"], name, ran))
            # Polls follow each other sooner than by default.
            defaults = {"module_defaults": {f"{NAMESPACE}.operation_gate": {"wait_sleep": 1}}}
            # An error in one must not end the run before the next.
            more = {"name": name, "hosts": name, "gather_facts": False, "ignore_errors": True}
            yield {**defaults, **play, **more, "tasks": tasks}


def run_polls(ansible, place, examples, **environment):
    """Run examples, given by a name for each, in one ansible-playbook; what it printed."""
    hosts = {name: {"ansible_connection": "local"} for name in examples}
    (place / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
    (place / "examples.yml").write_text(yaml.safe_dump(list(plays_of(examples)), sort_keys=False, width=10**6))
    play = ansible.book(place / "examples.yml", "-i", str(place / "hosts.yml"), **environment)
    well = r"^(\S+) +: ok=.* unreachable=0 +failed=0 +skipped=\d+ +rescued=0 +ignored=0"
    unwell = set(examples) - set(re.findall(well, play.output, re.MULTILINE))
    heads = tuple(f"PLAY [{name}]" for name in unwell)
    told = [part for part in re.split(r"^(?=PLAY )", play.output, flags=re.MULTILINE) if part.startswith(heads)]
    assert not unwell, "\n".join([examples[name] for name in sorted(unwell)] + (told or [play.output]))
    assert play.code == 0, play.output
    return play.output


def test_the_examples_of_every_module_lookup_and_filter_run(ansible, clean, tmp_path):
    examples = {f"{path.parent.name}.{path.stem}": of_plugin(path) for path in SOURCES}
    # Some amazon.aws use what their ansible-core deprecates, which says nothing of the examples.
    output = run_polls(ansible, tmp_path, examples, ANSIBLE_DEPRECATION_WARNINGS="false")
    assert "[WARNING]" not in output


def graph(ansible, place, configuration):
    """What --graph prints of an inventory's configuration."""
    path = place / "operation_results.yml"
    path.write_text(configuration)
    # Away from the home, where an example may keep its cache. Of deprecations as above.
    settings = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", "ANSIBLE_DEPRECATION_WARNINGS": "false"}
    ran = ansible.inventory(path, HOME=str(place), **settings)
    assert ran.returncode == 0, f"{configuration}\n{ran.stderr}"
    assert "[WARNING]" not in ran.stderr, f"{configuration}\n{ran.stderr}"
    return ran.stdout


@pytest.mark.parametrize("source", INVENTORIES, ids=lambda path: path.stem)
def test_the_examples_of_an_inventory_are_configurations(ansible, failing, tmp_path, source):
    examples = of_plugin(source).split("\n---\n")
    assert len(examples) > 1
    for example in examples:
        shown = graph(ansible, tmp_path, example)
        assert "-1" in shown, example


def guides_examples():
    """The guides' examples by kind, and by the guide's name and the number in it."""
    found = {"inventory": {}, "accounts": {}, "inputs": {}, "tasks": {}}
    for path in GUIDES:
        blocks = in_guide(path)
        assert bool(blocks) is ("code-block:: yaml" in path.read_text()), path
        for number, block in enumerate(blocks, 1):
            content = yaml.safe_load(block)
            if "ANSIBLE_COLLECTIONS_PATH" in content:
                continue  # variables of an inventory source, for AWX itself
            if isinstance(content, dict):
                kind = "inventory" if "plugin" in content else "inputs"
            else:
                kind = "accounts" if content[0].get("hosts") == "status_failed" else "tasks"
            found[kind][f"{path.stem}-{number}"] = block
    assert all(found.values())
    return found


@pytest.mark.once
def test_the_tasks_and_plays_of_the_guides_run(ansible, clean, tmp_path):
    run_polls(ansible, tmp_path, guides_examples()["tasks"])


@pytest.mark.once
@pytest.mark.parametrize("block", [pytest.param(block, id=name) for name, block in guides_examples()["inputs"].items()])
def test_the_guides_inputs_are_those_of_the_gates_playbook(ansible, clean, tmp_path, block):
    words = ("-e", write_extra_vars(tmp_path / "inputs.yml", yaml.safe_load(block)))
    play = ansible.book(f"{NAMESPACE}.gate", *words)
    assert play.code == 0, play.output


@pytest.mark.once
def test_the_inventories_of_the_guides_are_configurations_and_one_goes_to_the_accounts_that_failed(
    ansible, clean, tmp_path
):
    examples = guides_examples()
    for block in examples["inventory"].values():
        shown = graph(ansible, tmp_path, block)
        assert "region_eu_west_1" in shown or "keyed_groups" in block or "statuses" in block
    (grouped,) = [block for block in examples["inventory"].values() if "keyed_groups" in block]
    (tmp_path / "operation_results.yml").write_text(grouped)
    (block,) = list(examples["accounts"].values())
    in_failed_accounts(ansible, clean, tmp_path / "operation_results.yml", block, tmp_path)


def in_failed_accounts(ansible, emulator, inventory, block, place):
    """A play over an inventory's hosts, with two accounts for it; moto's STS lets anybody assume any role."""
    generate = {"accounts": 9, "regions": 3, "failed": 2}
    emulator.stack_set("org-baseline", [operation(LATEST, generate=generate)])
    (place / "accounts.yml").write_text(block)
    play = ansible.book(place / "accounts.yml", "-i", str(inventory))
    assert play.code == 0, f"{block}\n{play.output}"
    assert len(re.findall(r"^\d{12}_\S+ +: ok=3 ", play.output, re.MULTILINE)) == 2, play.output


@pytest.mark.once
def test_the_example_of_an_inventory_goes_to_the_accounts_that_failed(ansible, clean, tmp_path):
    folder = CHECKOUT / "examples" / "failed_accounts"
    inventory = tmp_path / "operation_results.yml"
    shutil.copy2(folder / inventory.name, inventory)
    in_failed_accounts(ansible, clean, inventory, (folder / "failed_accounts.yml").read_text(), tmp_path)


@pytest.mark.once
def test_the_examples_that_cut_a_reading_go_on_behind_it(ansible, clean):
    clean.stack_set("org-baseline", [operation(LATEST, generate={"accounts": 335, "regions": 3})])
    (thousand,) = [task for path in SOURCES for task in yaml.safe_load(of_plugin(path)) if "thousand" in task["name"]]
    (hundreds,) = [block for path in GUIDES for block in in_guide(path) if "max_items: 500" in block]
    rows = "{0}.operation_results | length, {1}.operation_results | length"
    play = ansible.play(
        [
            *yaml.safe_load(hundreds),
            {"name": "Keep", "keep": f"[{rows.format('first', 'rest')}]", "as": "hundreds"},
            thousand,
            {"name": "Keep", "keep": f"[{rows.format('first', 'second')}]", "as": "thousand"},
        ]
    )
    assert play.code == 0, play.output
    assert play.kept == {"hundreds": [500, 505], "thousand": [1000, 5]}


@pytest.mark.once
def test_the_guides_example_resumes_a_reading_that_broke(ansible, clean):
    clean.stack_set("org-baseline", [operation(LATEST, generate={"accounts": 250})])
    clean.fault(error="ExpiredToken", status=403, message="expired", when={"page": 3})
    (block,) = [block for path in GUIDES for block in in_guide(path) if "starting_token" in block and "rescue" in block]
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


@pytest.mark.once
@pytest.mark.parametrize("block", readme_plays(), ids=["gate", "filter"])
def test_the_readmes_playbooks_continue_only_if_nothing_failed(ansible, clean, tmp_path, block):
    book = tmp_path / "readme.yml"
    book.write_text(block)
    variables = ("-e", json.dumps({"stack_set_name": "org-baseline", "operation_id": LATEST}))
    well = ansible.book(book, *variables)
    assert well.code == 0, well.output
    assert "skipping" not in well.output.split("TASK [Continue]")[1]
    generate = {"accounts": 50, "regions": 3, "failed": 3, "cancelled": 1}
    clean.stack_set("org-baseline", [operation(LATEST, generate=generate)])
    unwell = ansible.book(book, *variables)
    assert "failed=1" in unwell.output or "skipped=1" in unwell.output


@pytest.mark.once
@pytest.mark.parametrize("guide", ["guide_awx", "guide_report"])
def test_what_awx_keeps_as_variables_is_json(guide):
    """Of a time without quotes AWX makes no job, and says nothing."""
    text = (CHECKOUT / f"docs/docsite/rst/{guide}.rst").read_text()
    # Of a guide that is about more than AWX, what stands below its heading.
    text = text[text.index("\nIn AWX\n") :] if guide != "guide_awx" else text
    blocks = re.findall(r"^\.\. code-block:: yaml(?:\+jinja)?\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    assert blocks
    inputs = {
        name: yaml.safe_load((CHECKOUT / f"playbooks/{name}.yml").read_text())[0]["vars"][f"stackset_{name}_inputs"]
        for name in ("gate", "report")
    }
    for block in blocks:
        variables = yaml.safe_load(block)
        assert json.loads(json.dumps(variables)) == variables
        assert set(variables) <= {*inputs["gate"], *inputs["report"], "ANSIBLE_COLLECTIONS_PATH"}, block
