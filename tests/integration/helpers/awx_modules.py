# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules of awx.awx, and what their documentation lets one give them."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml


def collections_path() -> Path:
    """The tree that has awx.awx, where `make integration` has set it up."""
    named = os.environ.get("STACKGATE_AWX")
    if not named:
        pytest.skip("awx.awx is there in make integration only")
    return Path(named)


def options_of(module: str) -> dict[str, Any]:
    """The options that the documentation of a module such as awx.awx.project has."""
    path = collections_path() / "ansible_collections/awx/awx/plugins/modules" / f"{module.rpartition('.')[2]}.py"
    assigned = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
    (text,) = [ast.literal_eval(node.value) for node in assigned if ast.unparse(node.targets[0]) == "DOCUMENTATION"]
    return yaml.safe_load(text)["options"]


def unknown(given: Mapping[str, Any], options: Mapping[str, Any], place: str = "") -> Iterator[str]:
    """The keys that are no options, and the values that are none of an option's choices, at whatever depth."""
    names = {name: option for key, option in options.items() for name in (key, *option.get("aliases", []))}
    for key, value in given.items():
        if key not in names:
            yield f"{place}{key}"
            continue
        option, inner = names[key], value if isinstance(value, list) else [value]
        if "choices" in option and value not in option["choices"]:
            yield f"{place}{key}={value}"
        for one in inner if "suboptions" in option else []:
            yield from unknown(one, option["suboptions"], f"{place}{key}.")
