# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Vaulted values (``!vault``) as options and in rows: taken wherever a text is, and never shown where refused."""

from __future__ import annotations

import pytest
import yaml
from emulator.client import operation, row
from integration.helpers.inventory_files import configuration, hosts_of, one_line, several, shown

LOOKUP = "stackgate.stacksets.operation_results"
PASSWORD = "correct horse"
# No part of it may show, and it is nothing that an option takes.
SECRET = "hush-hush 'n {{ 7 * 191 }} (?P<hush" + "-hush" * 20


class Vaulted(str):
    """A text that YAML has as !vault."""


def _encrypted(dumper, text):
    from ansible.parsing.vault import VaultLib, VaultSecret

    encrypted = VaultLib([("default", VaultSecret(PASSWORD.encode()))]).encrypt(str(text))
    return dumper.represent_scalar("!vault", encrypted.decode(), style="|")


yaml.SafeDumper.add_representer(Vaulted, _encrypted)

ROW = {
    **{"account": "111122223333", "region": "eu-west-1", "status": "FAILED", "status_reason": "Denied, by SCP"},
    **{"organizational_unit_id": None, "account_gate_result": None},
}
OPERATION = {
    **{"operation_id": "op-1", "action": "UPDATE", "status": "SUCCEEDED"},
    **{"status_details": {"failed_stack_instances_count": 1}},
}
VARIABLES = {
    "stack_set": Vaulted("org-baseline"),
    "id": Vaulted("op-1"),
    "status": Vaulted("FAILED"),
    "statuses": [Vaulted("FAILED"), Vaulted("CANCELLED")],
    "region": Vaulted("eu-west-1"),
    "caller": Vaulted("SELF"),
    "number": Vaulted("50"),
    "account": Vaulted("111122223333"),
    "names": {"111122223333": Vaulted("shop-of-ours")},
    "pattern": Vaulted("^Denied, by"),
    "scope": Vaulted("operation"),
    "rows": [ROW, {**ROW, "account": "111122223334", "status": "SUCCEEDED"}],
    "vaulted_rows": [{**ROW, "account": Vaulted("111122223333"), "status_reason": Vaulted("Denied, by SCP")}],
    "operation": OPERATION,
    "vaulted_operation": {**OPERATION, "status": Vaulted("SUCCEEDED")},
    "secret": Vaulted(SECRET),
    "secret_names": {"111122223333": [Vaulted(SECRET)]},
    "secret_rows": [{**ROW, "status_reason": [Vaulted(SECRET)]}],
    "secret_operation": {**OPERATION, "operation_id": Vaulted(SECRET)},
    "named_rows": [{**ROW, "stack_set_name": "a", "operation_id": "op-1"}],
}

TAKEN = {
    f"query('{LOOKUP}', stack_set) | length": 2,
    f"query('{LOOKUP}', stack_set, operation_id=id, statuses=statuses, call_as=caller, page_size=number) | length": 1,
    f"query('{LOOKUP}', *[stack_set, stack_set], statuses=[status], region=region, profile=none) | length": 2,
    f"query('{LOOKUP}', 'org-baseline', statuses=status) | length": 1,
    "rows | stackgate.stacksets.gate(operation, ignore_reasons=[pattern], scope=scope, max_failed=0)": None,
    "rows | stackgate.stacksets.gate(vaulted_operation, ignore_accounts=[account])": None,
    "(vaulted_rows + [rows[1]]) | stackgate.stacksets.gate(operation=operation, ignore_reasons=[pattern])": None,
    "vaulted_rows | stackgate.stacksets.group_failures | map(attribute='accounts') | list": [["111122223333"]],
    "vaulted_rows | stackgate.stacksets.retry_targets | map(attribute='accounts') | list": [["111122223333"]],
    "{'operation_results': vaulted_rows} | stackgate.stacksets.summarize | string is search('FAILED')": True,
    "'shop-of-ours' in rows | stackgate.stacksets.to_csv(account_names=names, stack_set_name=stack_set)": True,
    "'shop-of-ours' in rows | stackgate.stacksets.to_html(account_names=names, operation=vaulted_operation)": True,
    "({'report_stack_set_name': stack_set, 'report_dest': 'x', 'report_account_names': names, 'report_region': region}"
    " | stackgate.stacksets.report_options).about": {
        **{"stack_set_name": "org-baseline", "region": "eu-west-1"},
        "account_names": {"111122223333": "shop-of-ours"},
    },
}
REFUSED = {
    f"query('{LOOKUP}', secret)": "stack_set_name is rejected",
    f"query('{LOOKUP}', 'org-baseline', operation_id=secret)": "operation_id is rejected",
    f"query('{LOOKUP}', 'org-baseline', statuses=[secret])": "vaulted values in: statuses",
    f"query('{LOOKUP}', 'org-baseline', page_size=secret)": "vaulted values in: page_size",
    f"query('{LOOKUP}', 'org-baseline', aws_config=dict(a=secret))": "aws_config is rejected",
    "rows | stackgate.stacksets.gate(operation, ignore_reasons=[secret])": "ignore_reasons is rejected",
    "rows | stackgate.stacksets.gate(operation, ignore_accounts=[secret])": "ignore_accounts is rejected",
    "rows | stackgate.stacksets.gate(operation, scope=secret)": "scope is rejected",
    "rows | stackgate.stacksets.gate(operation=secret)": "operation is rejected",
    "named_rows | stackgate.stacksets.gate(secret_operation)": "operation is rejected",
    "rows | stackgate.stacksets.gate(operation, max_failed=secret)": "max_failed is rejected",
    "rows | stackgate.stacksets.to_markdown(account_names=secret_names)": "account_names is rejected",
    "rows | stackgate.stacksets.to_markdown(max_length=secret)": "max_length is rejected",
    "rows | stackgate.stacksets.to_csv(region=[secret])": "region is rejected",
    "secret_rows | stackgate.stacksets.gate": "status_reason in row 1 of the input is rejected",
    "[secret] | stackgate.stacksets.summarize": "The input is rejected",
    "secret | stackgate.stacksets.group_failures": "The input is rejected",
    "{'report_stack_set_name': 'a', 'report_dest': 'x', 'report_formats': [secret], 'report_account_names':"
    " secret_names, 'report_mode': secret} | stackgate.stacksets.report_options": "report_formats is rejected",
}


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "password").write_text(PASSWORD)
    return {"ANSIBLE_VAULT_PASSWORD_FILE": str(tmp_path / "password")}


@pytest.fixture
def baseline(emulator):
    failed = row("111122223333", status="FAILED", reason="Denied, by SCP")
    about = operation("op-1", rows=[failed, row("111122223334")], failed_stack_instances_count=1)
    emulator.stack_set("org-baseline", [about])
    return emulator


def test_lookups_filters_and_the_module_take_them_and_show_none_that_they_refuse(ansible, baseline, vault, tmp_path):
    variables = tmp_path / "variables.yml"
    variables.write_text(yaml.safe_dump(VARIABLES))
    gate = {"stack_set_name": Vaulted("org-baseline"), "operation_id": "{{ id }}", "account_names": "{{ names }}"}
    gate = {**gate, "accept_operation_statuses": [Vaulted("SUCCEEDED")], "show_progress": True}
    by_variable = {"stackgate_stacksets_region": "{{ region }}", "stackgate_stacksets_page_size": Vaulted("7")}
    by_variable = {**by_variable, "stackgate_stacksets_call_as": Vaulted("SELF")}
    play = ansible.play(
        [
            *({"name": "Take", "keep": expression, "as": str(number)} for number, expression in enumerate(TAKEN)),
            {"name": "Set", "vars": by_variable, "keep": f"query('{LOOKUP}', 'org-baseline') | length", "as": "set"},
            {"name": "Gate", "stackgate.stacksets.operation_gate": gate, "ignore_errors": True, "register": "gate"},
            {"name": "Keep", "keep": "gate.msg", "as": "message"},
            {"name": "Refused follow", "ansible.builtin.meta": "noop"},
            *(
                {
                    "name": f"Case {number}",
                    "ansible.builtin.debug": {"msg": f"{{{{ {expression} }}}}"},
                    "ignore_errors": True,
                }
                for number, expression in enumerate(REFUSED)
            ),
        ],
        "-e",
        f"@{variables}",
        "-vvv",
        **vault,
    )
    assert play.code == 0, play.output[-3000:]
    for number, (expression, expected) in enumerate(TAKEN.items()):
        found = play.kept[str(number)]
        assert found["passed"] if expected is None else found == expected, (expression, found)
    assert play.kept["set"] == 2
    assert 7 in [call["max_results"] for call in baseline.log("ListStackSetOperationResults")]
    assert "shop-of-ours" in play.kept["message"]
    parts = play.output.split("TASK [Case ")[1:]
    assert len(parts) == len(REFUSED)
    for (expression, message), part in zip(REFUSED.items(), parts, strict=True):
        assert message in " ".join(part.split()), expression
        assert "hush" not in part, expression
        # What is wrong with the role's options is returned, for a task to show.
        assert ("fatal:" in part) is not expression.endswith("report_options"), expression


def test_an_inventory_takes_them_and_shows_none_that_it_refuses(ansible, baseline, vault, tmp_path):
    taken = {
        **{"stack_set_name": VARIABLES["stack_set"], "operation_id": VARIABLES["id"], "call_as": VARIABLES["caller"]},
        **{"statuses": VARIABLES["statuses"], "page_size": VARIABLES["number"], "reading_timeout": Vaulted("60")},
        **{
            "account_names": VARIABLES["names"],
            "endpoint_url": Vaulted(baseline.endpoint_url),
            "region": VARIABLES["region"],
        },
    }
    (variables,) = hosts_of(shown(ansible, configuration(tmp_path, **taken), **vault)).values()
    found = [variables[f"stackset_{key}"] for key in ("stack_set_name", "account_name", "status")]
    assert found == ["org-baseline", "shop-of-ours", "FAILED"]
    secret = Vaulted(SECRET)
    refused = {
        "a": ({"account_names": VARIABLES["secret_names"]}, "account_names is rejected"),
        "b": ({"account_names": {"1": Vaulted("hush")}}, "account_names is rejected"),
        "c": ({"account_names": secret}, "vaulted values in: account_names"),
        "d": ({"stack_set_name": secret}, "stack_set_name is rejected"),
        "e": ({"operation_id": secret}, "operation_id is rejected"),
        "f": ({"statuses": [secret]}, "vaulted values in: statuses"),
        "g": ({"page_size": secret}, "vaulted values in: page_size"),
        "h": ({"page_size": Vaulted("191191")}, "page_size is rejected"),
        "i": ({"keyed_groups": [secret]}, "vaulted values in: keyed_groups"),
        "j": ({"aws_config": {"a": secret}}, "aws_config is rejected"),
    }
    asked = {name: options for name, (options, _message) in refused.items()}
    ran = several(ansible, tmp_path, asked, "--graph", "-vvv", **vault)
    parts = one_line(ran).split("Failed to parse ")
    for name, (_options, message) in refused.items():
        assert any(message in part for part in parts), name
    for part in ("hush", "191191"):
        assert part not in one_line(ran)
