"""Every word of sheets and metadata, in bokmål (``nb.toml``) and nynorsk (``nn.toml``)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType


@cache
def labels(language: str) -> Mapping[str, str]:
    """Give every label in bokmål (``nb``) or nynorsk (``nn``) by its key."""
    text = resources.files("bredband.exchange").joinpath(f"{language}.toml").read_text("utf-8")
    return MappingProxyType(tomllib.loads(text))
