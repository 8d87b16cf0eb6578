"""The scenario described field by field, from the models themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bredband.scenario.read import Scenario


def markdown_of_fields() -> str:
    """Describe every section and field of a scenario as Markdown, in Norwegian."""
    schema = Scenario.model_json_schema()
    lines = [
        "# Scenariofila, felt for felt",
        "",
        "Laget av `bredband scenario --markdown`; ikke rediger for hånd. Et scenario er én",
        'TOML-fil. Nøkler som ikke står her, blir avvist. `extends = "annen.toml"` henter alt',
        "som fila ikke selv sier, fra en annen fil, i ett ledd.",
        "",
    ]
    lines += _section("Øverst i fila", schema, schema)
    for name, field in schema["properties"].items():
        model = _model_of(field, schema)
        if model is not None and "properties" in model:
            lines += _section(f"[{name}]", model, schema, str(field.get("description", "")))
    lines += _inner_models(schema)
    return "\n".join(lines).rstrip() + "\n"


def _inner_models(schema: dict[str, Any]) -> list[str]:
    """Describe the models that stand inside sections, such as a price with its range."""
    top = {str(field.get("$ref", "")).rsplit("/", 1)[-1] for field in schema["properties"].values()}
    lines: list[str] = []
    for name, model in sorted(schema["$defs"].items()):
        if name not in top and "properties" in model:
            lines += _section(f"`{name}`", model, schema)
    return lines


def _section(
    title: str, model: dict[str, Any], schema: dict[str, Any], text: str = ""
) -> Iterator[str]:
    rows = [
        f"| `{name}` | {_kind(field, schema)} | {_default(name, field, model)} | {_text(field)} |"
        for name, field in model["properties"].items()
        if name != "folder" and not (schema is model and _is_section(field, schema))
    ]
    yield from (f"## {title}", "", *([text, ""] if text else []))
    yield from ("| nøkkel | type | standard | betydning |", "|---|---|---|---|", *rows, "")


def _is_section(field: dict[str, Any], schema: dict[str, Any]) -> bool:
    return _model_of(field, schema) is not None


def _model_of(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    reference = str(field.get("$ref", ""))
    model: dict[str, Any] | None = schema["$defs"].get(reference.rsplit("/", 1)[-1])
    return model


def _text(field: dict[str, Any]) -> str:
    return str(field.get("description", "")).replace("|", "\\|")


def _kind(field: dict[str, Any], schema: dict[str, Any]) -> str:
    if "enum" in field:
        return " / ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return _kind(next(f for f in field["anyOf"] if f.get("type") != "null"), schema)
    if "$ref" in field:
        return f"`{str(field['$ref']).rsplit('/', 1)[-1]}`"
    words = {"string": "tekst", "number": "tall", "integer": "heltall", "boolean": "true/false"}
    if field.get("type") == "array":
        return f"liste av {_kind(field['items'], schema)}" if "items" in field else "liste"
    if field.get("type") == "object":
        inner = field.get("additionalProperties")
        return f"navn → {_kind(inner, schema)}" if isinstance(inner, dict) else "tabell"
    return words.get(str(field.get("type")), str(field.get("type", "")))


def _default(name: str, field: dict[str, Any], model: dict[str, Any]) -> str:
    if name in model.get("required", ()):
        return "**må oppgis**"
    if "default" not in field:
        return "se under"
    value = field["default"]
    words = {True: "true", False: "false", None: "–", "": "–"}
    if isinstance(value, (bool, str)) or value is None:
        return words.get(value, f"`{value}`")
    if isinstance(value, list):
        return f"`{', '.join(str(item) for item in value)}`" if value else "–"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
