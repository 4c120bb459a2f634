# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One measurement, alone in a process: python alone.py baselines.boto3_full_result http://127.0.0.1:PORT

It prints as JSON what ``run(client)`` returns (``rows``), or ``run(prepare(client))`` where there is something to
prepare that is not measured, the ``seconds`` on the clock and of the processor (``cpu``),
and the ``memory`` at its peak, in MB above the process with everything loaded.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time

import boto3
from botocore.config import Config


def peak() -> float:
    """The most memory that this process has had, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    name, url = sys.argv[1:]
    subject = importlib.import_module(name)
    client = boto3.client("cloudformation", endpoint_url=url, config=Config(proxies={}))
    # What boto3 loads at its first call is no part of what is measured.
    client.describe_stack_set_operation(StackSetName="large", OperationId="op-1")
    given = subject.prepare(client) if hasattr(subject, "prepare") else client
    before, cpu, clock = peak(), time.process_time(), time.perf_counter()
    rows = subject.run(given)
    seconds, cpu = time.perf_counter() - clock, time.process_time() - cpu
    print(json.dumps({"rows": rows, "seconds": seconds, "cpu": cpu, "memory": peak() - before}))


if __name__ == "__main__":
    main()
