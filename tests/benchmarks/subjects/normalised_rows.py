# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's rows as the collection has them, one for each target"""

from baselines.camel_to_snake import prepare

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.normalise import normalise_row
from ansible_collections.stackgate.stacksets.plugins.module_utils._rows.results import worst_rows

__all__ = ["prepare", "run"]


def run(rows):
    return len(worst_rows(map(normalise_row, rows)))
