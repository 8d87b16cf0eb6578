"""Read a CPIT instance of MineLib as a rollout: blocks are works, periods are years.

MineLib: Espinoza, Goycoolea, Moreno, Newman (2013), a library of open pit mining problems,
Annals of Operations Research 206. A block needs the blocks above it, so the order is no forest.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bredband.rollout.model import Limit, Problem

THOUSANDTHS = 1000
"""Tonnes have decimals; limits are whole, so they are counted in thousandths."""


def read_cpit(folder: Path, name: str) -> Problem:
    """Read ``name.cpit`` and ``name.prec``; the value is discounted, the resources are limits."""
    lines = (folder / f"{name}.cpit").read_text().splitlines()
    head = dict(line.split(":", 1) for line in lines if ":" in line)
    blocks, periods = int(head["NBLOCKS"]), int(head["NPERIODS"])
    resources = int(head["NRESOURCE_SIDE_CONSTRAINTS"])
    allowed = np.zeros((resources, periods), dtype=np.int64)
    for resource, period, _, most in _rows(lines, "RESOURCE_CONSTRAINT_LIMITS"):
        allowed[int(resource), int(period)] = round(float(most) * THOUSANDTHS)
    profit = np.zeros(blocks)
    for block, amount in _rows(lines, "OBJECTIVE_FUNCTION"):
        profit[int(block)] = float(amount)
    use = np.zeros((resources, blocks), dtype=np.int64)
    for block, resource, amount in _rows(lines, "RESOURCE_CONSTRAINT_COEFFICIENTS"):
        use[int(resource), int(block)] = round(float(amount) * THOUSANDTHS)
    pairs = []
    for line in (folder / f"{name}.prec").read_text().splitlines():
        block, _, *above = (int(part) for part in line.split())
        pairs += [(block, other) for other in above]
    discount = (1 + float(head["DISCOUNT_RATE"])) ** -np.arange(periods)
    nobody = np.zeros(blocks, dtype=np.bool_)
    return Problem(
        area_id=np.arange(blocks).astype(object),
        technology=np.full(blocks, "", dtype=object),
        shared=nobody,
        years=tuple(range(periods)),
        value=np.outer(profit, discount),
        before=np.array(pairs, dtype=np.int64).reshape(-1, 2),
        limits=tuple(
            Limit(
                name=str(k),
                use=np.repeat(use[k][:, None], periods, axis=1),
                allowed=allowed[k],
                advance=np.zeros(periods, dtype=np.int64),
                carry_over=False,
                unit=1e4 * THOUSANDTHS,
                is_grant=False,
            )
            for k in range(resources)
        ),
        promises=(),
        exclusive=(),
        required=nobody,
        barred=nobody,
        committed=np.full(blocks, -1, dtype=np.int64),
    )


def _rows(lines: list[str], section: str) -> list[list[str]]:
    start = next(i for i, line in enumerate(lines) if line.startswith(section)) + 1
    rows = []
    for line in lines[start:]:
        if ":" in line or line.startswith("EOF"):
            break
        rows.append(line.split())
    return rows
