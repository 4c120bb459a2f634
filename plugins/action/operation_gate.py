# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name: once, or poll by poll where progress is shown, for a module can't print.

The documentation is the module's.
"""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import Polls, is_shown

display = Display()


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        if self._task.async_val or not is_shown(self._task, display.verbosity):
            ran = self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val)
        else:
            host = task_vars.get("inventory_hostname", "localhost")
            polls = Polls(self._task.args, lambda line: display.display(f"[{host}] {line}"))
            ran = polls.run(lambda arguments: self._execute_module(module_args=arguments, task_vars=task_vars))
        if not self._task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return {**result, **ran}
