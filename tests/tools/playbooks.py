# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reference pages of the playbooks, in plain reStructuredText. antsibull-docs has none for playbooks.

The inputs come from the playbooks, their descriptions from the documentation of the module or role that takes them,
and the rest from pages.yml next to this file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from antsibull_docs_parser import dom
from antsibull_docs_parser.parser import Context, parse
from antsibull_docs_parser.rst import PlainRSTFormatter, rst_escape, to_rst_plain

ROOT = Path(__file__).resolve().parents[2]
NAMESPACE = "stackgate.stacksets"
_WORDS = Path(__file__).with_name("pages.yml")
_TYPES = {"str": "string", "int": "integer", "bool": "boolean", "dict": "dictionary", "raw": "any"}
_GUIDES = "../docsite/rst"


class _Formatter(PlainRSTFormatter):
    """Without Sphinx: options of the module or role are inputs of the page, all else links to its own page."""

    def __init__(self, name: str, inputs: Sequence[str]) -> None:
        self._prefix, self._inputs = f"{name}_", inputs

    def input_of(self, option: str) -> str | None:
        """The input that an option is, if it is one."""
        named = f"{self._prefix}{option.removeprefix(self._prefix)}"
        return named if named in self._inputs else None

    def format_option_name(self, part: dom.OptionNamePart, url: str | None) -> str:
        named = self.input_of(part.name)
        text = f"{named}={part.value}" if part.value is not None else f"{named}"
        return f"\\ `{rst_escape(text)} <#{_anchor(str(named))}>`__\\ "

    def format_return_value(self, part: dom.ReturnValuePart, url: str | None) -> str:
        page = _page(part.plugin.fqcn, part.plugin.type) if part.plugin else ""
        return f"\\ `{rst_escape(part.name)} <{page}#return-{'/'.join(part.link)}>`__\\ "

    def format_module(self, part: dom.ModulePart, url: str | None) -> str:
        return f"\\ `{rst_escape(part.fqcn)} <{_page(part.fqcn, 'module')}>`__\\ "

    def format_plugin(self, part: dom.PluginPart, url: str | None) -> str:
        return f"\\ `{rst_escape(part.plugin.fqcn)} <{_page(part.plugin.fqcn, part.plugin.type)}>`__\\ "

    def format_env_variable(self, part: dom.EnvVariablePart) -> str:
        return f"\\ :literal:`{rst_escape(part.name)}`\\ "


class _Markup:
    """Ansible's markup in the documentation of a module or role, as the page of a playbook says it."""

    def __init__(self, name: str, inputs: Sequence[str], kind: str, fqcn: str) -> None:
        self._formatter = _Formatter(name, inputs)
        entrypoint = "main" if kind == "role" else None
        self._context = Context(current_plugin=dom.PluginIdentifier(fqcn, kind), role_entrypoint=entrypoint)

    def paragraphs(self, texts: str | Sequence[str]) -> Iterator[str]:
        """Each text; but for those about an option that is no input of the playbook."""
        for text in [texts] if isinstance(texts, str) else texts:
            parts = parse(text, self._context, errors="exception")
            options = [part.name for part in parts[0] if isinstance(part, dom.OptionNamePart)]
            if all(map(self._formatter.input_of, options)):
                yield to_rst_plain(parts, formatter=self._formatter)

    def of(self, text: str) -> str:
        (one,) = self.paragraphs(text)
        return one


def _anchor(title: str) -> str:
    """The id that docutils gives to a section with this title."""
    return title.replace("_", "-")


def _page(fqcn: str, kind: str) -> str:
    namespace, collection, name = fqcn.split(".", 2)
    page = f"{name}_{kind}"
    if f"{namespace}.{collection}" == NAMESPACE:
        return f"{page}.rst"
    return f"https://docs.ansible.com/ansible/latest/collections/{namespace}/{collection}/{page}.html"


def _options(kind: str, fqcn: str) -> dict[str, Any]:
    """The documented options of a module or role, by their names."""
    if kind == "role":
        specs = yaml.safe_load((ROOT / "roles" / fqcn.rpartition(".")[2] / "meta" / "argument_specs.yml").read_text())
        return specs["argument_specs"]["main"]["options"]
    tool = Path(sys.executable).with_name("ansible-doc")
    told = subprocess.run([tool, "--json", "-t", kind, fqcn], capture_output=True, check=True, text=True).stdout
    return json.loads(told)[fqcn]["doc"]["options"]


def _merged(option: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """An option as the input that it is in the playbook."""
    merged = {**option, **own}
    said = merged["description"]
    return {**merged, "description": [*([said] if isinstance(said, str) else said), *own.get("add", [])]}


def _heading(title: str, line: str) -> list[str]:
    return [title, line * len(title), ""]


def _value(value: Any) -> str:
    return f":literal:`{rst_escape(value if isinstance(value, str) else json.dumps(value))}`"


def _type(option: Mapping[str, Any]) -> str:
    kind = _TYPES.get(option["type"], option["type"])
    elements = option.get("elements")
    return f"{kind} / elements={_TYPES.get(elements, elements)}" if elements else kind


def _input(name: str, option: Mapping[str, Any], markup: _Markup) -> Iterator[str]:
    yield from _heading(name, "~")
    yield f"*{_type(option)}{', required' if option.get('required') else ''}*"
    yield ""
    for paragraph in markup.paragraphs(option["description"]):
        yield from (paragraph, "")
    if "choices" in option:
        yield from (f"Choices: {', '.join(map(_value, option['choices']))}", "")
    if option.get("default") is not None:
        yield from (f"Default: {_value(option['default'])}", "")


def _lines(name: str) -> Iterator[str]:
    words = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))[name]
    (play,) = yaml.safe_load((ROOT / "playbooks" / f"{name}.yml").read_text(encoding="utf-8"))
    inputs = play["vars"][f"stackset_{name}_inputs"]
    kind, fqcn = words["options"].split()
    options, markup = _options(kind, fqcn), _Markup(name, inputs, kind, fqcn)
    documented = {one: options[one if kind == "role" else one.removeprefix(f"{name}_")] for one in inputs}
    _check(name, words, inputs, play)

    yield from _heading(f"{NAMESPACE}.{name} playbook -- {play['name']}", "+")
    yield from ("\n\n".join(markup.paragraphs(words["description"])), "")
    yield from (".. code-block:: shell", "", f"    ansible-playbook {NAMESPACE}.{name} \\")
    yield from ("      " + words["example"].replace(" -e", " \\\n      -e"), "")
    yield from (".. contents::", "   :local:", "   :depth: 1", "")
    yield from _heading("Inputs", "-")
    yield from ("\n\n".join(markup.paragraphs(words["inputs_are"])), "")
    others = [one for one in inputs if one not in words["often"]]
    for title, some in (("Used most", words["often"]), ("All others", others)):
        yield from (f"{title}: {', '.join(f'`{one} <#{_anchor(one)}>`__' for one in some)}.", "")
    for one in inputs:
        yield from _input(one, _merged(documented[one], words["inputs"].get(one, {})), markup)
    yield from _heading("Output", "-")
    yield from ("\n\n".join(markup.paragraphs(words["output"])), "")
    for key, (key_type, text) in words["statistic"].items():
        yield from (f"``{key}`` ({_TYPES.get(key_type, key_type)})", f"    {markup.of(text)}", "")
    yield from _heading("Exit codes", "-")
    for code, text in words["exit_codes"].items():
        yield from (f"``{code}``", f"    {markup.of(text)}", "")
    for paragraph in markup.paragraphs(words["notes"]):
        yield from (paragraph, "")
    yield from _heading("See also", "-")
    yield f"* `{fqcn} {kind} <{_page(fqcn, kind)}>`__"
    for guide, title in words["seealso"].items():
        yield f"* `{title} <{_GUIDES}/{guide}.rst>`__"


def _check(name: str, words: Mapping[str, Any], inputs: Sequence[str], play: Mapping[str, Any]) -> None:
    """Refuse words about inputs and keys that the playbook doesn't have, and keys without words."""
    (handing,) = [task for task in play["tasks"][0]["always"] if "ansible.builtin.set_stats" in task]
    keys = re.findall(r"^ *'(\w+)':", handing["vars"][f"stackset_{name}_facts"], re.MULTILINE)
    unknown = {*words["inputs"], *words["often"]} - set(inputs)
    if unknown or keys != list(words["statistic"]):
        raise ValueError(f"{_WORDS.name}, {name}: unknown inputs {unknown}, or not the keys {keys}")


def write_playbooks(directory: Path) -> None:
    """Make a page for each playbook of the collection in ``directory``."""
    for playbook in sorted((ROOT / "playbooks").glob("*.yml")):
        text = "\n".join(_lines(playbook.stem))
        (directory / f"{playbook.stem}_playbook.rst").write_text(text.strip("\n") + "\n", encoding="utf-8")
