# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of the troubleshooting guide, made of the messages in the code.

The first column is a message up to its advice, with ``...`` for what is put into it; the second is the advice. The
errors of AWS and of the SDK are read from their tables, broken rules of a gate from gates that break them, and what is
missing and all other messages from the calls that raise them.
"""

from __future__ import annotations

import ast
import os
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

# Where pytest has not said yet where collections are.
sys.path += filter(None, os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep))
ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "guide_troubleshooting.rst"
PACKAGE = "ansible_collections.stackgate.stacksets.plugins."
SOME = "..."
_LAST = ("message", "what")  # variables of several messages, one after another
# What a message has no room for, by its beginning.
# What only explains, in a message.
_REST = re.compile(r", (?=and |so |which |but |not )|: |; | \((?=[^)]*\)$)|\. | because | and (?=[a-z]+_[a-z]+ )")
_FILL = partial(textwrap.fill, width=120, subsequent_indent=" " * 7, break_long_words=False, break_on_hyphens=False)
HINTS = {
    "Operation ... was not found": "An operation belongs to one stack set in one Region.",
    "AWS throttled ... for": "The retries last for five minutes, or as long as ``reading_timeout`` or the gate's wait.",
    "The metadata service": "In a container on an instance, the service may need a hop limit of 2.",
    "No AWS credentials were found": "The environment differs under ``sudo``, in a container and in a job template.",
    "... unaccounted for": "Any of the results that ``max_unaccounted`` accepts may have failed.",
}

Row = tuple[str, str]
Texts = list[str]
Environment = Mapping[str, Texts]


class Source(NamedTuple):
    """A file of plugins: its name below them, its syntax, and what its module knows."""

    name: str
    tree: ast.Module
    known: Mapping[str, Any]


class Function(NamedTuple):
    """A function, and where it is."""

    source: Source
    node: ast.FunctionDef


@cache
def sources() -> tuple[Source, ...]:
    """The files that have messages."""
    found = []
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        name = path.relative_to(ROOT / "plugins").with_suffix("").as_posix()
        if not name.startswith(("doc_fragments", "modules/", "filter/")) and not name.endswith("__init__"):
            known = vars(import_module(PACKAGE + name.replace("/", ".")))
            found.append(Source(name, ast.parse(path.read_text(encoding="utf-8")), known))
    return tuple(found)


@cache
def functions() -> Mapping[str, Function]:
    """The functions by their names, without those that make foreign text safe."""
    return {
        node.name: Function(source, node)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and not source.name.endswith("_text")
    }


@cache
def calls() -> Mapping[str, list[tuple[ast.Call, Source, ast.FunctionDef | None]]]:
    """All calls by the name of what is called, each with its file and the function that it is in."""
    found: dict[str, list[tuple[ast.Call, Source, ast.FunctionDef | None]]] = {}

    def visit(node: ast.AST, source: Source, function: ast.FunctionDef | None) -> None:
        if isinstance(node, ast.Call):
            found.setdefault(_name_of(node), []).append((node, source, function))
        inner = node if isinstance(node, ast.FunctionDef) else function
        for child in ast.iter_child_nodes(node):
            visit(child, source, inner)

    for source in sources():
        visit(source.tree, source, None)
    return found


def _name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def environments(function: ast.FunctionDef | None, depth: int = 2) -> list[Environment]:
    """What the parameters of a function are, at each place that calls it."""
    if function is None or not depth:
        return [{}]
    names = [argument.arg for argument in function.args.args]
    names = names[1:] if names[:1] == ["self"] else names
    defaults = dict(zip(names[::-1], function.args.defaults[::-1], strict=False))
    found: list[Environment] = []
    for call, source, caller in calls().get(function.name, ()):
        given = {**defaults, **dict(zip(names, call.args, strict=False))}
        given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in names}
        for outer in environments(caller, depth - 1):
            reader = Reader(source, caller, outer)
            found.append({name: reader.texts(value) for name, value in given.items()})
    return found or [{}]


@cache
def assigned(function: ast.FunctionDef) -> Mapping[str, list[ast.expr]]:
    """What the variables of a function may be."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Name):
            several = node.iter.elts if isinstance(node.iter, ast.Tuple) else [node.iter]
            found.setdefault(node.target.id, []).extend(several)
    return found


class Reader:
    """Reads what expressions of a function may be as text."""

    def __init__(self, source: Source, function: ast.FunctionDef | None, given: Environment) -> None:
        self._source = source
        self._given = given
        self._parameters = {argument.arg for argument in function.args.args} if function else set()
        self._assigned = assigned(function) if function else {}

    def texts(self, node: ast.expr) -> Texts:
        """The texts that an expression may be."""
        if isinstance(node, ast.Constant):
            return [str(node.value)]
        if isinstance(node, ast.IfExp):
            both = [*self.texts(node.body), *self.texts(node.orelse)]
            return [""] if "" in both else both
        if isinstance(node, ast.JoinedStr):
            several = [self.texts(value) for value in node.values]
            one = "".join(texts[0] if len(texts) == 1 else SOME for texts in several)
            # Several texts are told apart where nothing else is in the message.
            return [one] if re.search("[a-z]{2}", one) else ["".join(parts) for parts in product(*several)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return ["".join(parts) for parts in product(self.texts(node.left), self.texts(node.right))]
        if isinstance(node, ast.FormattedValue):
            return self.texts(node.value)
        if isinstance(node, ast.Name) and node.id in self._given:
            return self._given[node.id]
        if isinstance(node, ast.Name) and node.id in self._assigned:
            values = [one for one in self._assigned[node.id] if node not in ast.walk(one)]
            if node.id in _LAST:
                values = [max((one for one in values if one.lineno <= node.lineno), key=lambda one: one.lineno)]
            return list(dict.fromkeys(text for value in values for text in self.texts(value)))
        if isinstance(node, ast.Call):
            return self._returned(node)
        return [self._known(node)]

    def _returned(self, call: ast.Call) -> Texts:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format":
            return [re.sub(r"\{\w*\}", SOME, text) for text in self.texts(call.func.value)]
        function = functions().get(_name_of(call))
        if function is None:
            return [self._known(call)]
        reader = Reader(function.source, function.node, {})
        values = [
            node.value
            for node in ast.walk(function.node)
            if isinstance(node, (ast.Return, ast.Yield)) and _is_text(node.value)
        ]
        return [text for value in values for text in reader.texts(value)] or [SOME]

    def _known(self, node: ast.expr) -> str:
        """The value of an expression of constants."""
        own = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        if own & (self._parameters | self._assigned.keys()):
            return SOME
        try:
            value = eval(compile(ast.Expression(node), "", "eval"), dict(self._source.known))
        except Exception:
            return SOME
        return str(value) if isinstance(value, (str, int)) else SOME


def raised(kind: str, *arguments: int, all_of: int = 0) -> Iterator[tuple[str, Texts]]:
    """The texts of these arguments of each call of a kind, with the file that it is in; ``all_of`` is how many the call
    has, where that matters.
    """
    for call, source, function in calls().get(kind, ()):
        if len(call.args) <= max(arguments) or len(call.args) != (all_of or len(call.args)):
            continue
        for given in environments(function):
            several = [Reader(source, function, given).texts(call.args[number]) for number in arguments]
            for texts in product(*several):
                yield source.name, list(texts)


def _clean(text: str) -> str:
    text = re.sub(r"\{\{|\}\}", lambda found: found[0][0], re.sub(r"(?<!\{)\{\w+\}(?!\})", SOME, text))
    return re.sub(r"\s+", " ", text.replace("\n", " ")).strip()


def _row(text: str) -> Row:
    """A message of several sentences, as its first sentence and the advice after it."""
    text = re.sub(r" (?:AWS says: \.\.\.\.|\(AWS answered .*)$", "", _clean(text))
    first, _stop, rest = re.fullmatch(r"(.+?)(\. (?=[A-Z]|\.\.\.$)|$)(.*)", text).groups()  # type: ignore[union-attr]
    # What there is, where something is not known, is in the message itself.
    return _without_stop(first), "" if rest == SOME or rest.startswith("The arguments are") else rest


def _without_stop(text: str) -> str:
    return text[:-1] if text.endswith(".") and (text.endswith("....") or not text.endswith(SOME)) else text


def _kinds(module: str) -> dict[str, Any]:
    """The error kinds of a module by where they are first, a name or the class of the SDK's error."""
    from ansible_collections.stackgate.stacksets.plugins.module_utils._errors import ErrorKind

    found = {}
    for name, value in vars(import_module(f"{PACKAGE}module_utils._api.{module}")).items():
        members = value.items() if isinstance(value, dict) else [(name, value)]
        found.update({key: one for key, one in members if isinstance(one, ErrorKind)})
    return found


def _of_kinds(kinds: Mapping[str, Any]) -> Iterator[Row]:
    from botocore import exceptions

    for name, kind in kinds.items():
        words, advice = _row(kind.sentence)
        if words == SOME:
            words = _clean(getattr(exceptions, name).fmt)
        yield words, advice


def _aws(connection: bool) -> Iterator[Row]:
    """What AWS refuses, or what the way to it does."""
    module = import_module(PACKAGE + "module_utils._api.aws_errors")
    of_the_way = {kind.sentence for table in (module._SDK_FAILURES, module._TOLD_BY) for kind in table.values()}
    of_the_way.add(module._NOT_UNDERSTOOD.sentence)
    kinds = {name: kind for name, kind in _kinds("aws_errors").items() if kind.sentence not in _credentials_sentences()}
    yield from _of_kinds({name: kind for name, kind in kinds.items() if (kind.sentence in of_the_way) is connection})


def _credentials_sentences() -> set[str]:
    return {kind.sentence for kind in _kinds("credential_errors").values()}


def _plain(kind: str, *files: str) -> Iterator[Row]:
    for name, (text,) in raised(kind, 0):
        if name.endswith(files) and re.search(r"[a-z]{2}", text):
            yield _row(text)


def _broken_rules() -> Iterator[Row]:
    """A violation of each rule, from a gate that breaks it, with the next step."""
    gate = PACKAGE + "module_utils._gate."
    model, counts = import_module(gate + "model"), import_module(PACKAGE + "module_utils._rows.results")
    policy, evaluate = import_module(gate + "policy").policy, import_module(gate + "evaluate").evaluate
    step = import_module(gate + "remediation").next_step
    statuses = import_module(PACKAGE + "module_utils._rows.types").ROW_STATUSES
    failed, cancelled, succeeded = (
        {"account": f"{number}", "region": "r", "status": status, "organizational_unit_id": None, "status_reason": None}
        for number, status in enumerate(("FAILED", "CANCELLED", "SUCCEEDED"))
    )
    drift: Any = {"action": "DETECT_DRIFT", "stack_set_drift_detection_details": {"drifted_stack_instances_count": 7}}
    gates: list[tuple[Any, Any, Any]] = [
        ([failed], {}, {}),
        ([cancelled], {}, {}),
        ([failed, succeeded], {}, {"max_failed_percentage": 5}),
        ([succeeded], {}, {"expected_results": 7}),
        ([succeeded], {}, {"min_results": 7}),
        ([succeeded], {"status": "STOPPED"}, {}),
        ([], {}, {}),
        ([failed], {}, {"ignore_accounts": ["000000000000"]}),
        ([succeeded], drift, {"max_drifted": 5}),
    ]
    met = set()
    for rows, about, options in gates:
        rules = policy(options)
        tally = counts.Tally(lambda row, ignored=bool(rules.ignore_accounts): ignored)
        tally.add(rows)
        operation = {"action": "UPDATE", "status": "SUCCEEDED", "status_details": {}, **about}
        evidence = model.Evidence(operation, tally.counts(), frozenset(statuses), True, True, True)
        decision = evaluate(evidence, rules)
        violation = decision.violations[0]
        met.add(violation.rule)
        advice = step(decision, operation, None, (), None, False).removeprefix("Next: ")
        words = re.sub(r"\b\d+(?:\.\d+)?\b|(?<=is )(STOPPED|SUCCEEDED)\b", SOME, _without_stop(violation.message))
        yield words, _sentence(re.sub(r"(?<=is )STOPPED\b", SOME, advice))
    if met != set(model.Rule):
        raise ValueError(f"no example of {set(model.Rule) - met}")


def _missing(in_filter: bool) -> Iterator[Row]:
    """What a gate lacks, with the way out."""
    gate = PACKAGE + "module_utils._gate."
    kinds, remediation = import_module(gate + "model").MissingKind, import_module(gate + "remediation")
    remedies = remediation._REMEDIES_OF_FILTER if in_filter else remediation._REMEDIES
    for given in ((0, 1, 2), (0, 1)):
        for name, (kind, text, *option) in raised("Missing", *given, all_of=len(given)):
            if (name == "plugin_utils/_filters/gate") is in_filter and re.search("[a-z]{2}", text):
                what = option[0] if option else kinds[kind.partition(".")[2]]
                way = remedies.get(what, remediation._NO_REMEDY)
                advice = way.format(again="run the task again", named="", unaccounted=SOME)
                yield _without_stop(_clean(text)), _clean(advice)
    if not in_filter:
        progress = import_module(PACKAGE + "plugin_utils._progress")
        for _name, (text,) in raised("Interrupted", 0):
            yield _row(text)[0], remediation._REMEDIES[kinds.INTERRUPTED].format(again="run the task again")
        for _name, (text,) in (one for one in raised("error_fact", 1) if "timeout" in one[1][0]):
            yield _row(text)[0], _sentence(progress._TIMED_OUT.removeprefix("Next: "))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _options(*files: str) -> Iterator[Row]:
    general: dict[str, str] = {}  # what is said of any option
    for name, (option, problem, remedy) in raised("OptionError", 0, 1, 2):
        if not name.endswith(files) or remedy == SOME:
            continue
        if option == SOME and len(re.findall("[a-z]{2,}", problem)) == 1:
            continue  # "... is ...": which option it is, and what it takes, only the message says
        if option == SOME and name.endswith("report_options"):
            option = "report_..."
        if option == SOME and problem not in general:
            general[problem] = remedy
        elif problem in general:
            continue
        # Whichever part of the input or of an operation it is.
        whole = re.sub(r"^(?:The input's )?operation(?:\.[\w.]+)?(?= )", "operation", f"{option} {problem}")
        whole = re.sub(r"^[\w.]+(?= in row)|(?<=^The input's )\w+", SOME, whole)
        yield _clean(whole), _clean(remedy)


_OF_REPORTS = ("_filters/report_options", "_filters/report", "_render/csv", "_render/markdown")
_OF_OPTIONS = (
    *("inventory/operation_results", "_api/client", "_api/request", "_gate/policy", "_modules/batch", "_validation"),
    *("_wait/gate_request", "plugin_utils/_lookup", "plugin_utils/_misread", "plugin_utils/_vaulted", "_errors"),
)


@cache
def tables() -> dict[str, tuple[str, str, list[Row]]]:
    """The titles of each table's columns and its rows, by the name of its mark in the page."""
    fix, means = "What to do", "What it means"
    return {
        "aws": ("The message begins", fix, [*_aws(connection=False)]),
        "credentials": (
            "The message begins",
            fix,
            [*_of_kinds(_kinds("credential_errors")), *_plain("ReadError", "_inventory/hosts")],
        ),
        "connection": ("The message begins", fix, [*_aws(connection=True), *_plain("ReadError", "_api/client")]),
        "failed": ("The message has", fix, [*_broken_rules()]),
        "missing": ("The message has", fix, [*_missing(in_filter=False)]),
        "filter": ("The message has", fix, [*_missing(in_filter=True)]),
        "options": (
            "The message begins",
            fix,
            [
                *_options(*_OF_OPTIONS),
                *_plain("AnsibleLookupError", "_lookup"),
                *_plain("StackSetsError", "_filters/gate", "_filters/report_options"),
                *_plain("AnsibleOptionsError", "_vaulted"),
            ],
        ),
        "report": ("The message begins", fix, [*_options(*_OF_REPORTS)]),
        "input": ("The message begins", fix, [*_options("_filters/rows")]),
        "warnings": ("The warning has", means, [*_plain("warn", "")]),
    }


# What is code in a sentence: a call, a filter, an option or variable with its value.
_CODE = re.compile(
    r"\b\w+\([^()]*['=][^()]*\)|\| \w+(?:\(\d+\))?|\w+=\{.*?\}\}|'?\{\".*?\}'?|"
    r"(?<![\w=.:])(?:\w+[.:])*[A-Za-z]+_\w+(?:=(?:\.\.\.|'\w+'|\w+))?"
)


def _table(first: str, second: str, rows: Iterable[Row]) -> Iterator[str]:
    """Rows with the same advice are one."""
    by_advice: dict[str, list[str]] = {}
    for words, advice in rows:
        by_advice.setdefault(advice, []).append(words)
    yield ".. list-table::\n   :header-rows: 1\n   :widths: 4 7\n"
    for cells in ((first, second), *((_literals(words), _said(words, advice)) for advice, words in by_advice.items())):
        for mark, cell in zip(("   * - ", "     - "), cells, strict=True):
            yield textwrap.fill(
                cell,
                120,
                initial_indent=mark,
                subsequent_indent=" " * 7,
                break_long_words=False,
                break_on_hyphens=False,
            )


def _shortened(rows: list[Row]) -> Iterator[Row]:
    """The rows with as much of their messages as tells them apart."""
    beginnings = [words[: found.start()] if (found := _REST.search(words)) else words for words, _advice in rows]
    for (words, advice), beginning in zip(rows, beginnings, strict=True):
        others = {one for one, other in rows if one.startswith(beginning) and other != advice}
        enough = len(re.findall("[A-Za-z]{2,}", beginning)) > 1 and not others and not beginning.endswith("is ...")
        yield (beginning if enough else words), advice


def _literals(words: Iterable[str]) -> str:
    several = list(dict.fromkeys(words))
    shortest = [one for one in several if not any(one != other and one.startswith(other) for other in several)]
    return ", ".join(f"``{one}``" for one in shortest)


def _said(words: Iterable[str], advice: str) -> str:
    hints = [hint for beginning, hint in HINTS.items() if any(one.startswith(beginning) for one in words)]
    return " ".join(filter(None, [_CODE.sub(lambda code: f"``{code[0]}``", advice), *hints])) or "See the message."


def made(page: str) -> str:
    """The page with its tables, each after its mark, as the code has them."""
    for name, (first, second, rows) in tables().items():
        distinct = list(dict.fromkeys(rows))
        # Which rule is broken is said at the end.
        table = _table(first, second, distinct if name == "failed" else _shortened(distinct))
        before, mark, after = page.partition(f".. messages: {name}\n\n")
        if not mark or not rows:
            raise ValueError(f"the page has no place for {name}, or the code no message")
        after = re.sub(r"\A\.\. list-table::\n(?:(?: .*)?\n)*", "", after)
        page = f"{before}{mark}" + "\n".join(table) + f"\n\n{after}"
    return page


def write() -> None:
    """Write the page's tables."""
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
