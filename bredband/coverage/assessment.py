"""The coverage table: the best offer at each premises held against the target."""

from __future__ import annotations

import pandas as pd

from bredband.coverage import offers
from bredband.scenario.coverage import CoverageChoices, Target


def assess(
    premises: pd.DataFrame,
    availability: pd.DataFrame,
    evidence: pd.DataFrame,  # noqa: ARG001
    *,
    target: Target,
    choices: CoverageChoices,
) -> pd.DataFrame:
    """Decide for each premises whether it is served, by what, and whether it may be helped.

    Parameters
    ----------
    premises, availability, evidence
        Tables of the data model.
    target
        The speed that everyone shall have; an offer of exactly the target meets it.
    choices
        Which technologies count, and whether planned building removes the right to aid.

    Returns
    -------
    pd.DataFrame
        The table ``coverage`` of the data model: a row per premises in the same order,
        with the index of ``premises``.
    """
    counted = offers.counted(availability, choices)
    counted = counted.assign(meets=offers.meets(counted, target))
    rank = ["meets", "down_mbps", "up_mbps"]
    now = offers.best(counted[counted["status"] != "planned"], rank)
    later = offers.best(counted[counted["status"].eq("planned") & counted["meets"]], rank)
    ids = premises["premises_id"]

    here = now.reindex(ids).set_axis(premises.index)
    coming = later.reindex(ids).set_axis(premises.index)
    served = here["meets"].eq(True)
    planned = coming["meets"].eq(True) & ~served
    eligible = ~served & ~(planned & choices.count_planned)
    words_now = offers.describe(now).reindex(ids).set_axis(premises.index)
    words_later = offers.describe(later).reindex(ids).set_axis(premises.index)
    reason = "Dekket: " + words_now + "."
    unserved = "Ikke dekket: beste tilbud er " + words_now + "."
    reason = reason.where(served, unserved.fillna("Ikke dekket: ingen registrerte tilbud."))
    reason = reason.where(~planned, "Planlagt innen tre år: " + words_later + ".")
    return pd.DataFrame(
        {
            "premises_id": ids,
            "operator": here["operator"].fillna("").astype("str"),
            "technology": here["technology"].fillna("").astype("str"),
            "down_mbps": here["down_mbps"].fillna(0.0),
            "up_mbps": here["up_mbps"].fillna(0.0),
            "served": served,
            "served_probability": served.astype("float64"),
            "planned": planned,
            "eligible": eligible,
            "reason": reason,
        },
        index=premises.index,
    )
