"""A fault in a TOML file is told with its line, what is wrong, and what to write, in Norwegian."""

from __future__ import annotations

import re

import pytest

from bredband.errors import ScenarioError
from bredband.scenario import toml_file
from bredband.scenario.toml_file import read_toml
from bredband.wording import said

FAULTS = [
    ('a = 1\nname == "x"', 2, "verdien kan ikke leses", "rette anførselstegn"),
    ("name = Finnmark", 1, "verdien kan ikke leses", "rette anførselstegn"),
    ("name = \u201cFinnmark\u201d", 1, "verdien kan ikke leses", "rette anførselstegn"),
    ("a = True", 1, "verdien kan ikke leses", "true og false"),
    ("a =", 1, "verdien kan ikke leses", "rette anførselstegn"),
    ("a = 3,5", 1, "det står noe mer etter verdien", "punktum som desimaltegn"),
    ("a = 10 000", 1, "det står noe mer etter verdien", "uten mellomrom"),
    ("a = 5 %", 1, "det står noe mer etter verdien", "uten enhet"),
    ("a = 1 b = 2", 1, "det står noe mer etter verdien", "én verdi på linja"),
    ('\n\nname "x"', 3, "linja er verken", "nøkkel = verdi"),
    ("// hei", 1, "linja er verken", "begynner med #"),
    ("fr\u00e5 = 1", 1, "linja er verken", "nøkkel = verdi"),
    ('a = "x\nb = 1', 1, "anførselstegnet blir ikke lukket", "anførselstegn"),
    ("a = 'x", 1, "anførselstegnet blir ikke lukket", "anførselstegn"),
    ('b = 1\na = """x', 2, "anførselstegnet blir ikke lukket", "anførselstegn"),
    ("[sources\na = 1", 1, "overskriften er ikke hel", "[navn]"),
    ("a = 1\nb = [1,\n 2,\n[sources]\nc = 1", 2, "lista blir ikke lukket", "komma"),
    ("name = [", 1, "lista blir ikke lukket", "komma"),
    ("a = [1,\n2,", 1, "lista blir ikke lukket", "komma"),
    ("a = [1 2]", 1, "lista blir ikke lukket", "komma"),
    ("a = {b = 1", 1, "gruppa er ikke hel", "krøllparentes"),
    ("[a]\n[a]", 2, "det samme står to ganger", "Stryk"),
    ("a = 1\na = 2\nb = 3", 2, "det samme står to ganger", "Stryk"),
    ('a = "C:\\data"', 1, "omvendt skråstrek", "Skriv /"),
    ('a = "\x01"', 1, "kan ikke leses", "parenteser"),
]


@pytest.mark.parametrize(("text", "line", "wrong", "advice"), FAULTS)
def test_a_fault_names_its_line_and_what_to_do(tmp_path, text, line, wrong, advice):
    file = tmp_path / "scenario.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as told:
        read_toml(file)
    assert told.value.message.startswith(f"{file}, linje {line}: {wrong}")
    assert advice in told.value.advice
    for sentence in (told.value.message, told.value.advice):
        assert not re.search(r"\b(at|expected|invalid|after|column)\b", sentence, re.I)


def test_every_fault_of_a_line_is_said_in_nynorsk():
    kinds = [kind for _, kind in toml_file._KINDS] + [toml_file._OTHERWISE]
    for wrong, advice in kinds:
        assert said(f"/a b/scenario.toml, linje 4: {wrong}.", "nn") != (
            f"/a b/scenario.toml, linje 4: {wrong}."
        )
        assert said(advice, "nn") != advice


def test_a_file_that_is_no_text_or_not_there(tmp_path):
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe6"')
    for name, word in (
        ("latin.toml", "UTF-8"),
        ("borte.toml", "finnes ikke"),
        (".", "er en mappe"),
    ):
        with pytest.raises(ScenarioError, match=word):
            read_toml(tmp_path / name)
