# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugins' reference pages, and the documentation site: guides and plugins' pages, without dead links.

A warning of Sphinx's and a dead link are errors. Nothing is fetched: links to other sites are not followed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml

_ANCHOR = re.compile(r'\s(?:id|name)="([^"]*)"')
_LINK = re.compile(r'<(\w+)\s(?:[^>]*?\s)?(?:href|src)="([^"]*)"')
_KINDS = ("module", "lookup", "inventory", "filter", "role", "playbook")
_OTHERS = ("environment_variables", "changelog", "contributing")
ROOT = Path(__file__).resolve().parents[2]
DOCSITE = ROOT / "docs" / "docsite"
_TOOL = Path(sys.executable).with_name("antsibull-docs")
_COLLECTION = ["collection", "--use-current", "--squash-hierarchy", "--fail-on-error", "stackgate.stacksets"]
# Where antsibull-docs links to pages that it does not make: those of other collections beside ours, and ours in HTML.
# Where it gives several links one name, of which docutils complains.
_REPLACED = (
    (r"(`link <#[^>]*>`)_(?!_)", r"\1__"),
    (
        r"(?<=`)((?!stackgate\.stacksets\.)(\w+)\.(\w+)\.\S+) <(\w+)\.rst>",
        r"\1 <https://docs.ansible.com/ansible/latest/collections/\2/\3/\4.html>",
    ),
    (r'(?<=href=")\.\./\.\./stackgate/stacksets/(\w+)\.html', r"\1.rst"),
)


def problems(site: Path) -> list[str]:
    """Links within a built site that lead nowhere, and whatever its pages load from another site."""
    texts = {path.resolve(): path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    anchors = {path: {"", *map(unescape, _ANCHOR.findall(text))} for path, text in texts.items()}
    found = []
    for path, text in texts.items():
        for tag, link in dict.fromkeys((tag, unescape(link)) for tag, link in _LINK.findall(text)):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                wrong = "is loaded from another site" if tag != "a" else None
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                known = anchors.get(target, {"", parts.fragment})
                wrong = None if target.is_file() and unquote(parts.fragment) in known else "leads nowhere"
            found += [f"{path.relative_to(site.resolve())}: {link} {wrong}"] if wrong else []
    return found


def _contents(pages: Path) -> Iterator[str]:
    """The site's contents, for the sidebar: the sections of the guides, then the reference under short titles."""
    sections = yaml.safe_load((DOCSITE / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    titles = {section["title"]: [f"docsite/{name}" for name in section["toctree"]] for section in sections}
    plugins = [(page.stem, kind) for kind in _KINDS for page in sorted(pages.glob(f"*_{kind}.rst"))]
    titles["Reference"] = [f"{name.removesuffix(f'_{kind}')} ({kind}) <{name}>" for name, kind in plugins]
    titles["Reference"] += [f"{page.capitalize().replace('_', ' ')} <{page}>" for page in _OTHERS]
    for title, entries in titles.items():
        yield f"\n.. toctree::\n   :hidden:\n   :caption: {title}\n   :maxdepth: 1\n\n"
        yield from (f"   {entry}\n" for entry in entries)


def build(folder: Path, variables: Mapping[str, str], *settings: str) -> Path:
    """Build the site below an empty folder; where it is. ``settings`` go to Sphinx."""
    shutil.rmtree(folder, ignore_errors=True)
    pages, site = folder / "rst", folder / "html"
    pages.mkdir(parents=True)
    # antsibull-docs refuses a directory that others may write to.
    pages.chmod(0o755)
    subprocess.run([_TOOL, *_COLLECTION, "--dest-dir", pages], env=variables, check=True)
    # antsibull-docs takes the guides along and leaves their pictures.
    shutil.copytree(DOCSITE / "rst" / "pictures", pages / "docsite" / "pictures")
    for page in (ROOT / "docs" / "reference").glob("*_playbook.rst"):
        shutil.copy(page, pages)
    for name in ("changelog", "contributing"):
        shutil.copy(ROOT / f"{name.upper()}.md", pages / f"{name}.md")
    landing = (DOCSITE / "sphinx" / "index.rst").read_text(encoding="utf-8")
    (pages / "index.rst").write_text(landing + "".join(_contents(pages)), encoding="utf-8")
    make_site = ["sphinx-build", "-b", "html", "-W", "--keep-going", "-q", "-d", folder / "doctrees", *settings]
    make_site += ["-c", DOCSITE / "sphinx", pages, site]
    subprocess.run(make_site, env=variables, check=True)
    return site


def write_reference(directory: Path) -> None:
    """Make a page for each plugin in ``directory``, with antsibull-docs, and one for each playbook."""
    # The cells of the matrix, which build no page, have none of what it imports.
    from tools.playbooks import write_playbooks

    write_playbooks(directory)
    with tempfile.TemporaryDirectory() as place:
        options = ["--no-indexes", "--output-format", "simplified-rst", "--dest-dir", place]
        subprocess.run([_TOOL, *_COLLECTION, *options], check=True)
        for page in sorted(Path(place).glob("*_*.rst")):
            # Its first line names the version of the tool, which would change the pages with every lock.
            text = "".join(line.rstrip() + "\n" for line in page.read_text().splitlines()[1:])
            for dead, alive in _REPLACED:
                text = re.sub(dead, alive, text)
            (directory / page.name).write_text(text.strip("\n") + "\n")


if __name__ == "__main__":
    from tools import troubleshooting

    troubleshooting.write()
    write_reference(ROOT / "docs" / "reference")
    made = build(ROOT / ".cache" / "docs", os.environ)
    found = problems(made)
    print("".join(f"{problem}\n" for problem in found), end="", file=sys.stderr)
    print(f"The site begins with {made / 'index.html'}" + (f"; {len(found)} links are wrong" if found else ""))
    sys.exit(1 if found else 0)
