# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Configurations of the inventory, and what ansible-inventory makes of them."""

from __future__ import annotations

import json
import re

import yaml

NAME = "stackgate.stacksets.operation_results"


def configuration(folder, file="operation_results.yml", **options):
    """The file of a configuration; an option that is None is left out."""
    given = {"plugin": NAME, "stack_set_name": "org-baseline", **options}
    path = folder / file
    path.write_text(yaml.safe_dump({name: value for name, value in given.items() if value is not None}))
    return path


def several(ansible, folder, configurations, *words, **environment):
    """ansible-inventory over several configurations at once, each in a file that its name begins."""
    paths = [configuration(folder, f"{name}.operation_results.yml", **one) for name, one in configurations.items()]
    more = [word for path in paths[1:] for word in ("-i", str(path))]
    return ansible.inventory(paths[0], *more, *(words or ("--graph",)), **environment)


def shown(ansible, path, *words, **environment):
    """The inventory as --list has it."""
    ran = ansible.inventory(path, "--list", *words, **environment)
    assert ran.returncode == 0, ran.stderr
    assert "Failed to parse" not in one_line(ran), ran.stderr
    return json.loads(ran.stdout)


def hosts_of(inventory):
    return {host: plain(variables) for host, variables in inventory["_meta"]["hostvars"].items()}


def groups_of(inventory):
    return {name: group["hosts"] for name, group in inventory.items() if group.get("hosts")}


def plain(value):
    """A value without the mark that --list puts around what is not to be templated."""
    if isinstance(value, dict):
        return value.get("__ansible_unsafe") or {key: plain(member) for key, member in value.items()}
    return value


def one_line(ran):
    """Both outputs without the line breaks that some versions of ansible-core put into warnings."""
    return re.sub(r"\s+", " ", ran.stdout + ran.stderr)
