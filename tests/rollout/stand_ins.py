"""Stand-ins for the steps of the search, which note what they are told."""

from __future__ import annotations

import numpy as np

from bredband.rollout.core import CoreAnswer

NOTHING = CoreAnswer(None, -np.inf, -np.inf, infeasible=False)


def calls(monkeypatch, place, name: str, answer=lambda *_, **__: None) -> list[tuple]:
    """Put a stand-in for a function, and list what it is called with."""
    heard: list[tuple] = []

    def stand_in(*given, **named):
        heard.append((given, named))
        return answer(*given, **named)

    monkeypatch.setattr(place, name, stand_in)
    return heard
