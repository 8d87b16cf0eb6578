"""What is wrong with a form, as sentences beside the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bredband.studio.words import said, words

_SENTENCES = {
    "missing": "fault_missing", "string_too_short": "fault_missing",
    "greater_than_equal": "fault_least", "greater_than": "fault_above",
    "less_than_equal": "fault_most", "less_than": "fault_below",
    "float_parsing": "fault_number", "float_type": "fault_number", "finite_number": "fault_number",
    "int_parsing": "fault_integer", "int_type": "fault_integer", "int_from_float": "fault_integer",
    "literal_error": "fault_choice", "too_short": "fault_missing", "string_too_long": "fault_long",
    "string_pattern_mismatch": "fault_pattern",
}  # fmt: skip


def sentences(faults: Iterable[Mapping[str, Any]], language: str) -> list[dict[str, str]]:
    """Say every fault in one sentence in the planner's language, with the field it is at."""
    return [
        {"field": fault["field"], "path": fault["path"], "sentence": _sentence(fault, language)}
        for fault in faults
    ]


def _sentence(fault: Mapping[str, Any], language: str) -> str:
    word = _SENTENCES.get(fault["kind"])
    if word is None:
        text = said(str(fault["text"]), language)
        return text[:1].upper() + text[1:].rstrip(".") + "."
    bound = f"{fault['bound']} {fault['unit']}".strip()
    return str(words(language)[word]).format(bound=bound)
