"""A command that was typed wrong, told in Norwegian."""

from __future__ import annotations

from typing import Any


def in_words(fault: Any) -> str:
    """Say what is wrong with a command as typed, and where to read how it goes.

    Parameters
    ----------
    fault
        What the reader of the command line raised; help alone where nothing was typed.
    """
    kind, context = type(fault).__name__, getattr(fault, "ctx", None)
    if kind == "NoArgsIsHelpError":
        return str(fault.format_message())
    path = context.command_path if context else "bredband"
    what = _what(fault, kind, is_group=hasattr(getattr(context, "command", None), "commands"))
    return f"Feil: {what}\nTips: «{path} --help» viser hvordan den skrives."


def _what(fault: Any, kind: str, *, is_group: bool) -> str:
    """Say what is wrong, by what the fault knows of it."""
    if option := getattr(fault, "option_name", None):
        near = getattr(fault, "possibilities", None)
        guess = f"; mente du {' eller '.join(near)}?" if near else "."
        return f"kommandoen har ikke noe valg «{option}»{guess}"
    if (param := getattr(fault, "param", None)) is not None:
        is_option = param.param_type_name == "option"
        name = max(param.opts, key=len) if is_option else param.metavar or param.name
        lacks = kind == "MissingParameter"
        return f"{name} mangler." if lacks else f"verdien av {name} kan ikke brukes."
    return "kommandoen finnes ikke." if is_group else "det står mer enn kommandoen tar imot."
