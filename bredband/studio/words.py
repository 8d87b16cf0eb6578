"""Every sentence of the studio's pages, in bokmål (``nb.toml``) and nynorsk (``nn.toml``).

What nynorsk does not say otherwise is the same in both. The scenario's own model explains its
fields in bokmål; ``fields_nn.toml`` says the same sentences in nynorsk.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@cache
def words(language: str) -> Mapping[str, Any]:
    """Give every sentence of the studio in bokmål (``nb``) or nynorsk (``nn``)."""
    ground = _read("nb.toml")
    return MappingProxyType(ground if language == "nb" else _over(ground, _read("nn.toml")))


def explained(sentences: tuple[str, ...], language: str) -> str:
    """Join the model's own sentences about a field, in the planner's language."""
    known = _fields_in_nynorsk() if language == "nn" else {}
    return " ".join(known.get(sentence, sentence) for sentence in sentences)


@cache
def _fields_in_nynorsk() -> Mapping[str, str]:
    return MappingProxyType(_read("fields_nn.toml"))


def _over(ground: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the words of one language over those of another, groups word by word."""
    return {
        key: {**value, **change.get(key, {})} if isinstance(value, dict) else change.get(key, value)
        for key, value in ground.items()
    }


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("bredband.studio").joinpath(name).read_text("utf-8"))
