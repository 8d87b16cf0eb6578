"""Every sentence of the map, in bokmål (``nb.toml``) and nynorsk (``nn.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def words(language: str) -> Mapping[str, str]:
    """Give every sentence of the map in bokmål (``nb``) or nynorsk (``nn``)."""
    text = resources.files("bredband.maps").joinpath(f"{language}.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(text))
