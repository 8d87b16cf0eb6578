"""The county's own Word template, filled in and made ready for the plan."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.opc.exceptions import OpcError
from docx.shared import Pt

from bredband.errors import InputError
from bredband.inert import clean
from bredband.report.blocks import Document
from bredband.report.wordml import has_style
from bredband.report.wordstyle import add_missing_styles

MARK = "\u2060plan\u2060"
"""Stands in a filled template where the plan is to come."""


def require_template(path: Path) -> None:
    """See that the Word template is there, before the work it is wanted for.

    Raises
    ------
    InputError
        If it is missing.
    """
    if not path.is_file():
        raise InputError(
            "Word-malen finnes ikke.", file=path, advice="Rett docx_template i scenariet."
        )


def open_template(path: Path, story: Document) -> Any:
    """Open a Word template and fill in its fields.

    The template may hold ``{{ tittel }}``, ``{{ undertittel }}``, ``{{ periode }}``,
    ``{{ dato }}``, ``{{ organisasjon }}`` and ``{{ merknad }}`` anywhere, also in header and
    footer, and ``{{ plan }}`` in a paragraph of its own where the plan is to come; without
    it the plan comes last. Its styles, margins, header and footer are kept; styles that the
    plan needs and the template lacks are added.

    Raises
    ------
    InputError
        If the template is missing, is not a Word document, or has a field of another name.
    """
    import docxtpl  # noqa: PLC0415
    import jinja2  # noqa: PLC0415

    require_template(path)
    cover = story.cover
    fields = {
        "tittel": cover.kind,
        "undertittel": cover.title,
        "periode": cover.period,
        "dato": cover.date,
        "organisasjon": cover.organisation,
        "merknad": cover.warning,
    }
    filled = docxtpl.DocxTemplate(path)
    strict = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    try:
        filled.render({**{key: clean(text) for key, text in fields.items()}, "plan": MARK}, strict)
    except (OpcError, zipfile.BadZipFile, KeyError, ValueError):
        raise InputError(
            "Word-malen kan ikke leses.", file=path, advice="Lagre den på nytt som .docx i Word."
        ) from None
    except jinja2.TemplateError as fault:
        raise InputError(
            f"Word-malen har et felt som ikke kan fylles ut: {fault.message}.",
            file=path,
            advice="Kjente felt er " + ", ".join(fields) + " og plan.",
        ) from None
    word = filled.docx
    _add_built_in_styles(word)
    add_missing_styles(word)
    return word


def mark_of(word: Any) -> Any:
    """Find the paragraph where the plan is to come; None where the template has none."""
    for paragraph in word.paragraphs:
        if MARK in paragraph.text:
            return paragraph
    return None


def move_to_mark(word: Any, mark: Any, first_new: int) -> None:
    """Move everything from the body's element ``first_new`` on to the place of the mark."""
    body = word.element.body
    last = body.sectPr
    for element in [part for part in list(body)[first_new:] if part is not last]:
        mark._p.addprevious(element)
    body.remove(mark._p)


def _add_built_in_styles(word: Any) -> None:
    """Add the plain ones of Word's own styles where the template does not define them."""
    for name, size in (
        ("Title", 28),
        ("Subtitle", 16),
        ("Caption", 9),
        ("List Bullet", 10.5),
        ("Heading 1", 18),
        ("Heading 2", 13),
        ("Heading 3", 11),
    ):
        if not has_style(word, name):
            style = word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH, builtin=True)
            style.base_style = word.styles["Normal"]
            style.font.size = Pt(size)
            style.font.bold = name not in {"List Bullet", "Subtitle"}
