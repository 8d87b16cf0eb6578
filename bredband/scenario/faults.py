"""What is wrong with a scenario, as Norwegian clauses that name their key."""

from __future__ import annotations

import datetime as dt
import difflib
import typing
from typing import Any

from pydantic import BaseModel, ValidationError

_LONGEST_SHOWN = 60
_SIGNS = {"ge": "minst", "gt": "større enn", "le": "høyst", "lt": "mindre enn"}
_EXPECTED = {
    "float_parsing": "et tall", "float_type": "et tall", "int_parsing": "et heltall",
    "int_type": "et heltall", "int_from_float": "et heltall", "int_parsing_size": "et mindre tall",
    "finite_number": "et endelig tall", "bool_parsing": "true eller false", "bool_type": "true eller false",
    "string_type": "tekst i anførselstegn", "tuple_type": "en liste i hakeparentes",
    "string_too_short": "minst ett tegn", "too_short": "minst ett ledd", "too_long": "færre ledd",
    "model_type": "en seksjon [navn]", "dict_type": "en gruppe { navn = verdi }",
    "string_pattern_mismatch": "så mange siffer som docs/scenario.md sier",
}  # fmt: skip


def clauses(fault: ValidationError, model: type[BaseModel]) -> list[str]:
    """Say every fault of a scenario in a Norwegian clause that names its key.

    Parameters
    ----------
    fault
        What pydantic found.
    model
        The whole scenario's model, among whose keys a misspelt one was meant.
    """
    return [
        _clause(dict(error), tuple(part for part in error["loc"] if part != "[key]"), model)
        for error in fault.errors(include_url=False)
    ]


def _clause(error: dict[str, Any], place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    key, kind, context = ".".join(map(str, place)), error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"ukjent nøkkel «{key}»" + _suggest(place, model)
    if kind == "missing":
        return f"«{key}» mangler"
    if kind == "value_error":
        said = str(context.get("error", error["msg"]))
        return f"«{key}»: {said}" if key else said
    given = f"«{key}» er {_shown(error['input'])}"
    if kind in ("greater_than_equal", "greater_than", "less_than_equal", "less_than"):
        sign = next(name for name in _SIGNS if name in context)
        return f"{given}, må være {_SIGNS[sign]} {context[sign]}"
    if kind == "literal_error":
        return f"{given}, må være {str(context['expected']).replace(' or ', ' eller ')}"
    if kind == "string_too_long":
        return f"{given}, må være høyst {context['max_length']} tegn"
    if kind in _EXPECTED:
        return f"{given}, må være {_EXPECTED[kind]}"
    return f"{given}, som ikke kan stå her"


def _shown(value: Any) -> str:
    """Show a value as the file has it, and no more of it than a sentence holds."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"


def _suggest(place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """Name the nearest known key beside an unknown one."""
    inside: Any = model
    for part in place[:-1]:
        inside = inside if isinstance(part, int) else _inner_model(inside, part)
        if inside is None:
            return ""
    known = [name for name, field in inside.model_fields.items() if not field.exclude]
    near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.6)
    return f"; mente du «{near[0]}»?" if near else f"; kjente nøkler er {', '.join(known)}"


def _inner_model(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Find the model of a section, of a section in a list, or of one that may be left out."""
    known = model.model_fields.get(name)
    if known is None:
        return None
    for candidate in (known.annotation, *typing.get_args(known.annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
