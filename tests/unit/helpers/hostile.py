# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Input that means no good, for Hypothesis: any text there is, the texts that do harm elsewhere, and near misses."""

from __future__ import annotations

import base64
import json
import os

from hypothesis import settings
from hypothesis import strategies as st

# For each of the parsers; STACKGATE_HOSTILE says how many (`make hostile`: 5,000).
hostile_settings = settings(max_examples=int(os.environ.get("STACKGATE_HOSTILE") or 150))

ARN = "arn:aws:cloudformation:eu-west-1:111122223333:stackset/org-baseline:8a1f0c2e-0d8b-4f0a-9f4e-1f2e3d4c5b6a"
UNIQUE = ARN.rpartition("/")[2]

# What does harm where it is templated, printed, rendered, quoted, or opened in a spreadsheet.
HARMFUL = (
    "{{ lookup('ansible.builtin.pipe', 'id') }}",
    "{% for one in range(9) %}x{% endfor %}",
    "{# gone #}",
    "\x1b[2J\x1b]0;title\x07",
    "\x9b31m",
    "\u202etxt.exe\u202c",
    "\u2028[ERROR]: none\r\nok: [localhost]",
    "\x00\x08\x7f\x85\ufeff\u200b",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]>&amp;<!--",
    "=cmd|' /C calc'!A1",
    "'; touch /tmp/harm; `id` $(id)",
    "{0} {asked} {error!r} %s %(x)d",
    "!!python/object/apply:os.system ['id']",
    "../../etc/passwd",
    "\ud800",
    "\uff11\uff12\uff13",  # digits, as Unicode knows many
    "x" * 65536,
)

every_text = st.text(st.characters(exclude_categories=[]), max_size=60)
harmful = st.sampled_from(HARMFUL)


def _broken(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """A good text with something put into it."""
    return st.builds(
        lambda text, at, put: text[: at % (len(text) + 1)] + put + text[at % (len(text) + 1) :],
        texts,
        st.integers(0, 200),
        st.one_of(harmful, every_text, st.sampled_from([":", "/", "-", " ", "\n", "=", "\u0130", "é"])),
    )


good_texts = st.sampled_from(
    ["a", "org-baseline", UNIQUE, ARN, "5d1f2a44-op", "latest", "2026-11-02T08:00:00Z", "SELF", "FAILED", "X" * 128]
)
texts = st.one_of(every_text, harmful, good_texts, _broken(good_texts))

json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


def _token(value: object) -> str:
    return base64.b64encode(json.dumps(value).encode(errors="surrogatepass")).decode()


_places = st.one_of(st.none(), texts, st.builds(_token, json_values))
tokens = st.one_of(
    texts,
    st.builds(_token, json_values),
    st.builds(lambda token, skip: _token({"NextToken": token, "boto_truncate_amount": skip}), _places, json_values),
    st.builds(
        lambda operation, listings: _token({"OperationId": operation, "Listings": listings}),
        texts,
        st.one_of(json_values, st.dictionaries(st.sampled_from(["FAILED", "CANCELLED", "X"]), _places, max_size=3)),
    ),
)
