# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Vaulted values (``!vault``) on the controller: made texts before anything looks at them, and never quoted.

Ansible decrypts them for modules. Filters and lookups get them as they are on ansible-core 2.18 and older, and an
inventory's configuration has them on every version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleError, AnsibleOptionsError
from ansible.plugins import AnsiblePlugin
from ansible.utils.unsafe_proxy import AnsibleUnsafeText

from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError

try:
    from ansible.parsing.vault import VaultHelper
except ImportError:  # ansible-core 2.18 and older
    VaultHelper = None


class _Decrypted(AnsibleUnsafeText):
    """A string that was vaulted. ansible-core 2.19 and newer mark it themselves. It is never a template."""


def decrypted(value: Any) -> Any:
    """The value with texts in place of all that is vaulted in it. Raises AnsibleError where the password is missing."""
    if _is_vaulted(value):
        return value if isinstance(value, str) else str(value) if VaultHelper else _Decrypted(value.data)
    if isinstance(value, Mapping):
        members = {key: decrypted(value[key]) for key in value}
        return members if any(members[key] is not value[key] for key in members) else value
    if isinstance(value, (list, tuple)):
        elements = [decrypted(element) for element in value]
        return elements if any(new is not old for new, old in zip(elements, value, strict=True)) else value
    return value


def holds_vaulted(value: Any) -> bool:
    """Whether the value, or anything in it, is or was vaulted."""
    if _is_vaulted(value):
        return True
    if isinstance(value, Mapping):
        return any(holds_vaulted(value[key]) for key in value)
    return isinstance(value, (list, tuple)) and any(map(holds_vaulted, value))


def unquoted(error: OptionError, value: Any) -> OptionError:
    """The error of an option with this value, without what it quotes of it where the value holds a vaulted one."""
    return error.without_value() if holds_vaulted(value) else error


def _is_vaulted(value: Any) -> bool:
    if VaultHelper:
        return VaultHelper.get_ciphertext(value, with_tags=False) is not None
    # Not by the class itself: newer versions deprecate its module.
    return isinstance(value, _Decrypted) or type(value).__name__ == "AnsibleVaultEncryptedUnicode"


@contextmanager
def hidden_from_ansible(given: Mapping[str, Any]) -> Iterator[None]:
    """Errors of Ansible's own, which quote what it refuses, without its words where one of the options is vaulted."""
    try:
        yield
    except AnsibleError:
        vaulted = [str(name) for name in given if holds_vaulted(given[name])]
        if not vaulted:
            raise
        names = ", ".join(vaulted)
        message = f"Ansible rejected the value of an option, not shown because of vaulted values in: {names}."
        raise AnsibleOptionsError(message) from None


class TakesVaulted(AnsiblePlugin):
    """A plugin whose options may be vaulted, wherever they are set. ``given`` has them as they were before Ansible
    made numbers and lists of them.
    """

    def set_options(self, task_keys: Any = None, var_options: Any = None, direct: Any = None) -> None:
        """Set the options, decrypted: whatever checks them asks for texts."""
        definitions = self.option_definitions.items()
        names = {entry["name"]: option for option, one in definitions for entry in one.get("vars", [])}
        variables = {name: decrypted(value) for name, value in (var_options or {}).items() if name in names}
        options = decrypted(direct or {})
        self.given = {**{names[name]: value for name, value in variables.items()}, **options}
        with hidden_from_ansible(self.given):
            super().set_options(task_keys, {**(var_options or {}), **variables}, options)
