# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What bare_results returns, with the keys that our rows have, all of them in each."""

from __future__ import annotations

import boto3
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule({"stack_set_name": {"type": "str"}, "operation_id": {"type": "str"}})
    paginator = boto3.client("cloudformation").get_paginator("list_stack_set_operation_results")
    pages = paginator.paginate(
        StackSetName=module.params["stack_set_name"],
        OperationId=module.params["operation_id"],
        PaginationConfig={"PageSize": 100},
    )
    rows = [
        {
            "account": row["Account"],
            "region": row["Region"],
            "status": row["Status"],
            "status_reason": row.get("StatusReason"),
            "account_gate_result": {
                "status": row["AccountGateResult"]["Status"],
                "status_reason": row["AccountGateResult"]["StatusReason"],
            },
            "organizational_unit_id": row.get("OrganizationalUnitId"),
        }
        for row in pages.build_full_result()["Summaries"]
    ]
    module.exit_json(operation_results=rows)


if __name__ == "__main__":
    main()
