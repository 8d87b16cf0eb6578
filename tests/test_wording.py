from __future__ import annotations

import re
from pathlib import Path

import pytest

import bredband
from bredband.wording import sentences

PACKAGE = Path(bredband.__file__).parent
ROOMS = sorted(
    file.parent.relative_to(PACKAGE).as_posix()
    for file in PACKAGE.rglob("nb.toml")
    if "studio" not in file.parts  # what nynorsk says as bokmål does is not repeated there
)


def holes(value: object, place: str = "") -> dict[str, set[str]]:
    """Give the names of what is filled into each sentence, by section and key."""
    if isinstance(value, str):
        return {place: set(re.findall(r"\{(\w*)[^}]*\}", value))}
    assert not isinstance(value, (int, float, list)), place
    return {k: v for key in value for k, v in holes(value[key], f"{place}.{key}").items()}


@pytest.mark.parametrize("room", ROOMS)
def test_both_languages_say_the_same_with_the_same_holes(room):
    assert holes(sentences(room, "nb")) == holes(sentences(room, "nn"))


def test_the_rooms_that_speak_are_found():
    assert {"areas", "coverage", "exchange", "maps", "quality", "report", "report/sector"} <= set(
        ROOMS
    )
