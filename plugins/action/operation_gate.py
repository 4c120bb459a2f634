# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name: once, or poll by poll where progress is shown, for a module can't print.

The documentation is the module's.
"""

from __future__ import annotations

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if self._task.async_val or not is_shown(self._task, display.verbosity):
            ran = self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
        else:
            # It brings most of the core along, which a playbook that shows no progress need not load.
            from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress_many import polls_of

            host = task_vars.get("inventory_hostname", "localhost")
            polls = polls_of(self._task.args, lambda line: display.display(f"[{host}] {line}"))
            ran = polls.run(lambda arguments: self._execute_module(module_args=arguments, task_vars=task_vars))
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return {**result, **ran}


def is_shown(task, verbosity):
    """Whether a task asks for progress. A wrong value asks for none: the module refuses it."""
    asked = task.args.get("show_progress")
    if task.no_log:
        return False
    return verbosity > 0 if asked is None else boolean(asked, strict=False)
