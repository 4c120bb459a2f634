# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The layout of plugins: imports point one way, folders and files stay small. CONTRIBUTING.md describes it."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
OURS = "ansible_collections.stackgate.stacksets.plugins."
FILES = sorted(path for path in PLUGINS.rglob("*.py") if "__pycache__" not in path.parts)
MAX_FILES = 10
MAX_LINES = 300

# What each part of module_utils may import of the others.
LEAVES = ("_backoff", "_errors", "_text", "_validation")
MAY_IMPORT = {
    **dict.fromkeys(LEAVES, LEAVES),
    "_rows": LEAVES,
    "_gate": (*LEAVES, "_rows"),
    "_api": (*LEAVES, "_rows"),
    "_wait": (*LEAVES, "_rows", "_gate", "_api"),
    "_modules": (*LEAVES, "_rows", "_gate", "_api", "_wait"),
}
# What each part may import of others' packages; the standard library is everybody's.
OTHERS = {"_api": {"botocore"}, "_modules": {"ansible", "ansible_collections.amazon"}, "_validation": {"dateutil"}}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    """``module_utils._api.client``."""
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts)


NAMES = {name_of(path) for path in FILES}


def imports(path: Path) -> set[str]:
    """What a file imports, wherever in it: our files by ``name_of``, anything else by its own name."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = name_of(path).split(".")[: -node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])]).removeprefix(OURS)
            found |= {f"{module}.{alias.name}" if f"{module}.{alias.name}" in NAMES else module for alias in node.names}
    return found


IMPORTS = {name_of(path): imports(path) for path in FILES}


def part_of(name: str) -> str:
    """``_api`` of ``module_utils._api.client``."""
    return name.split(".")[1]


def test_no_file_imports_itself_by_way_of_others():
    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, f"a cycle: {' -> '.join((*way[way.index(name) :], name))}"
        if name not in done:
            for one in sorted(IMPORTS[name] & NAMES):
                walk(one, (*way, name))
            done.add(name)

    done: set[str] = set()
    for name in sorted(NAMES):
        walk(name, ())


@pytest.mark.parametrize("path", [path for path in FILES if "module_utils" in path.parts], ids=name_of)
def test_imports_of_module_utils_are_relative_and_point_one_way(path):
    name = name_of(path)
    part = part_of(name)
    ours = IMPORTS[name] & NAMES
    assert not [one for one in ours if not one.startswith("module_utils.")], "plugin_utils is the controller's"
    assert {part_of(one) for one in ours} <= {*MAY_IMPORT[part], part}
    absolute = [node.module for node in ast.walk(tree_of(path)) if isinstance(node, ast.ImportFrom) and not node.level]
    assert not [one for one in absolute if one.startswith("ansible_collections.stackgate")], "as in amazon.aws"
    others = {one for one in IMPORTS[name] - NAMES if one.split(".")[0] not in sys.stdlib_module_names}
    allowed = tuple(OTHERS.get(part, ()))
    assert [one for one in others if not (f"{one}.").startswith(tuple(f"{name}." for name in allowed))] == []


@pytest.mark.parametrize("path", [path for path in FILES if "module_utils" not in path.parts], ids=name_of)
def test_no_plugin_imports_another_plugin(path):
    kinds = {one.split(".")[0] for one in IMPORTS[name_of(path)] & NAMES}
    assert kinds <= {"module_utils", "plugin_utils"}


def test_no_folder_has_many_files():
    counts: dict[Path, int] = {}
    for path in FILES:
        counts[path.parent] = counts.get(path.parent, 0) + (path.name != "__init__.py")
    assert {folder.name: count for folder, count in counts.items() if count > MAX_FILES} == {}


def lines_of_code(path: Path) -> int:
    """The lines of a file but for docstrings and a plugin's documentation."""
    documentation: set[int] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            text = node.body[0] if ast.get_docstring(node) is not None else None
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            text = node if getattr(node.targets[0], "id", "") in ("DOCUMENTATION", "EXAMPLES", "RETURN") else None
        else:
            continue
        if text:
            documentation |= set(range(text.lineno, (text.end_lineno or 0) + 1))
    return len(path.read_text(encoding="utf-8").splitlines()) - len(documentation)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_is_long(path):
    assert lines_of_code(path) <= MAX_LINES
