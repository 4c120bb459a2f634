# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module of the same name; where progress is shown it polls first, for a module can't print. It refuses what
Ansible would misread on the way to the module.

The documentation is the module's.
"""

from __future__ import annotations

from datetime import date

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

display = Display()

# Options that are texts, where YAML may have read something else.
TEXTS = ("stack_set_name", "operation_id", "region", "aws_region", "ec2_region", "profile", "aws_profile")


class ActionModule(ActionBase):
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        task = self._task
        if task.args.get("operations") or any(isinstance(task.args.get(name), (int, float, date)) for name in TEXTS):
            refusal = _refusal(task.args)
            if refusal:
                return {**result, **refusal}
        # A wrong value asks for none: the module refuses it.
        shown = boolean(task.args.get("show_progress", False), strict=False)
        if not shown or task.async_val or task.check_mode or task.no_log:
            ran = self._execute_module(task_vars=task_vars, wrap_async=task.async_val)
        else:
            # It brings some of the core along, which a playbook that shows no progress need not load.
            from ansible_collections.stackgate.stacksets.plugins.plugin_utils._progress import Progress

            def execute(arguments):
                return self._execute_module(module_args=arguments, task_vars=task_vars)

            def show(line):
                # On stderr, for some callbacks write one document to stdout.
                display.display(f"[{task_vars.get('inventory_hostname', 'localhost')}] {line}", stderr=True)

            ran = Progress(task.args, execute, show).run()
        if not task.async_val:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return {**result, **ran}


def _refusal(arguments):
    """The result of a task whose arguments Ansible would misread; an empty one where it reads what they say."""
    # They bring some of the core along, which most gates of one operation need not load.
    from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
    from ansible_collections.stackgate.stacksets.plugins.module_utils._modules.gate_result import refusal_result
    from ansible_collections.stackgate.stacksets.plugins.plugin_utils._misread import check_misread

    try:
        check_misread(arguments)
    except OptionError as error:
        return {"failed": True, **refusal_result(error)}
    return {}
