# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which versions belong together: the one table of what is supported and tested."""

from __future__ import annotations

from typing import NamedTuple

# Newest first: the order of preference for the development environment.
PYTHONS = ("3.13", "3.12", "3.11", "3.10")


class Line(NamedTuple):
    """A line of ansible-core; the bundle that carries its amazon.aws, and that collection's oldest boto3."""

    core: str
    # An `ansible` bundle comes from PyPI: the only way to amazon.aws without Galaxy.
    bundle: str
    boto3: str
    botocore: str
    pythons: tuple[str, ...]


LINES = {
    # amazon.aws 8.0.0 itself, the lower bound in galaxy.yml; the other lines have their newest bundle.
    "2.17": Line("2.17.14", "10.0.1", "1.26.0", "1.29.0", ("3.10", "3.11", "3.12")),
    "2.18": Line("2.18.19", "11.13.0", "1.28.0", "1.31.0", ("3.11", "3.12", "3.13")),
    "2.19": Line("2.19.14", "12.3.0", "1.34.0", "1.34.0", ("3.11", "3.12", "3.13")),
    "2.20": Line("2.20.10", "13.8.0", "1.34.0", "1.34.0", ("3.12", "3.13")),
    "2.21": Line("2.21.5", "14.5.0", "1.35.0", "1.35.0", ("3.12", "3.13")),
}


def line_of(core_version: str) -> Line:
    """The line of this ansible-core (2.21.5); for one that is newer than the table, the newest."""
    return LINES.get(".".join(core_version.split(".")[:2]), list(LINES.values())[-1])
