# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""boto3's paginator, `build_full_result()`"""


def run(client):
    paginator = client.get_paginator("list_stack_set_operation_results")
    pages = paginator.paginate(StackSetName="large", OperationId="op-1", PaginationConfig={"PageSize": 100})
    return len(pages.build_full_result()["Summaries"])
