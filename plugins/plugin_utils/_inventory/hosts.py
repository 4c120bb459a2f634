# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The inventory's side of the controller: hosts, what of them is a template and what must not be, and whose keys."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.unsafe_proxy import wrap_var

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core 2.18 and older: a string is a template unless it is marked
    trust_as_template = None

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.aws_errors import credentials_error
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ReadError
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.types import ROW_STATUSES
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.targets import default_groups

# amazon.aws makes a name of the plugin's, which for ours is longer than the 64 characters that STS takes.
SESSION_NAME = "stackgate.stacksets.inventory"
# Ids, Regions and statuses. There is nothing in them that a template could begin with.
_WORD = re.compile(r"[0-9A-Za-z_./:-]+")
# What begins a template: a brace before another, % or #, and ansible-core's header, which names other delimiters. A
# brace at the end would begin one where texts are put together.
_OPENING = re.compile(r"[{](?=[{%#]|\Z)|#(?=jinja2:)")


def as_template(text: str) -> str:
    """A string of ours: what is a template in it is templated where it is used."""
    return trust_as_template(text) if trust_as_template else text


def as_data(value: Any) -> Any:
    """A value of others, never to be templated.

    The mark that says so is lost where ansible-inventory writes YAML or TOML, so whatever would begin a template has a
    blank behind its first character as well. Single words are left as they are: ansible-inventory shows whatever is
    marked as a dict around its text.
    """
    if isinstance(value, dict):
        return {key: as_data(member) for key, member in value.items()}
    if not isinstance(value, str):
        return value
    text = _OPENING.sub(r"\g<0> ", str(value))
    if _WORD.fullmatch(text):
        return as_template(text)
    return text if trust_as_template else wrap_var(text)


def assumed(sts: Any, role_arn: str) -> dict[str, Any]:
    """The credentials of a role, as amazon.aws's ``client`` takes them. Raises ReadError."""
    try:
        credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName=SESSION_NAME)["Credentials"]
        return {
            "profile_name": None,
            "aws_access_key_id": credentials["AccessKeyId"],
            "aws_secret_access_key": credentials["SecretAccessKey"],
            "aws_session_token": credentials["SessionToken"],
        }
    except Exception as error:  # the SDK's own parser errors have no common base with its others
        found = credentials_error(error)
        raise ReadError(f"The role {one_line(role_arn)} could not be assumed. {found.message}", found.code) from None


def add_hosts(plugin: Any, variables_of: Mapping[str, Mapping[str, Any]]) -> None:
    """Put hosts with their variables, and the groups that the plugin's options ask for, into its inventory.

    An error that ``strict`` makes of an expression takes them all out again: Ansible would continue with some of them.
    """
    before = {host for host in variables_of if plugin.inventory.get_host(host) is not None}
    try:
        _add_hosts(plugin, variables_of)
    except AnsibleError:
        for name in variables_of.keys() - before:
            host = plugin.inventory.get_host(name)
            if host is not None:
                plugin.inventory.remove_host(host)
        raise


def _add_hosts(plugin: Any, variables_of: Mapping[str, Mapping[str, Any]]) -> None:
    inventory, get_option = plugin.inventory, plugin.get_option
    compose, groups, keyed_groups, strict = map(get_option, ("compose", "groups", "keyed_groups", "strict"))
    # Each expression is compiled again for each host, which is most of the time that an inventory takes.
    default_keys = keyed_groups == plugin.option_definitions["keyed_groups"]["default"]
    by_default = not compose and default_keys
    # Where nothing failed, status_failed is empty: only the name of a group that is misspelled does not exist.
    for status in ROW_STATUSES if default_keys else ():
        inventory.add_group(f"status_{status.lower()}")
    ours = {
        "ansible_connection": as_template("local"),
        # Not the path itself: AWX keeps the inventory, and uses it in whatever execution environment a job has.
        "ansible_python_interpreter": as_template("{{ ansible_playbook_python }}"),
    }
    for host, values in variables_of.items():
        variables = {**ours, **as_data(dict(values))}
        inventory.add_host(host)
        for name, value in variables.items():
            inventory.set_variable(host, name, value)
        plugin._set_composite_vars(compose, variables, host, strict)
        composed = inventory.get_host(host).get_vars()
        plugin._add_host_to_composed_groups(groups, composed, host, strict, fetch_hostvars=False)
        if by_default:
            for group in map(plugin._sanitize_group_name, default_groups(variables)):
                inventory.add_host(host, inventory.add_group(group))
        else:
            plugin._add_host_to_keyed_groups(keyed_groups, composed, host, strict, fetch_hostvars=False)
