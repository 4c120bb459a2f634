# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host's variables, given any text: nothing in them begins a template, with Ansible's mark or without."""

from __future__ import annotations

import pytest

pytest.importorskip("ansible.plugins.loader")
pytest.importorskip("hypothesis")

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.stackgate.stacksets.plugins.plugin_utils._inventory.hosts import as_data
from ansible_collections.stackgate.stacksets.tests.unit.helpers.hostile import hostile_settings, texts

# A text of 64 KiB is one of the inputs, which Hypothesis would rather not describe.
pytestmark = pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")

HEADER = "#jinja2:"
pieces = st.lists(st.sampled_from(["{", "{", "%", "#", " ", "\n", "x", "}", HEADER]), max_size=12).map("".join)


@hostile_settings
@given(st.lists(st.one_of(pieces, texts), min_size=1, max_size=4))
def test_no_text_begins_a_template_and_nothing_but_blanks_is_put_in(given_texts):
    values = as_data({"row": dict(enumerate(given_texts))})["row"]
    for number, text in enumerate(given_texts):
        assert HEADER not in values[number]
        assert not values[number].endswith("{")
        assert values[number].replace(" ", "") == text.replace(" ", "")
        assert as_data(values[number]) == values[number]
    together = "".join(values.values())
    assert not any(opening in together for opening in ("{{", "{%", "{#"))
