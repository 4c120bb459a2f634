# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the documentation site, guides and plugins' pages, and look for dead links in it.

A warning of Sphinx's and a dead link are errors. Nothing is fetched: links to other sites are not followed.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import environment
import progress
from places import CACHE, NAME, NAMESPACE, ROOT

# antsibull-docs makes that page and links to it, but leaves it out of its index.
_INDEX_OF_VARIABLES = """
Environment Variables
---------------------

.. toctree::
    :maxdepth: 1

    environment_variables
"""


class _Page(HTMLParser):
    """The anchors of a page, the links in it, and what a browser loads with it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in attrs if value is not None}
        self.anchors |= {given[name] for name in ("id", "name") if name in given}
        self.loads += [given["src"]] if "src" in given else []
        if "href" in given:
            (self.loads if tag == "link" else self.links).append(given["href"])


def problems(site: Path) -> list[str]:
    """Links within a built site that lead nowhere, and whatever its pages load from another site."""
    pages = {path.resolve(): _Page(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in dict.fromkeys([*page.links, *page.loads]):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                wrong = "is loaded from another site" if link in page.loads else None
            else:
                target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
                known = pages[target].anchors if target in pages else {"", parts.fragment}
                wrong = None if target.is_file() and unquote(parts.fragment) in known else "leads nowhere"
            found += [f"{path.relative_to(site.resolve())}: {link} {wrong}"] if wrong else []
    return found


def build(folder: Path, variables: Mapping[str, str], *settings: str) -> Path:
    """Build the site anew below a folder; where it is. ``settings`` go to Sphinx. Raises CommandFailed."""
    shutil.rmtree(folder, ignore_errors=True)
    pages, site, log = folder / "rst", folder / "html", folder / "log"
    pages.mkdir(parents=True)
    # antsibull-docs refuses a directory that others may write to.
    pages.chmod(0o755)
    make_pages = ["antsibull-docs", "collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    make_pages += ["--dest-dir", pages, f"{NAMESPACE}.{NAME}"]
    progress.run("making the pages", make_pages, log, variables, quiet=True)
    # antsibull-docs takes the guides along and leaves their pictures.
    shutil.copytree(ROOT / "docs" / "docsite" / "rst" / "pictures", pages / "docsite" / "pictures")
    with (pages / "index.rst").open("a", encoding="utf-8") as index:
        index.write(_INDEX_OF_VARIABLES)
    make_site = ["sphinx-build", "-b", "html", "-W", "--keep-going", "-q", "-d", folder / "doctrees", *settings]
    make_site += ["-c", ROOT / "docs" / "docsite" / "sphinx", pages, site]
    progress.run("building the site", make_site, log, variables, quiet=True)
    return site


def main() -> int:
    try:
        site = build(CACHE / "docs", environment.variables(environment.ensure("docs")))
    except progress.CommandFailed as error:
        print(error, file=sys.stderr)
        return 1
    found = problems(site)
    print("".join(f"{problem}\n" for problem in found), end="", file=sys.stderr)
    print(f"The site begins with {site / 'index.html'}" + (f"; {len(found)} links are wrong" if found else ""))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
