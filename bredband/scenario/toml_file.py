"""Read a TOML file; a fault says which line, what is wrong there, and what to write instead."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from bredband.errors import ScenarioError

_VALUE = (
    "verdien kan ikke leses",
    "Tekst skal stå mellom rette anførselstegn, ja og nei heter true og false, og flere verdier står i "
    "hakeparentes med komma mellom.",
)
_MORE = (
    "det står noe mer etter verdien",
    "Skriv tall uten mellomrom, med punktum som desimaltegn og uten enhet, og én verdi på linja.",
)
_STATEMENT = (
    "linja er verken en seksjon, en verdi eller en merknad",
    "En seksjon er [navn], en verdi er nøkkel = verdi, og en merknad begynner med #.",
)
_OPEN_TEXT = ("anførselstegnet blir ikke lukket", "Sett et anførselstegn til der teksten slutter.")
_OPEN_HEADING = ("overskriften er ikke hel", "En seksjon er [navn] alene på linja.")
_OPEN_LIST = (
    "lista blir ikke lukket",
    "Sett komma mellom verdiene og ] etter den siste.",
)
_OPEN_GROUP = (
    "gruppa er ikke hel",
    "Skriv hele gruppa på én linje, med krøllparentes i begge ender.",
)
_TWICE = ("det samme står to ganger", "Stryk det ene.")

_KINDS = (
    ("Invalid value", _VALUE),
    ("Expected newline", _MORE),
    ("Expected '=' after a key", _STATEMENT),
    ("Invalid statement", _STATEMENT),
    ("Unterminated string", _OPEN_TEXT),
    ("Illegal character '\\n'", _OPEN_TEXT),
    ('Expected "\'"', _OPEN_TEXT),
    ("Expected ']", _OPEN_HEADING),
    ("Unclosed array", _OPEN_LIST),
    ("Unclosed inline table", _OPEN_GROUP),
    ("Invalid initial character", _OPEN_GROUP),
    ("Cannot", _TWICE),
    ("Duplicate", _TWICE),
    (
        "Unescaped '\\'",
        ("omvendt skråstrek i tekst betyr noe annet her", "Skriv / i stien i stedet."),
    ),
)
"""What the reader says, by how its message begins, and what that means to a planner."""

_OTHERWISE = ("kan ikke leses", "Se på anførselstegn, komma og parenteser på linja.")


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file as plain values.

    Raises
    ------
    ScenarioError
        If it is absent, no text, or has a line that is not TOML.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ScenarioError(
            f"{file}: fila finnes ikke.", advice="Kontroller navnet og mappa."
        ) from None
    except IsADirectoryError:
        raise ScenarioError(f"{file}: er en mappe, ikke en scenariofil.") from None
    except UnicodeDecodeError:
        raise ScenarioError(
            f"{file}: er ikke en tekstfil i UTF-8.", advice="Lagre fila som UTF-8."
        ) from None
    except (OSError, ValueError):  # the system would not, or knows no file of such a name
        raise ScenarioError(f"{file}: fila kan ikke leses.") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        line, wrong, advice = _explain(str(fault), text.splitlines())
        raise ScenarioError(f"{file}, linje {line}: {wrong}.", advice=advice) from None
    except (ValueError, RecursionError):  # thousands of digits, or of lists in lists
        raise ScenarioError(
            f"{file}: et tall eller ei liste er for stor til å leses.",
            advice="Se etter ei linje som er mye lengre enn de andre.",
        ) from None


def _explain(message: str, lines: list[str]) -> tuple[int, str, str]:
    """Give the line of a fault, what is wrong there, and what to do."""
    wrong, advice = next((said for start, said in _KINDS if message.startswith(start)), _OTHERWISE)
    place = re.search(r"at line (\d+)", message)
    line = int(place[1]) if place else max(len(lines), 1)
    here = lines[line - 1].strip() if line <= len(lines) else ""
    one_more = here.startswith("[") or here.endswith(("[", ","))  # in a list, a heading is a value
    if (wrong, advice) == _VALUE and one_more:
        wrong, advice = _OPEN_LIST
    if (wrong, advice) == _OPEN_LIST:
        numbers = range(min(line, len(lines)), 0, -1)
        line = next((n for n in numbers if re.search(r"=\s*\[", lines[n - 1])), line)
    return line, wrong, advice
