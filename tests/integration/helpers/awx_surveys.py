# Copyright (c) 2026 The stackgate.stacksets contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX's rules for surveys: what it refuses when one is saved, and what becomes of answers at launch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXTS, _NUMBERS = ("text", "textarea", "password"), ("integer", "float")
_CHOICES = ("multiplechoice", "multiselect")
_TYPES = {"integer": int, "float": float, "multiselect": list}


def faults_of(survey: Mapping[str, Any]) -> list[str]:
    """What is wrong with a survey, when it is saved and with its defaults."""
    faults = [f"no {key}" for key in ("name", "description") if not isinstance(survey.get(key), str)]
    spec = survey.get("spec")
    if not isinstance(spec, list) or not spec:
        return [*faults, "no questions in spec"]
    for question in spec:
        faults += [f"{question.get('variable')}: {fault}" for fault in _faults(question)]
    names = [question.get("variable") for question in spec]
    return faults + [f"{name}: twice" for name in sorted({str(name) for name in names if names.count(name) > 1})]


def _faults(question: Mapping[str, Any]) -> list[str]:
    texts = [key for key in ("type", "question_name", "variable") if not isinstance(question.get(key), str)]
    if texts or not isinstance(question.get("required"), bool):
        return [f"not the type that it needs: {', '.join(texts or ['required'])}"]
    if question["type"] not in (*_TEXTS, *_NUMBERS, *_CHOICES):
        return [f"no type: {question['type']}"]
    faults = ["a blank in the variable"] if question["variable"].split() != [question["variable"]] else []
    faults += [f"{key} is not an integer" for key in ("min", "max") if type(question.get(key, 0)) is not int]
    choices = _choices(question)
    if question["type"] in _CHOICES and (not choices or not all(isinstance(one, str) for one in choices)):
        faults.append("no choices")
    default = question.get("default", "")
    if default != "" and not faults and not _is_valid(question, default):
        faults.append(f"default {default!r} is not an answer")
    return faults


def _choices(question: Mapping[str, Any]) -> list[Any]:
    choices = question.get("choices") or []
    return choices.splitlines() if isinstance(choices, str) else choices


def _is_valid(question: Mapping[str, Any], answer: Any) -> bool:
    kind = question["type"]
    wanted = (float, int) if kind == "float" else (_TYPES.get(kind, str),)
    if type(answer) not in wanted:
        return False
    if kind in _CHOICES:
        return all(one in _choices(question) for one in (answer if kind == "multiselect" else [answer]))
    size = answer if kind in _NUMBERS else len(answer)
    return question.get("min", size) <= size <= question.get("max", size)


def launched(survey: Mapping[str, Any], answers: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The variables of a job that the API or a schedule launches with these answers, and why it is not launched."""
    variables, refused = {}, []
    for question in survey["spec"]:
        name, default = question["variable"], question.get("default")
        if name in answers:
            variables[name] = answers[name]
            refused += [] if _is_valid(question, answers[name]) else [f"{name}: no valid answer"]
        elif question["required"]:
            # Whatever its default is.
            refused.append(f"{name}: value missing")
        elif default is not None and _is_valid(question, default):
            variables[name] = default
    return variables, refused
