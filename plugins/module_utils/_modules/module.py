# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""The base class of the collection's modules: AnsibleAWSModule, with ``error`` in each failed result."""

from __future__ import annotations

import sys
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.amazon.aws.plugins.module_utils.botocore import gather_sdk_versions
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .._api.aws_errors import raise_of_credentials
from .._errors import error_fact


class _StructuredErrorModule(AnsibleModule):
    """Each failed result has ``error``, ``boto3_version`` and ``botocore_version``, also where Ansible refuses an
    option (``InvalidOption``) or amazon.aws ends the module (``Failed``), for want of a Region for instance.
    """

    _code = "InvalidOption"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._code = "Failed"  # the options were accepted

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        super().fail_json(msg, **{**error_fact(self._code, msg), **gather_sdk_versions(), **kwargs})


class StackSetsModule(AnsibleAWSModule):
    """AnsibleAWSModule over _StructuredErrorModule."""

    def __init__(self, **kwargs: Any) -> None:
        # amazon.aws takes the class from these settings of its own class alone, whatever is given for module_class.
        AnsibleAWSModule.default_settings["module_class"] = _StructuredErrorModule
        super().__init__(**kwargs)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """Raises ReadError where amazon.aws ends the module for want of credentials: its words may quote some."""
        raise_of_credentials(sys.exc_info()[1])
        super().fail_json(msg, **kwargs)
