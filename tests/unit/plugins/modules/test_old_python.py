# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A module says that its Python is too old, before it imports what that Python can't take."""

from __future__ import annotations

import ast
import json
import runpy
import sys
from pathlib import Path

import pytest

MODULES = sorted((Path(__file__).parents[4] / "plugins" / "modules").glob("[a-z]*.py"))
each_module = pytest.mark.parametrize("path", MODULES, ids=[path.stem for path in MODULES])


@each_module
@pytest.mark.parametrize("version", [(3, 7, 17), (3, 9, 21)])
def test_an_old_python_is_refused_with_what_to_set(path, version, monkeypatch, capsys):
    for name in ("ansible", "ansible_collections", "boto3", "botocore"):
        monkeypatch.setitem(sys.modules, name, None)  # an import of it fails
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version_info", version)
        patch.setattr(sys, "version", f"{'.'.join(map(str, version))} (main)")
        patch.setattr(sys, "executable", '/opt/"old"/python')
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(path), run_name="__main__")
    result = json.loads(capsys.readouterr().out)
    assert (ended.value.code, result["failed"], result["error"]["code"]) == (1, True, "UnsupportedPython")
    named = f'/opt/"old"/python is Python {".".join(map(str, version))}'
    assert result["msg"] == result["error"]["message"]
    assert result["msg"] == (
        f"This module needs Python 3.10 or newer, and {named}. Set ansible_python_interpreter to a newer one."
    )


@each_module
def test_an_old_python_can_compile_it(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_there_are_modules():
    assert len(MODULES) == 3
