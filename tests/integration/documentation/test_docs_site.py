# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation site is built without a warning, no link of ours is dead, and the guides' command lines run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from emulator.client import operation
from emulator.rows import generate
from tools import docs

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
GUIDES = sorted((CHECKOUT / "docs/docsite/rst").glob("*.rst"))
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("docs/**/*.rst")])
# Whatever else points to a page of the repository.
SOURCES = sorted(
    path
    for folder in ("plugins", "playbooks", "roles", "examples", "docs", "meta")
    for path in (CHECKOUT / folder).rglob("*")
    if path.suffix in (".py", ".yml", ".yaml")
)
REPOSITORY = "https://github.com/stackgate/stackgate.stacksets"


def named(path):
    return str(path.relative_to(CHECKOUT))


def text_of(path):
    # In reStructuredText a backslash only keeps the next character from being markup.
    text = path.read_text()
    return re.sub(r"\\(?=[_*|`])", "", text) if path.suffix == ".rst" else text


def urls(path):
    return [url.rstrip(".,;:!?*") for url in re.findall(r"https?://[^\s<>()\[\]{}`'\"|]+", text_of(path))]


def anchors(path):
    """As GitHub makes them of a page's headings; where the page has HTML of its own, also that."""
    text = text_of(path)
    if path.suffix == ".md":
        headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    else:
        headings = re.findall(r"^(\S.*)\n([=\-~^\"'])\2{2,}$", text, re.MULTILINE)
        headings = [heading for heading, _line in headings]
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(re.findall(r'\bid="([^"]+)"', text))


def dead(target, fragment=""):
    return not target.exists() or (fragment and fragment not in anchors(target))


def test_every_guide_is_in_the_sites_contents_and_the_other_way_round():
    contents = yaml.safe_load((CHECKOUT / "docs/docsite/extra-docs.yml").read_text())
    listed = [name for section in contents["sections"] for name in section["toctree"]]
    assert sorted(listed) == [path.stem for path in GUIDES]


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.stem)
def test_a_guide_can_be_referred_to_by_its_name(guide):
    assert f".. _ansible_collections.stackgate.stacksets.docsite.{guide.stem}:\n" in guide.read_text()


def test_links_into_the_repository_lead_to_files_of_this_checkout():
    found = []
    for path in [*PAGES, *SOURCES, CHECKOUT / "galaxy.yml"]:
        for url in urls(path):
            link = re.fullmatch(rf"{re.escape(REPOSITORY)}/(?:blob|tree|edit)/main/([^#?]*)(?:#(.*))?", url)
            if link:
                found.append((named(path), url, dead(CHECKOUT / link[1], link[2] or "")))
    assert found
    assert [(path, url) for path, url, is_dead in found if is_dead] == []


def test_links_from_page_to_page_lead_somewhere():
    # Not the targets of roles (:ref:`...`) and of labels (<..._>): Sphinx knows those.
    patterns = {".md": r"\]\(([^)\s]+)\)", ".rst": r"(?<!:)`[^`]+ <([^>`\s]+)(?<!_)>`_|\bhref=\"([^\"]+)\""}
    found = []
    for path in PAGES:
        for groups in re.finditer(patterns[path.suffix], text_of(path)):
            link = urlsplit(next(filter(None, groups.groups())))
            if not link.scheme and not link.netloc:
                target = path.parent / link.path if link.path else path
                found.append((named(path), link.geturl(), dead(target, link.fragment)))
    assert found
    assert [(path, link) for path, link, is_dead in found if is_dead] == []


def test_links_to_other_sites_are_well_formed():
    wrong = []
    for path in PAGES:
        for url in urls(path):
            parts = urlsplit(url)
            # amazon.aws's own documentation, which the reference pages repeat, has a link without TLS.
            secure = parts.scheme == "https" or path.parent.name == "reference"
            if not secure or not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc) or "//" in parts.path:
                wrong.append((named(path), url))
    assert wrong == []


def command_lines():
    for guide in GUIDES:
        for block in re.findall(r"^\.\. code-block:: shell\n\n((?:    .*\n|\n)+)", guide.read_text(), re.MULTILINE):
            for line in block.splitlines():
                if line.strip().startswith("ansible localhost "):
                    yield pytest.param(line.strip(), id=guide.stem)


@pytest.mark.parametrize("line", list(command_lines()))
def test_an_ad_hoc_command_of_a_guide_runs(ansible, emulator, line):
    emulator.stack_set("org-baseline", [operation(generate={"accounts": 3, "failed": 1})])
    words = shlex.split(line)
    assert words[:3] == ["ansible", "localhost", "-m"]
    assert words[4] == "-a"
    assert len(words) == 6
    assert ansible.task(words[5], module=words[3]).status == "SUCCESS"


def test_the_commands_that_check_the_assumptions_print_what_their_page_says(ansible, emulator, tmp_path):
    text = (CHECKOUT / "docs/docsite/rst/guide_assumptions.rst").read_text()
    blocks = re.findall(r"^\.\. code-block:: shell\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    (name,) = set(re.findall(r"--operation-id (\S+)", text))
    made = generate({"accounts": 150, "regions": 2, "failed": 120})
    emulator.stack_set("org-baseline", [operation(name, rows=[*made, made[0]], failed_stack_instances_count=120)])
    emulator.fault(empty_pages=1, when={"page": 2, "status": "FAILED"})
    printed = [
        subprocess.run(
            ["sh", "-ec", block], cwd=tmp_path, env=ansible.environment, capture_output=True, text=True, check=True
        ).stdout
        for block in blocks
    ]
    assert [text.split() for text in printed[:2]] == [["SUCCEEDED", "120"], ["100", "0", "20"]]
    twice = [made[0]["Account"], made[0]["Region"], "None"]
    assert sorted(printed[2].split()) == sorted(["120", "FAILED", "181", "SUCCEEDED", *twice])


def test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere(tmp_path):
    # The theme of `make docs` is not among the test tools; this one comes with Sphinx.
    variables = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    site = docs.build(tmp_path / "docs", variables, "-D", "html_theme=alabaster")
    built = {path.stem for path in site.rglob("*.html")}
    assert built > {"index", *(path.stem for path in GUIDES)}
    assert docs.problems(site) == []
