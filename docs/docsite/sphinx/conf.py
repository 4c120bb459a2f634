# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the documentation site: `make docs` makes the pages and calls it."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import urlsplit

from docutils import nodes

project = "stackgate.stacksets"
author = "The stackgate.stacksets contributors"
project_copyright = f"2026 {author}"

extensions = ["sphinx_antsibull_ext", "myst_parser"]
# Leave the links of Markdown pages to _resolve_link, too.
myst_all_links_external = True
nitpicky = True
# Commands are copied from the pages, quotes and hyphens with them.
smartquotes = False

html_theme = "sphinx_rtd_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["narrow.css"]
html_use_index = False
html_copy_source = False
html_show_sphinx = False

_ANSIBLE = "https://docs.ansible.com/ansible/latest"
# Labels of Ansible's own documentation that the pages of plugins refer to.
_PAGES = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
_PLUGIN = re.compile(r"ansible_collections\.(?!stackgate\.)([a-z0-9_]+)\.([a-z0-9_]+)\.(\w+)")


def _elsewhere(_app, _env, node, text):
    """A link to Ansible's documentation, for what is none of ours; nothing for what is dead."""
    label = node.get("reftarget", "")
    plugin = _PLUGIN.fullmatch(label)
    page = "collections/{}/{}/{}.html".format(*plugin.groups()) if plugin else _PAGES.get(label)
    if node.get("reftype") == "envvar" and label.startswith("ANSIBLE_"):
        page = f"{_PAGES['ansible_configuration_settings']}#envvar-{label}"
    return nodes.reference("", "", text, internal=False, refuri=f"{_ANSIBLE}/{page}") if page else None


_REPOSITORY = "https://github.com/stackgate/stackgate.stacksets"
_FILES = {"index": "docs/docsite/sphinx/index.rst", "changelog": "CHANGELOG.md", "contributing": "CONTRIBUTING.md"}


def _file(page):
    """The path of the file that GitHub shows for a page, in the repository."""
    folder = "docs/docsite/rst" if page.startswith("docsite/") else "docs/reference"
    return _FILES.get(page, f"{folder}/{posixpath.basename(page)}.rst")


def _resolve_link(app, pages, page, uri):
    """The URI of a link: files of the repository become pages of the site, or are shown by GitHub."""
    absolute = uri.startswith(f"{_REPOSITORY}/blob/main/")
    path, mark, fragment = uri.removeprefix(f"{_REPOSITORY}/blob/main/").partition("#")
    if not path or urlsplit(path).scheme:
        return uri
    path = posixpath.normpath(posixpath.join("" if absolute else posixpath.dirname(_file(page)), path))
    found = app.builder.get_relative_uri(page, pages[path]) if path in pages else f"{_REPOSITORY}/blob/main/{path}"
    return found + mark + fragment


def _resolve_links(app, tree):
    """The guides link to files, because GitHub shows them too and knows no roles of Sphinx."""
    pages = {_file(name): name for name in app.env.found_docs}
    for link in tree.findall(nodes.reference):
        if "refuri" in link:
            link["refuri"] = _resolve_link(app, pages, app.env.docname, link["refuri"])


def setup(app):
    app.connect("missing-reference", _elsewhere)
    app.connect("doctree-read", _resolve_links)
