# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3 page by page, rows kept"""


def run(client):
    rows = []
    asked = {"StackSetName": "large", "OperationId": "op-1", "MaxResults": 100}
    while True:
        page = client.list_stack_set_operation_results(**asked)
        rows += page["Summaries"]
        if "NextToken" not in page:
            return len(rows)
        asked["NextToken"] = page["NextToken"]
