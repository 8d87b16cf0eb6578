"""A document as an accessible PDF (PDF/UA-1 and PDF/A-2a), set by typst."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import shutil
import tempfile
from importlib import resources
from pathlib import Path
from typing import Any

from bredband import county
from bredband.report.blocks import Block, Document, Figure, contents
from bredband.report.figures import Draw
from bredband.report.glyphs import drawable, font_files


def write_story(story: Document, draw: Draw, path: Path) -> None:
    """Write a document as PDF, whole or not at all.

    The same story gives the same bytes on every machine: the letters come from the fonts
    that ``glyphs`` names, and the date is the document's own.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import typst  # noqa: PLC0415

    day = dt.datetime.fromisoformat(story.created_on).replace(tzinfo=dt.UTC)
    with tempfile.TemporaryDirectory(prefix="bredband-") as name:
        folder = Path(name)
        template = resources.files("bredband.report").joinpath("plan.typ").read_bytes()
        (folder / "plan.typ").write_bytes(template)
        (folder / "story.json").write_text(json.dumps(_content(story)), encoding="utf-8")
        for block in story.blocks:
            if isinstance(block, Figure):
                (folder / f"{block.name}.svg").write_bytes(draw(block.name, "svg"))
        (folder / "fonts").mkdir()
        for file in font_files():
            shutil.copy(file, folder / "fonts" / file.name)
        pdf = typst.compile(
            folder / "plan.typ",
            root=folder,
            font_paths=[folder / "fonts"],
            ignore_system_fonts=True,
            pdf_standards=["a-2a", "ua-1"],
            timestamp=day,
        )
    with county.replacing(path) as temporary:
        temporary.write_bytes(pdf)


def _content(story: Document) -> dict[str, Any]:
    """Turn the story into plain values, with letters that the fonts can draw."""
    plain = dataclasses.asdict(story)
    plain["blocks"] = [_block(block) for block in story.blocks]
    plain["numbers"] = [entry.number for entry in contents(story)]
    return _drawable(plain)  # type: ignore[no-any-return]


def _block(block: Block) -> dict[str, Any]:
    return {"kind": type(block).__name__, **dataclasses.asdict(block)}


def _drawable(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, dict):
        return {key: _drawable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_drawable(part) for part in value]
    return value
