"""A document as an editable Word file."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.shared import Cm, Length, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from bredband import county
from bredband.inert import clean
from bredband.report import wordml
from bredband.report.blocks import (
    Block,
    Bullets,
    Cover,
    Document,
    Figure,
    Heading,
    KeyFigures,
    Paragraph,
    Table,
    contents,
)
from bredband.report.figures import Draw
from bredband.report.wordstyle import apply_house_style
from bredband.report.wordtemplate import mark_of, move_to_mark, open_template
from bredband.zipped import with_fixed_times

_ROLES = {"body": "Normal", "lead": "Ingress", "note": "Merknad"}


def write_story(story: Document, draw: Draw, path: Path, *, template: Path | None = None) -> None:
    """Write a document as DOCX, whole or not at all; the same story gives the same bytes.

    Parameters
    ----------
    story
        What to write.
    draw
        Gives the figures.
    path
        Where to write.
    template
        The county's own Word template; without it the house style is used.

    Raises
    ------
    InputError
        If the template cannot be used or the file cannot be written.
    """
    word = _open(story, template)
    mark = mark_of(word) if template else None
    first_new = len(word.element.body) - 1
    wordml.set_language(word, f"{story.language}-NO")
    _set_properties(word, story)
    if story.brief:
        _add_head(word, story.cover)
    else:
        if mark is None:
            _add_cover(word, story.cover)
            word.add_page_break()
        elif story.cover.warning:
            _add_warning(word, story.cover)
        wordml.add_contents(word, story.labels.contents, contents(story))
        word.add_page_break()
    _add_blocks(word, story, draw)
    if mark is not None:
        move_to_mark(word, mark, first_new)
    if template is None:
        _add_running_lines(word, story)
    packed = io.BytesIO()
    word.save(packed)
    with county.replacing(path) as temporary:
        temporary.write_bytes(with_fixed_times(packed.getvalue(), story.created_on))


def _open(story: Document, template: Path | None) -> Any:
    if template is not None:
        return open_template(template, story)
    word = docx.Document()
    apply_house_style(word, numbered=not story.brief)
    return word


def _set_properties(word: Any, story: Document) -> None:
    day = dt.datetime.combine(dt.date.fromisoformat(story.created_on), dt.time())
    properties = word.core_properties
    title = story.cover.title if story.brief else story.cover.kind
    properties.title = clean(title)
    properties.subject = clean(story.description)
    properties.author = clean(story.cover.organisation or "bredband")
    properties.last_modified_by = properties.author
    properties.keywords = story.cover.warning
    properties.comments = ""
    properties.language = f"{story.language}-NO"
    properties.created = properties.modified = day
    properties.revision = 1


def _add_cover(word: Any, cover: Cover) -> None:
    top = _add(word, cover.organisation, "Normal")
    top.paragraph_format.space_after = Cm(7)
    _add(word, cover.kind, "Title")
    _add(word, cover.title, "Subtitle")
    _add(word, f"{cover.period}", "Subtitle")
    _add(word, cover.date, "Normal")
    if cover.warning:
        _add_warning(word, cover)


def _add_warning(word: Any, cover: Cover) -> None:
    _add(word, cover.warning, "Varsel")
    _add(word, cover.warning_note, "Merknad")


def _add(word: Any, text: str, style: str) -> Any:
    return word.add_paragraph(clean(text), style=style)


def _add_head(word: Any, cover: Cover) -> None:
    """Open a brief document."""
    _add(word, cover.title, "Title").runs[0].font.size = Pt(22)
    line = " · ".join(part for part in (cover.kind, cover.period, cover.date) if part)
    _add(word, line, "Nøkkeltalltekst")
    if cover.warning:
        _add_warning(word, cover)


def _add_blocks(word: Any, story: Document, draw: Draw) -> None:
    tables, pictures = 0, 0
    entries = list(enumerate(contents(story)))
    previous: Block | None = None
    for block in story.blocks:
        first_new = len(word.element.body) - 1
        if isinstance(previous, Paragraph) and isinstance(block, Table | Figure):
            above = WordParagraph(word.element.body[first_new - 1], word)
            above.paragraph_format.keep_with_next = True
        if isinstance(block, Heading):
            paragraph = word.add_heading(clean(block.text), block.level)
            number, entry = entries.pop(0)
            wordml.bookmark(paragraph, entry.anchor, number)
        elif isinstance(block, Table):
            tables += 1
            _add_table(word, block, story.labels.table, tables)
        elif isinstance(block, Figure):
            pictures += 1
            _add_figure(word, block, story.labels.figure, pictures, draw(block.name, "png"))
        else:
            _add_text(word, block)
        if isinstance(previous, Table | KeyFigures) and not isinstance(block, Heading):
            below = WordParagraph(word.element.body[first_new], word)
            below.paragraph_format.space_before = Pt(14)
        previous = block


def _add_text(word: Any, block: Block) -> None:
    if isinstance(block, Paragraph):
        _add(word, block.text, _ROLES[block.role])
    elif isinstance(block, Bullets):
        for item in block.items:
            _add(word, item, "List Bullet")
    elif isinstance(block, KeyFigures):
        _add_key_figures(word, block)


def _add_key_figures(word: Any, block: KeyFigures) -> None:
    table = word.add_table(1, len(block.figures))
    for cell, (figure, label) in zip(table.rows[0].cells, block.figures, strict=True):
        cell.paragraphs[0].style = word.styles["Nøkkeltall"]
        cell.paragraphs[0].add_run(clean(figure))
        cell.add_paragraph(clean(label), style="Nøkkeltalltekst")


def _add_table(word: Any, table: Table, label: str, number: int) -> None:
    caption = _caption(word, label, number, table.caption)
    caption.paragraph_format.keep_with_next = True
    alternative = f"{table.caption}. {', '.join(table.header)}."
    wordml.add_table(word, table, width_cm=_text_width(word).cm, alternative=alternative)


def _add_figure(word: Any, figure: Figure, label: str, number: int, picture: bytes) -> None:
    paragraph = word.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = True
    shape = paragraph.add_run().add_picture(
        io.BytesIO(picture), width=min(Cm(16.0), _text_width(word))
    )
    wordml.set_alternative(shape, figure.caption, figure.alternative)
    _caption(word, label, number, figure.caption)


def _caption(word: Any, label: str, number: int, text: str) -> Any:
    """Add a caption whose number Word counts, so that new tables renumber the rest."""
    paragraph = word.add_paragraph(f"{label} ", style="Caption")
    wordml.add_field(paragraph, f"SEQ {label} \\* ARABIC", str(number))
    paragraph.add_run(f" – {clean(text)}")
    return paragraph


def _text_width(word: Any) -> Length:
    """Measure between the margins of the section that is being written."""
    section = word.sections[-1]
    return Length(section.page_width - section.left_margin - section.right_margin)


def _add_running_lines(word: Any, story: Document) -> None:
    """Write header and footer of every section; a first page has none."""
    title = story.cover.organisation if story.brief else story.cover.kind
    for index, section in enumerate(word.sections):
        section.different_first_page_header_footer = index == 0 and not story.brief
        section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
        width = Length(section.page_width - section.left_margin - section.right_margin)
        header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
        for paragraph in (header, footer):
            paragraph.paragraph_format.tab_stops.add_tab_stop(width, WD_TAB_ALIGNMENT.RIGHT)
        header.add_run(f"{clean(title)}\t{story.cover.warning}")
        footer.add_run(clean(story.cover.organisation) + f"\t{story.labels.page} ")
        wordml.add_field(footer, "PAGE", "1")
        footer.add_run(f" {story.labels.of} ")
        wordml.add_field(footer, "NUMPAGES", "1")
