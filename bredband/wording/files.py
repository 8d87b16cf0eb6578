"""What a room says, kept beside its code: ``nb.toml`` in bokmål, ``nn.toml`` in nynorsk."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any


@cache
def sentences(room: str, language: str) -> Mapping[str, Any]:
    """Read every sentence of a room in one language.

    Parameters
    ----------
    room
        A folder of this package, such as ``maps`` or ``report/sector``.
    language
        Bokmål (``nb``) or nynorsk (``nn``); or another file of sentences there, by its stem.

    Returns
    -------
    Sentences by key; where the file has sections, by section and key.
    """
    file = resources.files("bredband").joinpath(room, f"{language}.toml")
    return MappingProxyType(tomllib.loads(file.read_text("utf-8")))
