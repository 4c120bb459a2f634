# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""all rows, one for each target"""

from core import READING

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import worst_rows


def run(client):
    return len(worst_rows(read_results(client, READING, print).reading.rows))
