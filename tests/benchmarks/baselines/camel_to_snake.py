# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""amazon.aws's `camel_dict_to_snake_dict`, which is ansible-core's"""

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict


def prepare(client):
    paginator = client.get_paginator("list_stack_set_operation_results")
    return paginator.paginate(StackSetName="large", OperationId="op-1").build_full_result()["Summaries"]


def run(rows):
    return len([camel_dict_to_snake_dict(row) for row in rows])
