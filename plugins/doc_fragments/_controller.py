# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not use it.
"""Where options of the plugins on the controller can be set besides the call: module_defaults do not reach them."""

from __future__ import annotations


class ModuleDocFragment:
    # The connection's secrets are left out on purpose: they come from the call, from amazon.aws's own environment
    # variables, from a profile or from the machine's role, never from an ini file or a variable of ours.
    # What call_as, page_size and reading_timeout mean is in _operation and _paging: Ansible merges an option's keys.
    # amazon.aws's fragment for plugins lacks aws_config, validate_certs and aws_ca_bundle, and sets no variables.
    DOCUMENTATION = r"""
options:
  call_as:
    env:
      - name: STACKGATE_STACKSETS_CALL_AS
    ini:
      - section: stackgate_stacksets
        key: call_as
  page_size:
    env:
      - name: STACKGATE_STACKSETS_PAGE_SIZE
    ini:
      - section: stackgate_stacksets
        key: page_size
  reading_timeout:
    env:
      - name: STACKGATE_STACKSETS_READING_TIMEOUT
    ini:
      - section: stackgate_stacksets
        key: reading_timeout
  region:
    description:
      - The AWS Region of the stack set.
    type: str
    aliases: [aws_region]
    env:
      - name: AWS_REGION
    ini:
      - section: stackgate_stacksets
        key: region
  profile:
    description:
      - A named AWS profile to authenticate with, instead of O(access_key), O(secret_key) and O(session_token).
    type: str
    aliases: [aws_profile]
    env:
      - name: AWS_PROFILE
      - name: AWS_DEFAULT_PROFILE
    ini:
      - section: stackgate_stacksets
        key: profile
  endpoint_url:
    description:
      - The URL to connect to instead of the default AWS endpoint, such as a VPC endpoint.
    type: str
    aliases: [aws_endpoint_url]
    env:
      - name: AWS_URL
    ini:
      - section: stackgate_stacksets
        key: endpoint_url
  aws_config:
    description:
      - >-
        Parameters of botocore's C(Config), such as V({"retries": {"mode": "adaptive", "total_max_attempts": 20}}) or
        V({"read_timeout": 20}). They replace this collection's defaults.
    type: dict
  validate_certs:
    description:
      - Whether to validate TLS certificates. Prefer O(aws_ca_bundle) to V(false).
    type: bool
    default: true
    env:
      - name: STACKGATE_STACKSETS_VALIDATE_CERTS
    ini:
      - section: stackgate_stacksets
        key: validate_certs
  aws_ca_bundle:
    description:
      - The CA bundle file to validate TLS certificates with.
    type: path
    env:
      - name: AWS_CA_BUNDLE
    ini:
      - section: stackgate_stacksets
        key: aws_ca_bundle
"""

    # Of a lookup only: an inventory is read before there are variables. They are added to the options above.
    VARIABLES = r"""
options:
  call_as:
    vars:
      - name: stackgate_stacksets_call_as
  page_size:
    vars:
      - name: stackgate_stacksets_page_size
  reading_timeout:
    vars:
      - name: stackgate_stacksets_reading_timeout
  region:
    vars:
      - name: stackgate_stacksets_region
  profile:
    vars:
      - name: stackgate_stacksets_profile
  endpoint_url:
    vars:
      - name: stackgate_stacksets_endpoint_url
  aws_config:
    vars:
      - name: stackgate_stacksets_aws_config
  validate_certs:
    vars:
      - name: stackgate_stacksets_validate_certs
  aws_ca_bundle:
    vars:
      - name: stackgate_stacksets_aws_ca_bundle
"""
