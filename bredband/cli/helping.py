"""The pages of ``--help`` in Norwegian: the library writes the words around ours in English."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

_WORDS = {
    "Usage: ": "Bruk:  ",
    "[OPTIONS]": "[VALG]",
    "COMMAND [ARGS]...": "KOMMANDO …",
    "Arguments:": "Argumenter:",
    "Options:": "Valg:",
    "Commands:": "Kommandoer:",
    "Show this message and exit.": "Vis denne siden.",
    "[required]": "[må oppgis]",
    "[default: ": "[standard: ",
}
_KINDS = {
    "<path>": "<sti>",
    "<list[Path]>": "<stier>",
    "<list[str]>": "<tekster>",
    "<str> ": "<ord>",
    "<float>": "<tall>",
    "<float range>": "<tall>",
    "<int> ": "<tall>",
    "<int range>": "<tall>",
}
"""What an option takes; as wide as what it replaces, so that the columns stay."""


def in_norwegian(page: str) -> str:
    """Give a help page with the library's own words in Norwegian; ours are so already."""
    for english, norwegian in _WORDS.items():
        page = page.replace(english, norwegian)
    for english, norwegian in _KINDS.items():
        page = page.replace(english, norwegian.ljust(len(english)))
    return page


_WHOLE = 10_000
"""Letters that a command may be told of in the list of commands: the library would cut the sentence."""


class _Command(TyperCommand):
    def get_help(self, ctx: Any) -> str:
        return in_norwegian(super().get_help(ctx))

    def get_short_help_str(self, limit: int = _WHOLE) -> str:
        return super().get_short_help_str(max(limit, _WHOLE))


class _Group(TyperGroup):
    def get_help(self, ctx: Any) -> str:
        return in_norwegian(super().get_help(ctx))


def speak_norwegian(app: typer.Typer) -> None:
    """Let every command and group of a command line show its help in Norwegian."""
    app.info.cls = _Group
    for command in app.registered_commands:
        command.cls = _Command
    for group in app.registered_groups:
        if group.typer_instance is not None:
            speak_norwegian(group.typer_instance)
