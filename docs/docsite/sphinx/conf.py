# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Sphinx builds the documentation site: `make docs` makes the pages and calls it."""

from __future__ import annotations

import re

from docutils import nodes

project = "stackgate.stacksets"
author = "The stackgate.stacksets contributors"
project_copyright = f"2026 {author}"

extensions = ["sphinx_antsibull_ext"]
nitpicky = True
# Commands are copied from the pages, quotes and hyphens with them.
smartquotes = False

html_theme = "sphinx_rtd_theme"
html_title = project
html_static_path = ["static"]
html_css_files = ["tables.css"]
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


def setup(app):
    app.connect("missing-reference", _elsewhere)
