"""The doors of the room: a plan in, one finished file out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from bredband.plan import Plan
from bredband.report import chapters, docx, figures, html, kommune, pdf


def write_docx(content: Mapping[str, Any], plan: Plan, path: Path) -> None:
    """Write the county plan as an editable Word document.

    Parameters
    ----------
    content
        The content of ``plan.json``. Every number in the document comes from here.
    plan
        The plan; only the map draws from its tables.
    path
        Where to write, whole or not at all. The same content gives the same bytes.

    Raises
    ------
    InputError
        If the file cannot be written, or the county's Word template cannot be used.
    """
    named = content["scenario"]["output"]["docx_template"]
    template = plan.scenario.folder / named if named else None
    story = chapters.county_plan(content)
    docx.write_story(story, _draw(content, plan), path, template=template)


def write_pdf(content: Mapping[str, Any], plan: Plan, path: Path) -> None:
    """Write the county plan as PDF/UA-1 and PDF/A-2a; otherwise as ``write_docx``."""
    pdf.write_story(chapters.county_plan(content), _draw(content, plan), path)


def write_html(content: Mapping[str, Any], plan: Plan, path: Path) -> None:
    """Write the county plan as one accessible HTML file; otherwise as ``write_docx``."""
    html.write_story(chapters.county_plan(content), _draw(content, plan), path)


def write_council_cases(content: Mapping[str, Any], plan: Plan, folder: Path) -> list[Path]:
    """Write the council case of every kommune, each as DOCX and PDF: a page of facts and a map.

    Returns
    -------
    The files, named by kommunenummer.

    Raises
    ------
    InputError
        If a file cannot be written.
    """
    written = []
    for row in content["by_kommune"]:
        code = row["kommune"]
        story = kommune.council_case(content, code)
        draw = _draw(content, kommune.plan_of_kommune(plan, code))
        for write, ending in ((docx.write_story, "docx"), (pdf.write_story, "pdf")):
            path = folder / f"{code}_sak.{ending}"
            write(story, draw, path)
            written.append(path)
    return written


def _draw(content: Mapping[str, Any], plan: Plan) -> figures.Draw:
    @cache
    def draw(name: str, file_format: Literal["png", "svg"]) -> bytes:
        return figures.draw(name, content, plan, file_format)

    return draw
