# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of messages has every message that a user may see, and none that the code no longer says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CHECKOUT = Path(__file__).resolve().parents[3]
PAGE = (CHECKOUT / "docs/docsite/rst/guide_troubleshooting.rst").read_text()
# Messages of others: Ansible's and amazon.aws's, AWS's.
OTHERS = ("Before this collection is asked", "AWS's reasons in the rows")
OPTIONS = "An option is refused"
# Put together from words of which none is the message's own.
FORMED = {
    "... FAILED, and max_failed is",
    "... CANCELLED, and max_cancelled is",
    "... of ... FAILED, ... and max_failed_percentage is",
    "... results, and min_results is",
    "has no ... in row",
    "in row ... of the input is",
}

# What takes a message, and which of its arguments that is.
TAKES_MESSAGE = {"Missing": 1, "Violation": 5, "StackSetsError": 0, "ReadError": 0, "AnsibleLookupError": 0, "warn": 0}
TAKES_MESSAGE |= {"Interrupted": 0, "_refused": 0, "ErrorKind": 0}
# Of aws_errors.py: ends of other sentences.
ENDS = {"_AS_DELEGATE", "_NEW_CREDENTIALS"}


def on_the_page():
    """The beginnings of messages that each section has in the first column of its table."""
    parts = re.split(r"^(\S.*)\n-{3,}\n", PAGE, flags=re.MULTILINE)
    for title, text in zip(parts[1::2], parts[2::2], strict=True):
        cells = re.findall(r"^   \* - (``(?:.|\n       )+)\n     - ", text, re.MULTILINE)
        yield title, [" ".join(words.split()) for cell in cells for words in re.findall(r"``(.+?)``", cell, re.DOTALL)]


SECTIONS = dict(on_the_page())
OURS = [words for title, found in SECTIONS.items() if title not in OTHERS for words in found]


def says(words, text):
    parts = words.split("...")
    # Most texts have none of it, and a search for each takes long.
    return all(part in text for part in parts) and bool(re.search(".*".join(map(re.escape, parts)), text))


def words_of(node):
    """A text as it stands in the code, with ... for what is put into it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w*\}", "...", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return words_of(node.left) + words_of(node.right)
    return "..."


def name_of(call):
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", None)


TREES = [(path.name, ast.parse(path.read_text())) for path in sorted((CHECKOUT / "plugins").rglob("*.py"))]


def messages(name, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            target = node.targets[0].id
            if target == "message" or (name == "aws_errors.py" and target.isupper() and target not in ENDS):
                yield words_of(node.value)
        elif isinstance(node, ast.Dict) and name == "aws_errors.py":
            yield from map(words_of, node.values)
        elif isinstance(node, ast.Call) and len(node.args) > TAKES_MESSAGE.get(name_of(node), 99):
            yield words_of(node.args[TAKES_MESSAGE[name_of(node)]])
        elif isinstance(node, ast.Call) and name_of(node) == "OptionError":
            option, problem, _remedy = map(words_of, node.args)
            yield "..." if option.startswith("...") else f"{option} {problem}"


def all_messages():
    """Those with words enough of their own to be told by."""
    found = {text for name, tree in TREES for text in messages(name, tree)}
    return sorted(text for text in found if len(re.findall("[a-z]{2,}", text)) > 3)


MESSAGES = all_messages()


def test_the_page_has_its_sections():
    assert {*OTHERS, OPTIONS} < set(SECTIONS)
    assert len(OURS) > 100
    assert len(MESSAGES) > 80


@pytest.mark.parametrize("text", MESSAGES)
def test_a_message_of_the_code_is_on_the_page(text):
    assert [words for words in OURS if says(words, text)] != []


def test_a_message_of_the_page_is_in_the_code():
    texts = {words_of(node) for _name, tree in TREES for node in ast.walk(tree) if isinstance(node, ast.expr)}
    code = [text.replace("\n", " ") for text in texts if text != "..."]
    names = set(re.findall(r"\w+", "\n".join(code)))
    for title, found in SECTIONS.items():
        for words in found:
            if title in OTHERS or words in FORMED:
                continue
            if title == OPTIONS and words.split()[0] in names:
                continue
            assert any(says(words, text) for text in code), f"{title}: {words}"
