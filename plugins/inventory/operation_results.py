# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: operation_results
short_description: The accounts and Regions of a CloudFormation StackSet operation as hosts
version_added: 0.1.0
author: The stackgate.stacksets contributors (@stackgate)
description:
  - Reads the results of one operation of a stack set, and makes a host of each account in each Region, named such as
    C(111122223333_eu-west-1). C(hosts=status_failed) is then a play over the accounts that failed.
  - Its configuration is a YAML file whose name ends in C(operation_results.yml) or C(operation_results.yaml).
  - A host is no machine. It has C(ansible_connection=local) and runs with Ansible's own Python, so that a task for it
    is carried out on the controller; O(compose) may set both otherwise.
  - Where an account was targeted through several organizational units, the worst of its results in a Region stays
    (FAILED, CANCELLED, RUNNING, PENDING, any other, SUCCEEDED), and the host is in that unit's group only.
  - A result without an account or a Region is no host. A warning says how many of them there are.
  - An inventory is whole or an error. There are no hosts of half a reading.
options:
  plugin:
    description:
      - Says that the file is for this plugin.
    type: str
    required: true
    choices: [stackgate.stacksets.operation_results]
  statuses:
    description:
      - Make hosts only of results of these statuses. Left out, of all.
      - With one status AWS does the filtering. With several, each is a listing of its own (AWS's filter takes one
        status), and they are read at the same time.
      - Several listings of an operation that is still at work are not one snapshot; a warning says so.
  account_names:
    description:
      - Names of accounts by their ids. With it each host has the variable C(stackset_account_name), null for an account
        that it does not name.
      - Both take quotes, for YAML reads C(012345670123) and a name such as C(no) as something else, which is refused.
    type: dict
    default: {}
  keyed_groups:
    description:
      - Groups by the values of variables. What is given here takes the place of the default.
      - The default makes groups such as C(status_failed), C(region_eu_west_1) and C(ou_ou_ab12_1a2b3c4d). Without an
        organizational unit there is no group for it.
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
  - O(stack_set_name) and O(operation_id) may be templates, with lookups and extra variables.
  - Any option, and each name in O(account_names), may be vaulted (C(!vault)). What is refused of it is not shown. Names
    of stack sets and accounts are readable in the hosts' variables.
  - The variables of a host are C(stackset_account), C(stackset_region), C(stackset_status), C(stackset_status_reason),
    C(stackset_account_gate_result) (with C(status) and C(status_reason)), C(stackset_organizational_unit_id),
    C(stackset_stack_set_name), C(stackset_operation_id) and C(stackset_operation_status), null where AWS sent nothing.
  - Status reasons are texts that others wrote. They are never templated, nor are the names in O(account_names). They
    carry Ansible's mark for that, which is lost where an inventory is written as YAML. So a brace that would begin a
    template (before another brace, C(%) or C(#), or at the end of a text) has a blank behind it as well, and so has the
    C(#) of C(#jinja2:), which would change what begins one. M(stackgate.stacksets.operation_results_info) and the
    lookup P(stackgate.stacksets.operation_results#lookup) return texts exactly as AWS sent them.
  - The operation may be at work still, or AWS may count failures that no result shows yet. Warnings say so. No host in
    C(status_failed) is no proof of success; M(stackgate.stacksets.operation_gate) decides that.
  - With O(cache) the results are kept, and with O(cache_plugin) and O(cache_connection) for later runs too, which then
    call AWS no more, not even for O(assume_role_arn). Kept are only results of an operation that has ended and for
    which AWS's count and the rows agree.
  - What was kept is used for the same stack set, O(operation_id), O(statuses), O(call_as), O(region), O(endpoint_url),
    O(profile) and O(assume_role_arn), and as long as O(cache_timeout) says. Keys are not compared, so give the file of
    each account a cache of its own. Without O(operation_id) a newer operation is not seen until then.
  - With O(assume_role_arn) STS is asked at the O(endpoint_url) as well, if that is given. Where each service has an
    endpoint of its own, set the SDK's C(AWS_ENDPOINT_URL_STS) and C(AWS_ENDPOINT_URL_CLOUDFORMATION) instead.
  - An unknown option is refused, as it would otherwise be ignored without a word.
  - Where an inventory can't be read, Ansible's commands warn and go on without it, unless
    C(ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=true), or C(any_unparsed_is_failed) in the section C([inventory]) of
    C(ansible.cfg), makes that an error.
seealso:
  - module: stackgate.stacksets.operation_results_info
  - module: stackgate.stacksets.operation_gate
  - plugin: stackgate.stacksets.operation_results
    plugin_type: lookup
"""

EXAMPLES = r"""
# The smallest one: the most recent operation, all its accounts.
plugin: stackgate.stacksets.operation_results
stack_set_name: org-baseline
region: eu-west-1

---
# Only what failed or was cancelled in one operation, with the accounts' names.
plugin: stackgate.stacksets.operation_results
stack_set_name: org-baseline
operation_id: 5d1f2a44-2ef7-4b2e-9d0c-6a1a2b3c4d5e
region: eu-west-1
statuses: [FAILED, CANCELLED]
account_names:
  "000000000000": shop
  "000000000001": archive

---
# From a delegated administrator's account, with the stack set's name from the environment, and the answer kept for
# ten minutes.
plugin: stackgate.stacksets.operation_results
stack_set_name: "{{ lookup('ansible.builtin.env', 'STACK_SET_NAME', default='org-guardrails') }}"
call_as: DELEGATED_ADMIN
region: eu-west-1
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/stacksets
cache_timeout: 600

---
# Groups and variables of one's own.
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
