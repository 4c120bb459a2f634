# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: task_seconds
type: aggregate
short_description: How long the tasks took
description:
  - Writes the seconds of each task, in their order, as JSON to the file that E(STACKGATE_TASK_SECONDS) names.
"""

import json
import os
import time
from pathlib import Path

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_seconds"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._seconds = []

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._start = time.perf_counter()
        self._seconds.append(0.0)

    def v2_runner_on_ok(self, result):
        self._seconds[-1] = time.perf_counter() - self._start

    def v2_playbook_on_stats(self, stats):
        Path(os.environ["STACKGATE_TASK_SECONDS"]).write_text(json.dumps(self._seconds), encoding="utf-8")
