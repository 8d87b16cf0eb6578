"""Offers: which rows of the availability count, and which is the best at each premises."""

from __future__ import annotations

import pandas as pd

from bredband.scenario.coverage import CoverageChoices, Target

TECHNOLOGY_NAMES = {
    "fibre": "fiber",
    "cable": "kabel-TV-nett",
    "fwa": "fast trådløst bredbånd",
    "dsl": "DSL",
    "mobile": "mobilnett",
    "satellite": "satellitt",
    "other": "annen teknologi",
    "": "ukjent teknologi",
}
"""What each technology is called in sentences."""


def counted(availability: pd.DataFrame, choices: CoverageChoices) -> pd.DataFrame:
    """Keep the offers whose technology counts as fixed broadband in the scenario."""
    return availability[availability["technology"].isin(list(choices.technologies))]


def meets(offers: pd.DataFrame, target: Target) -> pd.Series[bool]:
    """Tell for each offer whether it promises at least the target, down and up."""
    return (offers["down_mbps"] >= target.down_mbps) & (offers["up_mbps"] >= target.up_mbps)


def best(offers: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Keep the best offer at each premises, indexed by ``premises_id``.

    The best has the highest values of the columns ``by``, in that order; an exact tie
    goes to the operator first in the alphabet, so the order of the rows never matters.
    """
    ordered = offers.sort_values(
        [*by, "operator", "technology"], ascending=[False] * len(by) + [True, True]
    )
    return ordered.drop_duplicates("premises_id").set_index("premises_id")


def describe(offers: pd.DataFrame) -> pd.Series[str]:
    """Put each offer in words: ``1000/500 Mbit/s fiber fra Lilleland Breiband``."""
    columns = ["operator", "technology", "down_mbps", "up_mbps"]
    kinds = offers[columns].drop_duplicates()
    words = [
        f"{down:g}/{up:g} Mbit/s {TECHNOLOGY_NAMES[technology]} fra {operator or 'ukjent tilbyder'}"
        for operator, technology, down, up in zip(
            *(kinds[name].tolist() for name in columns), strict=True
        )
    ]
    described = offers[columns].merge(kinds.assign(words=words), on=columns, how="left")["words"]
    return described.set_axis(offers.index).astype("str")
