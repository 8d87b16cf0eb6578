"""A document as one accessible HTML file that needs no network."""

from __future__ import annotations

import base64
from importlib import resources
from pathlib import Path

from bredband import county
from bredband.report.blocks import Document, Figure, contents
from bredband.report.figures import Draw


def write_story(story: Document, draw: Draw, path: Path) -> None:
    """Write a document as HTML, whole or not at all; the same story gives the same bytes.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    source = resources.files("bredband.report").joinpath("plan.html.j2").read_text("utf-8")
    pictures = {
        block.name: base64.b64encode(draw(block.name, "svg")).decode("ascii")
        for block in story.blocks
        if isinstance(block, Figure)
    }
    page = environment.from_string(source).render(
        story=story,
        kinds=[type(block).__name__ for block in story.blocks],
        entries=contents(story),
        pictures=pictures,
    )
    with county.replacing(path) as temporary:
        temporary.write_text(page, encoding="utf-8", newline="\n")
