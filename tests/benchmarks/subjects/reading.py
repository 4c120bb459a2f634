# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""all rows"""

from core import READING

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results


def run(client):
    return len(read_results(client, READING, print).reading.rows)
