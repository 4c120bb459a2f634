# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module that imports boto3 and makes one call."""

from __future__ import annotations

import boto3
from ansible.module_utils.basic import AnsibleModule


def main():
    module = AnsibleModule({"stack_set_name": {"type": "str"}, "operation_id": {"type": "str"}})
    answer = boto3.client("cloudformation").describe_stack_set_operation(
        StackSetName=module.params["stack_set_name"], OperationId=module.params["operation_id"]
    )
    module.exit_json(status=answer["StackSetOperation"]["Status"])


if __name__ == "__main__":
    main()
