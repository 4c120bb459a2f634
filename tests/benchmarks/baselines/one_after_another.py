# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3's paginator, three statuses one after another"""


def run(client):
    paginator = client.get_paginator("list_stack_set_operation_results")
    rows = []
    for status in ("SUCCEEDED", "FAILED", "CANCELLED"):
        pages = paginator.paginate(
            StackSetName="large",
            OperationId="op-1",
            Filters=[{"Name": "OPERATION_RESULT_STATUS", "Values": status}],
            PaginationConfig={"PageSize": 100},
        )
        rows += pages.build_full_result()["Summaries"]
    return len(rows)
