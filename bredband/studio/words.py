"""Every sentence of the studio's pages, in bokmål (``nb.toml``) and nynorsk (``nn.toml``).

What nynorsk does not say otherwise is the same in both. The scenario's own model explains its
fields in bokmål; ``fields_nn.toml`` says the same sentences in nynorsk. What the program below
the studio says of faults, areas and coverage is told by :func:`bredband.wording.said`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from starlette.requests import HTTPConnection

from bredband.wording import sentences

LANGUAGE_COOKIE = "maalform"
_LANGUAGES = {"nb": "nb", "no": "nb", "nn": "nn"}


def language_of(asked: HTTPConnection) -> str:
    """Give what the planner has chosen: bokmål (nb) or nynorsk (nn); else what her browser asks.

    A browser names its languages with the dearest first (RFC 9110, 12.5.4).
    """
    chosen = asked.cookies.get(LANGUAGE_COOKIE)
    if chosen in ("nb", "nn"):
        return chosen
    tags = re.findall(
        r"[a-z]+", re.sub(r"[-;][^,]*", "", asked.headers.get("accept-language", "").lower())
    )
    return next((_LANGUAGES[tag] for tag in tags if tag in _LANGUAGES), "nb")


@cache
def words(language: str) -> Mapping[str, Any]:
    """Give every sentence of the studio in bokmål (``nb``) or nynorsk (``nn``)."""
    ground, asked = sentences("studio", "nb"), sentences("studio", language)
    return MappingProxyType(_over(ground, asked))


def explained(told: tuple[str, ...], language: str) -> str:
    """Join the model's own sentences about a field, in the planner's language."""
    known = sentences("studio", "fields_nn") if language == "nn" else {}
    return " ".join(known.get(sentence, sentence) for sentence in told)


def _over(ground: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the words of one language over those of another, groups word by word."""
    return {
        key: {**value, **change.get(key, {})} if isinstance(value, dict) else change.get(key, value)
        for key, value in ground.items()
    }
