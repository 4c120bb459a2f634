# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""three statuses side by side"""

from core import ASKED

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results


def run(client):
    asked = read_request({**ASKED, "statuses": ["SUCCEEDED", "FAILED", "CANCELLED"]})
    return len(read_results(client, asked, print).reading.rows)
