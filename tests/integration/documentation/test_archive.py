# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive that goes to Galaxy: everything that users need, and nothing else."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
TOP = {
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "bindep.txt",
    "changelogs",
    "docs",
    "examples",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}
SIZE_LIMIT = 300_000  # bytes, so that whatever large slips in is noticed


@pytest.fixture(scope="module")
def names(archive):
    with tarfile.open(archive) as content:
        return [member.name for member in content.getmembers() if member.isfile()]


def test_it_has_what_users_need_and_nothing_else(archive, names):
    assert {name.split("/")[0] for name in names} == TOP
    assert [name for name in names if Path(name).name.startswith(".")] == []
    assert [name for name in names if name.endswith((".pyc", ".tar.gz"))] == []
    print(f"{len(names)} files, {archive.stat().st_size:,} bytes")
    assert archive.stat().st_size < SIZE_LIMIT


@pytest.mark.parametrize(
    "folder", ["plugins", "playbooks", "roles", "meta", "docs/docsite/rst", "examples/awx", "examples/ci"]
)
def test_no_file_of_these_is_left_behind(names, folder):
    there = {
        str(path.relative_to(CHECKOUT))
        for path in (CHECKOUT / folder).rglob("*")
        # The guides' pictures are for the site: they would be larger than all the rest.
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".png"
    }
    assert there == {name for name in names if name.startswith(folder + "/")}


def test_its_manifest_names_the_one_dependency(archive):
    with tarfile.open(archive) as content:
        information = json.load(content.extractfile("MANIFEST.json"))["collection_info"]
    assert information["dependencies"] == {"amazon.aws": ">=8.0.0"}
    assert (information["namespace"], information["name"]) == ("stackgate", "stacksets")
