"""A command that was typed wrong, told in Norwegian.

Of its faults Typer names only ``BadParameter`` in public; the others are known by what they carry.
"""

from __future__ import annotations

from collections.abc import Sequence

import typer
from typer.exceptions import TyperException


def in_words(fault: TyperException) -> str:
    """Say what is wrong with a command as typed, and where to read how it goes.

    Parameters
    ----------
    fault
        What the reader of the command line raised; where nothing was typed it holds the help,
        and that is given as it is.
    """
    context: typer.Context | None = getattr(fault, "ctx", None)
    if context is None:
        return f"Feil: {_what(fault)}\nTips: «bredband --help» viser kommandoene."
    if fault.message == context.get_help():
        return fault.message
    what = _what(fault, is_group=hasattr(context.command, "commands"))
    return f"Feil: {what}\nTips: «{context.command_path} --help» viser hvordan den skrives."


def _what(fault: TyperException, *, is_group: bool = False) -> str:
    """Say what is wrong, by what the fault knows of it."""
    if isinstance(fault, typer.BadParameter) and fault.param is not None:
        name = getattr(fault.param, "metavar", None) or max(fault.param.opts, key=len)
        return f"verdien av {name} kan ikke brukes." if fault.message else f"{name} mangler."
    option: str | None = getattr(fault, "option_name", None)
    if option is None:
        return "kommandoen finnes ikke." if is_group else "det står mer enn kommandoen tar imot."
    if not hasattr(fault, "possibilities"):
        return f"«{option}» mangler en verdi, eller har en som den ikke skal ha."
    near: Sequence[str] = fault.possibilities or ()
    guess = f"; mente du {' eller '.join(near)}?" if near else "."
    return f"kommandoen har ikke noe valg «{option}»{guess}"
