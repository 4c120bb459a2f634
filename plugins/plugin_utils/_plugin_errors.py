# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""What lookup and inventory have in common: unknown options, and the core's errors as Ansible's."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ansible.errors import AnsibleError

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.aws_errors import raise_of_credentials
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import Reading
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError, StackSetsError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._vaulted import unquoted


class CredentialErrors:
    """Goes before a base class of amazon.aws's, whose words for what the SDK says of credentials may quote some."""

    def fail_aws(self, message: str, exception: Exception | None = None) -> None:
        """Raises ReadError where the SDK found no credentials."""
        raise_of_credentials(sys.exc_info()[1])
        super().fail_aws(message, exception)  # type: ignore[misc]


def refuse_unknown_options(plugin: Any, given: Iterable[Any], kind: type[AnsibleError]) -> None:
    """Raise an error of this kind for an option that the plugin does not have: Ansible itself ignores it."""
    options = plugin.option_definitions
    known = {*options, *(alias for option in options.values() for alias in option.get("aliases", []))}
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        names = ", ".join(sorted(set(options) - {"_terms"}))
        message = f"No such option: {one_line(', '.join(unknown))}. The options are {names}."
        raise kind(message)


def resume(operation: Mapping[str, Any] | None, reading: Reading) -> str | None:
    """The options that resume a reading; None where nothing remains. The token is that operation's only."""
    token = reading.next_token
    if token is None:
        return None
    return f"operation_id={one_line((operation or {}).get('operation_id'))} and starting_token={token}"


@contextmanager
def translated_errors(kind: type[AnsibleError], options: Mapping[str, Any]) -> Iterator[None]:
    """The core's errors as a plugin's; it cannot return what was read, so the message says how to resume."""
    try:
        yield
    except StackSetsError as error:
        message = error.message
        if isinstance(error, OptionError):
            message = unquoted(error, options.get(error.option)).message
        if error.reading and error.reading.count:
            message += f" {error.reading.count:,} rows were read before the error."
            way_on = resume(error.operation, error.reading)
            message += f" Set {way_on} to resume after them." if way_on else ""
            message += " The module stackgate.stacksets.operation_results_info returns such rows."
        # Without its cause: ansible-core puts the whole chain into the message, and this one says it all.
        raise kind(message) from None
