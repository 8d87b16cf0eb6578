"""What she has filled in, judged by the model that the command line uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from bredband.scenario import Scenario
from bredband.studio.form.fields import Field, fields
from bredband.studio.form.values import number_text


def judge(values: Mapping[str, Any]) -> tuple[Scenario | None, list[dict[str, Any]]]:
    """Hold values against the model; give the scenario, or every fault with the field it is at."""
    try:
        return Scenario.model_validate(values), []
    except ValidationError as fault:
        return None, [_located(error) for error in fault.errors(include_url=False)]


def filled(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a scenario's values with the defaults it does not mention, for the form to show."""
    model, _ = judge({**values, "name": values.get("name") or "–"})
    if model is None:
        return dict(values)
    return {**model.model_dump(mode="json"), "name": values.get("name", "")}


def _located(error: Any) -> dict[str, Any]:
    path = ".".join(str(part) for part in error["loc"] if part != "[key]")
    field = _field_at(error["loc"], fields())
    context = error.get("ctx", {})
    bound = next((context[k] for k in ("ge", "gt", "le", "lt") if k in context), None)
    scale = field.scale if field else 1
    return {
        "path": path,
        "field": field.path if field else "",
        "kind": "missing" if error["input"] is None else error["type"],
        "bound": number_text(float(bound), scale) if bound is not None else "",
        "unit": field.unit if field else "",
        "text": str(context.get("error", error["msg"])),
    }


def _field_at(location: Iterable[Any], known: Iterable[Field]) -> Field | None:
    """Find the field, or the column of a field, where a fault is."""
    parts = [str(part) for part in location]
    for field in known:
        own = field.path.split(".")
        if parts[: len(own)] == own:
            rest = parts[len(own) :]
            inner = next((c for c in field.columns if rest[1:] == c.path.split(".")), None)
            return replace(field, scale=inner.scale, unit=inner.unit) if inner else field
    return None
