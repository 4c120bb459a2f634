# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: operation_results
short_description: Use the accounts and Regions of a CloudFormation StackSet operation as hosts
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads the results of one StackSet operation, and adds a host for each account in each Region, for example
    C(111122223333_eu-west-1). A play with C(hosts=status_failed) runs for the accounts that failed.
  - The configuration is a YAML file whose name ends in C(operation_results.yml) or C(operation_results.yaml).
  - If the name of the configuration file, the stack set or a group is misspelled, the play has no hosts. Ansible warns
    and exits with code 0. The notes list the settings that make it fail.
  - Tasks for these hosts run on the controller, with C(ansible_connection=local) and Ansible's own Python. O(compose)
    can set both differently.
  - If an account was targeted through several organizational units, its host has the worst result in the Region
    (FAILED, CANCELLED, RUNNING, PENDING, any other, SUCCEEDED). It is only in the group of that result's unit.
  - A result without an account or a Region is not a host. A warning gives the number of such results.
  - If a reading fails, the plugin adds no hosts.
options:
  plugin:
    description:
      - The name of this plugin.
    type: str
    required: true
    choices: [stackgate.stacksets.operation_results]
  statuses:
    description:
      - Add hosts only for results with these statuses. By default, all are added.
      - AWS filters by one status. Several statuses are read concurrently, as separate listings.
      - For an operation in progress, a warning says that several listings are not one snapshot.
  account_names:
    description:
      - A dictionary of account IDs and names. It adds the variable C(stackset_account_name) to each host, null for an
        account that is not listed.
      - Quote IDs and names, because YAML reads C(012345670123) or C(no) as another value, which is rejected.
    type: dict
    default: {}
  keyed_groups:
    description:
      - Groups by the values of variables. Your own groups replace the default.
      - The default adds groups such as C(status_failed), C(region_eu_west_1) and, with organizational units,
        C(ou_ou_ab12_1a2b3c4d).
    default:
      - key: "[stackset_status | lower] if stackset_status else []"
        prefix: status
      - key: stackset_region
        prefix: region
      - key: stackset_organizational_unit_id or []
        prefix: ou
extends_documentation_fragment:
  - stackgate.stacksets._operation
  - stackgate.stacksets._operation.reading
  - stackgate.stacksets._operation.results
  - stackgate.stacksets._paging
  - stackgate.stacksets._controller
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
  - amazon.aws.boto3
  - constructed
  - inventory_cache
notes:
  - O(stack_set_name) and O(operation_id) can be templates, with lookups and extra variables.
  - Any option, and each name in O(account_names), can be encrypted (C(!vault)). Error messages do not show such values.
    The hosts' variables show the names of stack sets and accounts.
  - The variables of a host are C(stackset_account), C(stackset_region), C(stackset_status), C(stackset_status_reason),
    C(stackset_account_gate_result) (with C(status) and C(status_reason)), C(stackset_organizational_unit_id),
    C(stackset_stack_set_name), C(stackset_operation_id) and C(stackset_operation_status), null if AWS sent no value.
  - If Ansible cannot read an inventory, because its file is missing, has another name or an error occurs, it warns and
    continues without its hosts. To make it fail, set C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true), or
    C(any_unparsed_is_failed) in the section C([inventory]) of C(ansible.cfg).
  - C(ANSIBLE_INVENTORY_UNPARSED_FAILED=true), or C(unparsed_is_failed), fails only if no inventory at all can be read.
  - If a group in C(hosts) does not exist, Ansible warns and skips the play. C(ANSIBLE_HOST_PATTERN_MISMATCH=error), or
    C(host_pattern_mismatch) in the section C([inventory]), makes it fail. The default of O(keyed_groups)
    adds a group for each status, so C(status_failed) is empty, but exists, if no result is C(FAILED).
  - Status reasons are untrusted text. They and the names in O(account_names) are never templated. Ansible's mark for
    this is lost when an inventory is written as YAML, so a space is added after characters that would begin a template.
    These are a brace before another brace, C(%) or C(#), or at the end of a string, and the C(#) of C(#jinja2:).
    M(stackgate.stacksets.operation_results_info) and P(stackgate.stacksets.operation_results#lookup) return the
    unchanged text.
  - A warning is printed if the operation has not ended, or if AWS counts failures that it does not list yet. An
    inventory without failed hosts does not prove success. To decide, use M(stackgate.stacksets.operation_gate).
  - O(cache) keeps the results. With O(cache_plugin) and O(cache_connection), later runs use them without any call to
    AWS, not even for O(assume_role_arn). Results are kept only if the operation has ended and AWS's count agrees with
    them.
  - Cached results are used until O(cache_timeout) expires, for the same stack set, O(operation_id), O(statuses),
    O(call_as), O(region), O(endpoint_url), O(profile) and O(assume_role_arn). Access keys are not compared, so use a
    separate cache for each account. Without O(operation_id), newer operations are not seen until the cache expires.
  - With O(assume_role_arn), O(endpoint_url) also applies to STS. If the services have separate endpoints, set
    C(AWS_ENDPOINT_URL_STS) and C(AWS_ENDPOINT_URL_CLOUDFORMATION) in the environment instead.
  - Unknown options are rejected.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operation_gate
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
"""

EXAMPLES = r"""
# All accounts and Regions of the most recent operation.
plugin: stackgate.stacksets.operation_results
stack_set_name: org-baseline
region: eu-west-1

---
# Failed and cancelled results of one operation, with account names.
plugin: stackgate.stacksets.operation_results
stack_set_name: org-baseline
operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
region: eu-west-1
statuses: [FAILED, CANCELLED]
account_names:
  "000000000000": shop
  "000000000001": archive

---
# From a delegated administrator account, with the stack set's name from the environment and a cache for ten minutes.
plugin: stackgate.stacksets.operation_results
stack_set_name: "{{ lookup('ansible.builtin.env', 'STACK_SET_NAME', default='org-guardrails') }}"
call_as: DELEGATED_ADMIN
region: eu-west-1
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/stacksets
cache_timeout: 600

---
# Custom groups and variables.
plugin: stackgate.stacksets.operation_results
stack_set_name: org-baseline
region: eu-west-1
compose:
  account_role: "'arn:aws:iam::' ~ stackset_account ~ ':role/operator'"
groups:
  unsuccessful: stackset_status in ['FAILED', 'CANCELLED']
  denied: "'AccessDenied' in (stackset_status_reason or '')"
keyed_groups:
  - key: stackset_account
    prefix: account
    parent_group: accounts
"""

from ansible.errors import AnsibleError, AnsibleParserError
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase

from ansible_collections.stackgate.stacksets.plugins.module_utils._api.client import connect
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.request import read_request
from ansible_collections.stackgate.stacksets.plugins.module_utils._api.results_reader import read_results
from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import OptionError
from ansible_collections.stackgate.stacksets.plugins.module_utils._text import one_line
from ansible_collections.stackgate.stacksets.plugins.module_utils._validation import check_account_names, check_texts
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.hosts import add_hosts, assumed
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.targets import (
    cached_question,
    doubts,
    from_cache,
    hosts,
    results_of,
    to_cache,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._plugin_errors import (
    CredentialErrors,
    refuse_unknown_options,
    translated_errors,
)
from ansible_collections.stackgate.stacksets.plugins.plugin_utils._vaulted import TakesVaulted, hidden_from_ansible

READING = ("stack_set_name", "operation_id", "call_as", "statuses", "page_size", "reading_timeout")


class InventoryModule(CredentialErrors, TakesVaulted, AWSInventoryBase):
    NAME = "stackgate.stacksets.operation_results"
    INVENTORY_FILE_SUFFIXES = ("operation_results.yml", "operation_results.yaml")

    class TemplatedOptions(AWSInventoryBase.TemplatedOptions):
        TEMPLATABLE_OPTIONS = (
            *AWSInventoryBase.TemplatedOptions.TEMPLATABLE_OPTIONS,
            "stack_set_name",
            "operation_id",
        )

    def parse(self, inventory, loader, path, cache=True):
        super().parse(inventory, loader, path)
        with translated_errors(AnsibleParserError, self.given):
            check_texts(self.given)
            request = read_request({name: self._given(name) for name in READING})
            connection = {name: self._given(name) for name in ("endpoint_url", "profile", "assume_role_arn", "region")}
            connection["region"] = self.region  # a profile's, where the option is not set
            request.stack_set.check_region(self.region)
            names = check_account_names(self.get_option("account_names"))
            results = self._results(request, cached_question(request, connection), path, cache)
        for doubt in doubts(request, results):
            self.warn(doubt)
        with hidden_from_ansible({name: self.get_option(name) for name in ("compose", "groups", "keyed_groups")}):
            add_hosts(self, hosts(results, request.stack_set.value, names))

    def _read_config_data(self, path):
        config = super()._read_config_data(path)
        refuse_unknown_options(self, config, AnsibleParserError)
        self.templar.available_variables = self._vars
        return config

    def _set_frozen_credentials(self):
        """The base assumes the role here, before anything is checked or found in the cache: ``_client`` does it."""

    def _client(self, service, **parameters):
        role_arn = self._given("assume_role_arn")
        role = assumed(self.client("sts", **parameters), role_arn) if role_arn else {}
        return self.client(service, **role, **parameters)

    def _do_fail(self, message):
        # Without its cause, as in translated_errors.
        raise AnsibleParserError(one_line(message, 1000)) from None

    def _given(self, option):
        try:
            return self.get_option(option)
        except AnsibleError as error:
            raise OptionError(
                option, f"is a template that fails: {one_line(error)}", "It may use lookups and extra variables."
            ) from None

    def _results(self, request, about, path, cache):
        results = from_cache(self._kept(path), about) if cache and self.get_option("cache") else None
        if results is None:
            results = results_of(read_results(connect(self._client), request, self.warn))
            if self.get_option("cache"):
                # An older entry must not come back where the new answer is not one to keep.
                entry = to_cache(about, results) if results.is_final(request.statuses) else {}
                self._cache[self.get_cache_key(path)] = entry
        return results

    def _kept(self, path):
        try:
            return self._cache[self.get_cache_key(path)]
        except (KeyError, ValueError, TypeError, OSError, AnsibleError):  # nothing there, or nothing that can be read
            return None
