"""The parts of WordprocessingML that python-docx has no words for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from bredband.inert import clean
from bredband.report.blocks import Entry, Table

_TWIPS_PER_CM = 567
_KEPT_TOGETHER_ROWS = 16
"""A table of so few rows is not split across pages."""
_NARROW_COLUMNS = 9
"""A table of so many columns gets smaller letters."""
_LETTERS_PT = 8.5
"""Size of letters in a table where a county's own template does not say."""
_LETTER_EM = 0.56
"""A digit of Arial; most small letters, also bold, are no wider."""
_LETTERS_OF_PADDING = 2
"""Letters that the margins of a cell take the room of."""
_LONGEST_WORD = 20
"""Longer words, such as file names, may be broken."""


def style_id(word: Any, name: str) -> str:
    """Give the id of a paragraph or table style from the name that people see."""
    return str(word.styles[name].style_id)


def add_field(paragraph: Any, instruction: str, shown: str = "") -> None:
    """Add a field, such as a page number, with the text to show until Word updates it."""
    _field_mark(paragraph, "begin")
    _instruct(paragraph, instruction)
    _field_mark(paragraph, "separate")
    paragraph.add_run(shown)
    _field_mark(paragraph, "end")


def _field_mark(paragraph: Any, kind: str) -> Any:
    run = paragraph.add_run()
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    run._r.append(mark)
    return mark


def _instruct(paragraph: Any, instruction: str) -> None:
    code = OxmlElement("w:instrText")
    code.set(qn("xml:space"), "preserve")
    code.text = f" {instruction} "
    paragraph.add_run()._r.append(code)


def bookmark(paragraph: Any, name: str, number: int) -> None:
    """Put a bookmark around what the paragraph holds."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    first = 1 if paragraph._p.pPr is not None else 0
    paragraph._p.insert(first, start)
    paragraph._p.append(end)


def add_contents(word: Any, title: str, entries: Sequence[Entry]) -> None:
    """Add a table of contents that can be read at once and that Word brings up to date.

    Parameters
    ----------
    word
        The document.
    title
        The heading above it, which is not itself an entry.
    entries
        The headings.
    """
    word.add_paragraph(title, style="Innholdstittel")
    last = len(entries) - 1
    for index, entry in enumerate(entries):
        paragraph = word.add_paragraph(style=f"toc {entry.level}")
        if index == 0:
            _field_mark(paragraph, "begin").set(qn("w:dirty"), "true")
            _instruct(paragraph, r'TOC \o "1-2" \h \z \u')
            _field_mark(paragraph, "separate")
        link = OxmlElement("w:hyperlink")
        link.set(qn("w:anchor"), entry.anchor)
        link.set(qn("w:history"), "1")
        before = len(paragraph._p)
        paragraph.add_run(f"{entry.number}\t{clean(entry.text)}")
        for element in list(paragraph._p)[before:]:
            link.append(element)
        paragraph._p.append(link)
        if index == last:
            _field_mark(paragraph, "end")


def add_table(word: Any, table: Table, *, width_cm: float, alternative: str) -> None:
    """Add a table with a repeated header row; rows are never split across pages.

    Parameters
    ----------
    word
        The document; it must have the styles ``Plantabell`` and ``Tabelltekst``.
    table
        What to show.
    width_cm
        Width of the whole table.
    alternative
        Text alternative for those who cannot see the table.
    """
    style = "Tabelltekst smal" if len(table.widths) >= _NARROW_COLUMNS else "Tabelltekst"
    size = word.styles[style].font.size
    letter = _LETTER_EM * 20 * (size.pt if size else _LETTERS_PT)
    widths = column_widths(table, width_cm * _TWIPS_PER_CM, letter)
    text_style = style_id(word, style)
    together = len(table.rows) <= _KEPT_TOGETHER_ROWS
    looks = [_Look(header=True, keep=True), *[_Look(keep=together)] * len(table.rows)]
    cells = [table.header, *table.rows]
    if table.total:
        cells.append(table.total)
        looks.append(_Look(bold=True))
    else:
        looks[-1] = replace(looks[-1], keep=False)
    rows = [
        _row(row, table.numeric, widths, text_style, look)
        for row, look in zip(cells, looks, strict=True)
    ]
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    last_row = int(bool(table.total))
    xml = (
        f"<w:tbl {nsdecls('w')}><w:tblPr>"
        f"<w:tblStyle w:val={quoteattr(style_id(word, 'Plantabell'))}/>"
        f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblLook w:val="04{6 if last_row else 2}0" w:firstRow="1" w:lastRow="{last_row}" '
        'w:firstColumn="0" w:lastColumn="0" w:noHBand="0" w:noVBand="1"/>'
        f"<w:tblCaption w:val={quoteattr(clean(table.caption))}/>"
        f"<w:tblDescription w:val={quoteattr(clean(alternative))}/>"
        f"</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
    word.element.body._insert_tbl(parse_xml(xml))


def column_widths(table: Table, width: float, letter: float) -> list[int]:
    """Share a width between the columns as the table wishes, but let no word be broken.

    A column whose longest word needs more gets it from those that have more than they need.

    Parameters
    ----------
    table
        Its ``widths`` are the wishes.
    width
        Width of the whole table, in any unit.
    letter
        Width of a letter, in the same unit.

    Returns
    -------
    list of int
        A width for each column. Where not all words have room, the wishes stand.
    """
    wishes = [share * width / sum(table.widths) for share in table.widths]
    rows = [table.header, *table.rows, *([table.total] if table.total else [])]
    needs = [
        letter * (_LETTERS_OF_PADDING + min(max(map(_longest_word, column)), _LONGEST_WORD))
        for column in zip(*rows, strict=True)
    ]
    spare = [max(wish - need, 0.0) for wish, need in zip(wishes, needs, strict=True)]
    short = sum(max(need - wish, 0.0) for wish, need in zip(wishes, needs, strict=True))
    if short > sum(spare):
        return [round(wish) for wish in wishes]
    given = short / (sum(spare) or 1.0)
    return [
        round(max(wish, need) - more * given)
        for wish, need, more in zip(wishes, needs, spare, strict=True)
    ]


def _longest_word(text: str) -> int:
    return max(map(len, re.split(r"[ \-–/]", text)))


@dataclass(frozen=True)
class _Look:
    """How a table row looks, and whether it must stay on the page of the next row."""

    header: bool = False
    bold: bool = False
    keep: bool = False


def _row(
    cells: Sequence[str],
    numeric: Sequence[bool],
    widths: Sequence[int],
    text_style: str,
    look: _Look,
) -> str:
    properties = "<w:cantSplit/>" + ("<w:tblHeader/>" if look.header else "")
    letters = "<w:rPr><w:b/></w:rPr>" if look.bold else ""
    if look.header:
        letters = '<w:rPr><w:b/><w:color w:val="FFFFFF"/></w:rPr>'
    vertical = '<w:vAlign w:val="bottom"/>' if look.header else ""
    keep = "<w:keepNext/>" if look.keep else ""
    parts = []
    for text, right, width in zip(cells, numeric, widths, strict=True):
        side = '<w:jc w:val="right"/>' if right else ""
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{vertical}</w:tcPr>'
            f"<w:p><w:pPr><w:pStyle w:val={quoteattr(text_style)}/>{keep}{side}</w:pPr>"
            f'<w:r>{letters}<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r></w:p></w:tc>'
        )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(parts)}</w:tr>"


def set_alternative(picture: Any, title: str, text: str) -> None:
    """Give a picture its text alternative."""
    properties = picture._inline.docPr
    properties.set("title", clean(title))
    properties.set("descr", clean(text))


def set_language(word: Any, code: str) -> None:
    """Set the proofing language of the whole document, for example ``nb-NO``."""
    defaults = word.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), code)


def has_style(word: Any, name: str, kind: WD_STYLE_TYPE = WD_STYLE_TYPE.PARAGRAPH) -> bool:
    """Tell whether the document has a style of that name and kind."""
    return any(style.name == name and style.type == kind for style in word.styles)
