# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example execution environment, as far as it goes without a container engine, and what our archive asks of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
EXAMPLE = CHECKOUT / "examples" / "execution-environment" / "execution-environment.yml"
NAME = "stackgate.stacksets"


def run(*command, cwd):
    program = Path(sys.executable).parent / command[0]
    ran = subprocess.run([program, *command[1:]], cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def lines_of(name):
    lines = (CHECKOUT / name).read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_the_example_makes_a_build_context(tmp_path):
    run("ansible-builder", "create", "--file", EXAMPLE, "--output-filename", "Containerfile", cwd=tmp_path)
    context = tmp_path / "context"
    galaxy = yaml.safe_load((context / "_build" / "requirements.yml").read_text())
    depends_on = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["dependencies"]
    assert {one["name"]: one.get("version") for one in galaxy["collections"]} == {NAME: None, **depends_on}
    steps = (context / "Containerfile").read_text()
    image = yaml.safe_load(EXAMPLE.read_text())["images"]["base_image"]["name"]
    assert f'ARG EE_BASE_IMAGE="{image}"' in steps
    for argument in ('PYPKG="python3.12"', 'PYCMD="/usr/bin/python3.12"'):
        assert f"ARG {argument}" in steps
    for part in (
        "ansible-core>=2.17",
        "ansible-runner",
        "ansible-galaxy collection install",
        "introspect.py introspect",
    ):
        assert part in steps
    assert (context / "_build" / "scripts" / "introspect.py").is_file()
    # Of what the collections ask for, not of what is named here.
    assert (context / "_build" / "exclude-requirements.txt").read_text().split() == ["aiobotocore"]
    assert "--exclude-pip-reqs=exclude-requirements.txt" in steps


def test_our_archive_asks_for_what_the_two_files_say_and_no_more(collections, tmp_path):
    # As it is installed from the archive, without what is installed beside it.
    ours = Path("ansible_collections", "stackgate")
    (tmp_path / "collections" / ours).parent.mkdir(parents=True)
    (tmp_path / "collections" / ours).symlink_to(collections / ours, target_is_directory=True)
    found = yaml.safe_load(run("ansible-builder", "introspect", tmp_path / "collections", cwd=tmp_path))
    # Each line is followed by a remark: which collection it comes from.
    asked = {kind: [line.rpartition("  # from collection ")[::2] for line in lines] for kind, lines in found.items()}
    assert asked == {
        "python": [(line, NAME) for line in lines_of("requirements.txt")],
        "system": [(line, NAME) for line in lines_of("bindep.txt")],
    }
    assert asked["python"]


def test_the_metadata_names_files():
    # A list in place of a name ends ansible-builder and Galaxy's importer with a traceback.
    metadata = yaml.safe_load((CHECKOUT / "meta" / "execution-environment.yml").read_text())
    assert metadata["dependencies"] == {"python": "requirements.txt", "system": "bindep.txt"}
    # bindep itself must understand a file that asks for nothing.
    assert run("bindep", "--file", CHECKOUT / "bindep.txt", "--brief", cwd=CHECKOUT) == ""
