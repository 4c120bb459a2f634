#!/bin/sh
# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# All rows by the AWS CLI, printed as JSON.
exec aws cloudformation list-stack-set-operation-results --stack-set-name large --operation-id op-1 --output json
