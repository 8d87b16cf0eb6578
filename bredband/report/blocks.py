"""What a document consists of, before it becomes Word, PDF or HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 opens a chapter."""

    text: str
    level: Literal[1, 2, 3] = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; a lead opens a chapter, a note stands apart."""

    text: str
    role: Literal["body", "lead", "note"] = "body"


@dataclass(frozen=True)
class Bullets:
    """A list of short statements."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class KeyFigures:
    """A row of figures, each with its label below."""

    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """A table with a header row; ``numeric`` columns are aligned to the right.

    ``widths`` are relative. ``total`` is a last row that sums up; empty if there is none.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    widths: tuple[float, ...]
    total: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture drawn by ``figures.drawing``, with a caption and a text alternative."""

    name: str
    caption: str
    alternative: str


Block = Heading | Paragraph | Bullets | KeyFigures | Table | Figure


@dataclass(frozen=True)
class Cover:
    """The first page."""

    kind: str
    title: str
    period: str
    organisation: str
    date: str
    warning: str
    warning_note: str


@dataclass(frozen=True)
class Labels:
    """The few words that a renderer itself adds."""

    contents: str
    page: str
    of: str
    table: str
    figure: str
    skip: str


@dataclass(frozen=True)
class Document:
    """A whole document in one language; a brief one has neither first page nor contents."""

    language: Literal["nb", "nn"]
    cover: Cover
    labels: Labels
    description: str
    created_on: str
    blocks: tuple[Block, ...]
    brief: bool = False


@dataclass(frozen=True)
class Entry:
    """A heading as it stands in the table of contents."""

    level: Literal[1, 2, 3]
    number: str
    text: str
    anchor: str


def contents(story: Document) -> list[Entry]:
    """List the headings with their numbers and the names of their places."""
    entries: list[Entry] = []
    chapter, part = 0, 0
    for block in story.blocks:
        if isinstance(block, Heading):
            chapter, part = (chapter + 1, 0) if block.level == 1 else (chapter, part + 1)
            number = str(chapter) if block.level == 1 else f"{chapter}.{part}"
            entries.append(Entry(block.level, number, block.text, f"_Toc{len(entries):06d}"))
    return entries
