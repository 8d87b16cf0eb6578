"""What is wrong with a form, as sentences beside the field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bredband.studio.words import words
from bredband.wording import said

_SENTENCES = {
    "missing": "fault_missing", "string_too_short": "fault_missing",
    "greater_than_equal": "fault_least", "greater_than": "fault_above",
    "less_than_equal": "fault_most", "less_than": "fault_below",
    "float_parsing": "fault_number", "float_type": "fault_number", "finite_number": "fault_number",
    "int_parsing": "fault_integer", "int_type": "fault_integer", "int_from_float": "fault_integer",
    "literal_error": "fault_choice", "too_short": "fault_missing", "string_too_long": "fault_long",
    "string_pattern_mismatch": "fault_pattern", "not_printable": "fault_sign",
}  # fmt: skip


def sentences(faults: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    """Say every fault in one sentence in the planner's language, with the field it is at."""
    return [
        {"field": fault["field"], "path": fault["path"], "sentence": _sentence(fault, language)}
        for fault in faults
    ]


def of_run(text: str, language: str, areas: Mapping[str, str]) -> str:
    """Say what stopped a run: fields, files and areas by the names that the pages give them."""
    w = words(language)
    missing = re.sub(r"^finner ikke (\w+):", lambda hit: _file_kind(hit, w), text)
    named = _named(said(missing, language), w)
    if areas:
        known = re.compile("|".join(map(re.escape, sorted(areas, key=len, reverse=True))))
        named = known.sub(lambda hit: f"«{areas[hit[0]]}»", named)
    return named[:1].upper() + named[1:]


def _file_kind(hit: re.Match[str], w: Mapping[str, Any]) -> str:
    return f"finner ikke {w['source_names'].get(hit[1], hit[1])}:"


def _sentence(fault: Mapping[str, Any], language: str) -> str:
    word = _SENTENCES.get(fault["kind"])
    if word is None:
        text = _named(said(str(fault["text"]), language), words(language))
        first = text.split(" ", 1)[0]
        return (text if _is_code(first) else text[:1].upper() + text[1:]).rstrip(".") + "."
    bound = f"{fault['bound']} {fault['unit']}".strip()
    return str(words(language)[word]).format(bound=bound)


def _named(text: str, w: Mapping[str, Any]) -> str:
    """Say the fields and choices of a sentence as the form calls them, not as the file does."""
    labels = {path.rsplit(".", 1)[-1]: label for path, label in w["labels"].items() if "." in path}
    named = {name: f"«{text}»" for name, text in (w["choices"] | labels).items() if _is_code(name)}
    named["true"] = w["ticked"]
    return re.sub(r"[a-z]+(?:_[a-z0-9]+)*", lambda hit: named.get(hit[0], hit[0]), text)


def _is_code(word: str) -> bool:
    return "_" in word or word in ("goal", "estimate")
