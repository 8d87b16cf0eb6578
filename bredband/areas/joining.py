"""What two areas would be as one, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import NamedTuple, TypeVar

from bredband.scenario.network import AreaChoices

Piece = TypeVar("Piece")


class AsOne(NamedTuple):
    """Two areas as one; ``on_one_path`` if one hangs on the other's feeder or upstream of it."""

    households: int
    capex_nok: float
    in_one_kommune: bool
    on_one_path: bool


def freed(
    mine: frozenset[Piece], its: frozenset[Piece], users: Mapping[Piece, Sized]
) -> frozenset[Piece]:
    """Give the shared trench that nobody else would need if two areas were one.

    Parameters
    ----------
    mine, its
        The shared trench that each needs, all the way to lit fibre.
    users
        The areas that need each stretch.
    """
    return frozenset(piece for piece in mine & its if len(users[piece]) == 2)


def obstacle(both: AsOne, choices: AreaChoices) -> str:
    """Name the first rule that keeps two areas from being one; empty if none does.

    ``kommune``: they lie in two. ``full``: too many households. ``dear``: too high a price.
    ``branch``: the trench that they share with others would be no single path.
    """
    if choices.keep_within_kommune and not both.in_one_kommune:
        return "kommune"
    if both.households > choices.most_households:
        return "full"
    if both.capex_nok > choices.highest_capex_nok:
        return "dear"
    return "" if both.on_one_path else "branch"
