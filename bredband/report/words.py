"""Every sentence of the documents, in bokmål (``nb.toml``) and nynorsk (``nn.toml``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from bredband.units import format_int
from bredband.wording import sentences


@dataclass(frozen=True)
class Words:
    """The sentences of one language, found by ``section.key``."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """Give a sentence with its values filled in."""
        return self.sentences[key].format(**values)

    def count(self, noun: str, number: int, /) -> str:
        """Give a number with its noun in singular or plural: ``1 husstand``, ``3 husstander``."""
        form = "one" if number == 1 else "many"
        return f"{format_int(number)}\u00a0{self.sentences[f'noun.{noun}_{form}']}"

    def date(self, iso: str, /) -> str:
        """Write a date in full: ``23. november 2026``; anything else as it stands."""
        try:
            day = dt.date.fromisoformat(iso)
        except ValueError:
            return iso
        return f"{day.day}.\u00a0{self.sentences[f'month.{day.month}']} {day.year}"

    def short_date(self, iso: str, /) -> str:
        """Write a date for a table: ``23.11.2026``; anything else as it stands."""
        try:
            return f"{dt.date.fromisoformat(iso):%d.%m.%Y}"
        except ValueError:
            return iso

    def name(self, group: str, key: str, /) -> str:
        """Give the name of a code in a group, or the code itself where it has no name."""
        return self.sentences.get(f"{group}.{key}", key)


@cache
def words(language: str, room: str = "report") -> Words:
    """Read the sentences of a document in a language, ``nb`` or ``nn``."""
    found = {
        f"{section}.{key}": sentence
        for section, group in sentences(room, language).items()
        for key, sentence in group.items()
    }
    return Words(language, MappingProxyType(found))
