"""What the planner has chosen differently in two or three scenarios, in the form's own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bredband.studio import form
from bredband.studio.words import explained, words

_OWN_TO_EACH = ("name", "description")


def differences(
    scenarios: Sequence[Mapping[str, Any]], names: Mapping[str, str], language: str
) -> list[tuple[str, list[str]]]:
    """List the fields that the scenarios do not fill in alike.

    Parameters
    ----------
    scenarios
        The values of each, as its file says them.
    names
        What areas are called; a field that lists areas says their names.
    language
        ``nb`` or ``nn``.

    Returns
    -------
    list of (str, list of str)
        What the field is called, and what each scenario says there.
    """
    shown = [form.by_field(form.shown_values(form.filled(values))) for values in scenarios]
    rows = []
    for field in form.fields():
        said = [_text(field, one.get(field.path, {}), names, language) for one in shown]
        if field.path not in _OWN_TO_EACH and len(set(said)) > 1:
            rows.append((_label(field, language), said))
    return rows


def _label(field: form.Field, language: str) -> str:
    known: Mapping[str, str] = words(language)["labels"]
    return known.get(field.path) or explained(field.sentences, language)


def _text(field: form.Field, said: form.Form, names: Mapping[str, str], language: str) -> str:
    """Write what one scenario says in a field; lists of small forms are written part by part."""
    w = words(language)
    if field.kind == "boolean":
        return str(w["yes"] if "true" in said.get(field.path, ()) else w["no"])
    texts = [text for given in said.values() for text in given if text]
    if field.kind in ("choice", "choices"):
        texts = [w["choices"].get(text, text) for text in texts]
    written = "; ".join(names.get(text, text) for text in texts)
    return f"{written} {field.unit}".strip() if written else "–"
