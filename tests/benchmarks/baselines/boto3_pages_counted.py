# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3 page by page, rows counted by status"""

from collections import Counter


def run(client):
    counts = Counter()
    asked = {"StackSetName": "large", "OperationId": "op-1", "MaxResults": 100}
    while True:
        page = client.list_stack_set_operation_results(**asked)
        counts.update(row["Status"] for row in page["Summaries"])
        if "NextToken" not in page:
            return counts.total()
        asked["NextToken"] = page["NextToken"]
