# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""GitHub and the site show every page without raw markup, no link of ours is dead, and the guides' commands run."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from emulator.client import operation
from emulator.rows import generate
from integration.helpers.report_browser import SIZES, chromium
from tools import docs

pytest.importorskip("docutils", reason="the cells of make matrix do not build the documentation")
from docutils import nodes
from docutils.core import publish_doctree

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
GUIDES = sorted((CHECKOUT / "docs/docsite/rst").glob("*.rst"))
REFERENCE = sorted((CHECKOUT / "docs/reference").glob("*.rst"))
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/*.md"), *GUIDES, *REFERENCE])
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


@cache
def rendered(path):
    """A page of reStructuredText as GitHub reads it: by docutils, without extensions; and docutils' complaints."""
    complaints = io.StringIO()
    settings = {"report_level": 2, "halt_level": 5, "file_insertion_enabled": False, "syntax_highlight": "none"}
    settings["warning_stream"] = complaints
    tree = publish_doctree(path.read_text(), str(path), settings_overrides=settings)
    return tree, complaints.getvalue()


def anchors(path):
    """Those of a page's headings, as GitHub makes them; where the page has HTML of its own, also that."""
    text = path.read_text()
    own = set(re.findall(r'\bid="([^"]+)"', text))
    if path.suffix == ".rst":
        return own.union(*(node["ids"] for node in rendered(path)[0].findall(nodes.Element) if node["ids"]))
    headings = re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE)
    return own | {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


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


def links(path):
    if path.suffix == ".md":
        return re.findall(r"\]\(([^)\s]+)\)", path.read_text())
    own = [node["refuri"] for node in rendered(path)[0].findall(nodes.reference) if "refuri" in node]
    return own + re.findall(r'\bhref="([^"]+)"', path.read_text())


def test_links_from_page_to_page_lead_somewhere():
    found = []
    for path in PAGES:
        for link in map(urlsplit, links(path)):
            if not link.scheme and not link.netloc:
                target = path.parent / link.path if link.path else path
                found.append((named(path), link.geturl(), dead(target, link.fragment)))
    assert found
    assert [(path, link) for path, link, is_dead in found if is_dead] == []


@pytest.mark.parametrize("path", [*GUIDES, *REFERENCE], ids=lambda path: path.stem)
def test_a_page_renders_without_sphinx_as_on_github(path):
    tree, complaints = rendered(path)
    # A role that docutils does not know is a complaint, too.
    assert complaints == ""
    assert list(tree.findall(nodes.problematic)) == []


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
    for guide in (*GUIDES, docs.DOCSITE / "sphinx" / "index.rst"):
        pattern = r"^( *)\.\. code-block:: shell\n\n((?:\1    .*\n|\n)+)"
        for _margin, block in re.findall(pattern, guide.read_text(), re.MULTILINE):
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


@pytest.fixture(scope="module")
def site(made_once):
    """The site as `make docs` builds it."""
    variables = {**os.environ, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    return made_once("site", lambda place: docs.build(place / "docs", variables)) / "docs" / "html"


def test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere(site):
    built = {path.stem for path in site.rglob("*.html")}
    assert built > {"index", "changelog", "contributing", *(path.stem for path in GUIDES)}
    assert docs.problems(site) == []


def test_links_to_files_lead_to_pages_of_the_site(site):
    pages = "".join(path.read_text() for path in site.rglob("*.html"))
    assert re.findall(r'href="(?!https?:)[^"]*\.(?:rst|md)\b[^"]*"', pages) == []
    for path in (*GUIDES, *REFERENCE, CHECKOUT / "CHANGELOG.md"):
        assert f'href="{REPOSITORY}/blob/main/{named(path)}' not in pages


def test_no_page_of_the_site_is_wider_than_a_phone(site):
    with chromium() as browser:
        if browser is None:
            pytest.skip("there is no Chromium on this machine")
        shown = browser.new_page(viewport=SIZES["phone"])
        widths = {}
        for path in sorted(site.rglob("*.html")):
            shown.goto(path.as_uri())
            widths[path.relative_to(site).as_posix()] = shown.evaluate("document.documentElement.scrollWidth")
    assert {name: width for name, width in widths.items() if width > SIZES["phone"]["width"]} == {}
