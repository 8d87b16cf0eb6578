"""Every sentence of the studio's pages, in bokmål (``nb.toml``) and nynorsk (``nn.toml``).

What nynorsk does not say otherwise is the same in both. The scenario's own model explains its
fields in bokmål; ``fields_nn.toml`` says the same sentences in nynorsk. What the program below
the studio says of faults, areas and coverage has names and numbers in it: ``said_nn.toml`` holds
those sentences with holes.
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


def said(text: str, language: str) -> str:
    """Say in the planner's language what the program says in bokmål; the unknown stays as it is.

    What fills a hole is a name, a number, or again a sentence or several with semicolons between.
    """
    if language != "nn" or not text:
        return text
    whole = _in_nynorsk(text)
    if whole is not None:
        return whole
    clauses = re.split(r"(; (?:og )?)", text.removesuffix("."))
    end = "." if text.endswith(".") else ""
    return "".join(_in_nynorsk(clause) or clause for clause in clauses) + end


def _in_nynorsk(text: str) -> str | None:
    """Translate one sentence, whatever file stands before it, capitalised or not."""
    for pattern, sentence in _patterns():
        if found := pattern.fullmatch(text):
            place, first, *filled = (part or "" for part in found.groups())
            words = sentence.format(*(said(part, "nn") for part in filled))
            return place + (words[:1].upper() + words[1:] if first.isupper() else words)
    return None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give every sentence as a pattern, those with most letters of their own first."""
    known = sorted(
        sentences("studio", "said_nn").items(), key=lambda item: -len(item[0].replace("{}", ""))
    )
    return tuple((_pattern(sentence), nynorsk) for sentence, nynorsk in known)


def _pattern(sentence: str) -> re.Pattern[str]:
    """Let a hole hold no semicolon, except the list that ends a sentence after a colon."""
    start, *rest = sentence.split("{}")
    first = f"(?:([{start[0].lower()}{start[0].upper()}])" if start[:1].isalpha() else "(?:()"
    body = re.escape(start[1:] if start[:1].isalpha() else start) + ")"
    for part in rest:
        hole = r"(.+?)" if part == "." and sentence.endswith(": {}.") else r"((?:(?!; ).)+?)"
        hole = hole if part else r"((?:(?!; ).)*[^.;])"
        body += hole + re.escape(part)
    place = r"([^«»;]*[/.][^«»;]*?: )?" if start else "()"
    return re.compile(place + first + body, re.DOTALL)


def _over(ground: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Lay the words of one language over those of another, groups word by word."""
    return {
        key: {**value, **change.get(key, {})} if isinstance(value, dict) else change.get(key, value)
        for key, value in ground.items()
    }
