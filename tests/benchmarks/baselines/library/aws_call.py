# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one_call does, as a module on amazon.aws's base class."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


def main():
    module = AnsibleAWSModule(argument_spec={"stack_set_name": {"type": "str"}, "operation_id": {"type": "str"}})
    answer = module.client("cloudformation").describe_stack_set_operation(
        StackSetName=module.params["stack_set_name"], OperationId=module.params["operation_id"]
    )
    module.exit_json(status=answer["StackSetOperation"]["Status"])


if __name__ == "__main__":
    main()
