"""What the code says in bokmål with names and numbers in it, said in nynorsk.

``said_nn.toml`` has every such sentence with holes (``{}``) where a name or a number stands.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from bredband.wording.files import sentences


def said(text: str, language: str) -> str:
    """Say in the planner's language what the program says in bokmål; the unknown stays as it is.

    What fills a hole is a name, a number, or again a sentence or several with semicolons between.

    Parameters
    ----------
    text
        A fault, an advice, a reason: whatever the code says as a sentence.
    language
        Bokmål (``nb``) or nynorsk (``nn``).
    """
    if language != "nn" or not text:
        return text
    whole = _in_nynorsk(text)
    if whole is not None:
        return whole
    clauses = re.split(r"(; (?:og )?)", text.removesuffix("."))
    end = "." if text.endswith(".") else ""
    return "".join(_in_nynorsk(clause) or clause for clause in clauses) + end


@lru_cache(maxsize=10_000)
def _in_nynorsk(text: str) -> str | None:
    """Translate one sentence, whatever file stands before it, capitalised or not."""
    for needle, pattern, sentence in _patterns():
        if needle in text and (found := pattern.fullmatch(text)):
            place, first, *filled = (part or "" for part in found.groups())
            words = sentence.format(*(said(part, "nn") for part in filled))
            return place + (words[:1].upper() + words[1:] if first.isupper() else words)
    return None


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Give every sentence as a pattern, those with most letters of their own first.

    Before each stands its longest piece without a hole: a text that lacks it need not be tried.
    """
    known = sorted(
        sentences("wording", "said_nn").items(), key=lambda item: -len(item[0].replace("{}", ""))
    )
    return tuple((_needle(sentence), _pattern(sentence), nynorsk) for sentence, nynorsk in known)


def _needle(sentence: str) -> str:
    """Give the longest piece between holes; the first letter may be small or capital."""
    start, *rest = sentence.split("{}")
    return max([start[1:], *rest], key=len)


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
