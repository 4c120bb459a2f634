# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Private to stackgate.stacksets: other collections must not import it.
"""Replaces what differs between targets in a status reason (ARNs, ids, Regions) by placeholders, so that reasons with
the same cause are equal. Pure.
"""

from __future__ import annotations

import re

# Longer forms stand before those that they hold.
_MASKS = tuple(
    (re.compile(pattern), mask)
    for pattern, mask in (
        (r"\barn:aws[a-z-]*:[^\s\"'<>,;()\[\]]*[^\s\"'<>,;()\[\].:]", "<arn>"),
        (r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", "<uuid>"),
        (r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])", "<account>"),
        (
            r"\b(?:us|eu|ap|ca|sa|me|af|il|mx|cn)(?:-gov|-isob?|-iso[ef])?"
            r"-(?:north|south|east|west|central)(?:east|west)?-[0-9](?:[a-f]\b|\b)",
            "<region>",
        ),
        (r"(?<![0-9A-Za-z])(?=[0-9a-z]*[0-9])(?=[0-9a-z]*[a-z])[0-9a-z]{12,}(?![0-9A-Za-z])", "<id>"),
        (r"(?<![0-9A-Za-z])(?=[0-9A-Z]*[0-9])(?=[0-9A-Z]*[A-Z])[0-9A-Z]{12,}(?![0-9A-Za-z])", "<id>"),
    )
)


def masked_reason(reason: str | None) -> str:
    """A reason with ARNs, UUIDs, account ids, Regions, request ids and hashes replaced by their kind."""
    text = " ".join((reason or "").split())
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text
