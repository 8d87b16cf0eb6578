"""The doors of the room: a plan in, one finished file out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bredband.plan import Plan
from bredband.report import chapters, docx, figures, html, kommune, pdf


def write_county_plan(content: Mapping[str, Any], plan: Plan, *paths: Path) -> None:
    """Write the county plan as documents; the ending of each path says of which kind.

    ``.docx`` is editable in Word, ``.pdf`` is PDF/UA-1 and PDF/A-2a, ``.html`` is one accessible
    page. The figures are drawn once for all of them.

    Parameters
    ----------
    content
        The content of ``plan.json``. Every number in the document comes from here.
    plan
        The plan; only the map draws from its tables.
    paths
        Where to write, each whole or not at all. The same content gives the same bytes.

    Raises
    ------
    InputError
        If a file cannot be written, or the county's Word template cannot be used.
    """
    story = chapters.county_plan(content)
    draw = figures.drawing(content, plan)
    named = content["scenario"]["output"]["docx_template"]
    template = plan.scenario.folder / named if named else None
    for path in paths:
        if path.suffix == ".docx":
            docx.write_story(story, draw, path, template=template)
        elif path.suffix == ".pdf":
            pdf.write_story(story, draw, path)
        else:
            html.write_story(story, draw, path)


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
        draw = figures.drawing(content, kommune.plan_of_kommune(plan, code))
        for write, ending in ((docx.write_story, "docx"), (pdf.write_story, "pdf")):
            path = folder / f"{code}_sak.{ending}"
            write(story, draw, path)
            written.append(path)
    return written
