"""Lay our kommune table beside the regulator's, cell by cell.

    python scripts/nkom_table.py [--out out/nkom]

Per-address coverage is not published, so it is made up such that the sums should be Nkom's
(``synthesise_coverage.py``): on Elverum's real addresses, and on 2 000 invented households in
each of the 356 kommuner. Nothing about a single address is true. What is held against Nkom's
file is the file that ``bredband.coverage.shares`` writes: the same headings, the same columns,
shares counted by the model's own definitions. Elverum's row is printed beside Nkom's; of the
356 the largest difference. Exits with 1 if a heading differs, or a share by more than 0.5
percentage points.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bredband.coverage import shares
from scripts import synthesise_coverage as synthesis
from scripts.shared_data import shared_data_or_stop

HOUSEHOLDS = 2000
HEADING_ROWS = 4


def read_cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.reader(opened, delimiter=";"))


def to_share(cell: str) -> float:
    return float(cell.rstrip("% ").replace(",", ".")) / 100


def wanted_of(cells: list[str]) -> dict[tuple[str, str], float]:
    """Give the 22 shares of one row of the regulator's file."""
    values = [to_share(cell) for cell in cells[synthesis.FIRST_COLUMN :] if cell]
    return dict(zip(shares.columns(), values, strict=True))


def elverum_tables(data: Path, wanted: dict) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make premises and offers on Elverum's real addresses."""
    addresses = synthesis.read_addresses(next((data / "addresses").glob("*Elverum*.csv")))
    rank = synthesis.rank_by_density(addresses, np.random.default_rng(3420))
    offers = synthesis.hand_out(rank, pd.factorize(addresses["adressekode"])[0], wanted)
    return synthesis.model_tables(addresses, offers)


def national_tables(rows: list[list[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make invented premises and offers for every kommune of the file, in its order."""
    rank = np.random.default_rng(356).permutation(HOUSEHOLDS)
    street = rank // 20
    parts = []
    for number, row in enumerate(rows):
        offers = synthesis.hand_out(rank, street, wanted_of(row))
        addresses = pd.DataFrame(
            {
                "lokalid": [f"{number:04d}-{i}" for i in range(HOUSEHOLDS)],
                "kommunenummer": f"{number:04d}",
                "tettstednummer": "",
            }
        )
        parts.append(synthesis.model_tables(addresses, offers))
    premises, availability = zip(*parts, strict=True)
    return pd.concat(premises, ignore_index=True), pd.concat(availability, ignore_index=True)


def lay_beside(ours: list[list[str]], theirs: list[list[str]]) -> float:
    """Give the largest difference of a share; stop at a heading or a name that differs."""
    if ours[1:HEADING_ROWS] != theirs[1:HEADING_ROWS]:
        sys.exit("Overskriftene er ikke Nkoms.")
    worst = 0.0
    for mine, published in zip(ours[HEADING_ROWS:], theirs[HEADING_ROWS:], strict=True):
        if mine[:2] != published[:2]:
            sys.exit(f"{mine[:2]} står der Nkom har {published[:2]}.")
        for cell, said in zip(mine[2:], published[2:], strict=True):
            if (cell == "") != (said == ""):
                sys.exit(f"{mine[0]}: en kolonne mangler.")
            worst = max(worst, abs(to_share(cell) - to_share(said)) if cell else 0.0)
    return worst


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path, default=Path("out/nkom"))
    folder = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    data = shared_data_or_stop() / "norway"
    theirs = read_cells(data / "nkom" / "Dekning_fbb_kommuner_husstander.csv")
    head, rows = theirs[:HEADING_ROWS], theirs[HEADING_ROWS:]

    one = next(row for row in rows if row[0] == "ELVERUM")
    premises, availability = elverum_tables(data, wanted_of(one))
    names = pd.DataFrame({"kommune": ["3420"], "name": [one[0]], "county": [one[1]]})
    title = "Syntetisk dekning på Elverums adresser"
    shares.write_csv(shares.table(premises, availability), folder / "elverum.csv", names, title)
    ours = read_cells(folder / "elverum.csv")
    print(f"{'':46s} {'':28s}    Nkom     her")
    for (group, name), mine, said in zip(
        shares.columns(), [c for c in ours[-1][2:] if c], [c for c in one[2:] if c], strict=True
    ):
        print(f"{group:46s} {name:28s} {said:>7s} {mine:>7s}")
    worst = lay_beside(ours, [*head, one])
    print(f"Elverum: {len(premises)} adresser, største forskjell {100 * worst:.2f} prosentpoeng")

    names = pd.DataFrame([(f"{i:04d}", *row[:2]) for i, row in enumerate(rows)])
    names.columns = ["kommune", "name", "county"]
    title = "Syntetisk dekning i alle kommuner"
    shares.write_csv(shares.table(*national_tables(rows)), folder / "kommuner.csv", names, title)
    everywhere = lay_beside(read_cells(folder / "kommuner.csv"), theirs)
    print(f"{len(rows)} kommuner: samme overskrifter, navn og kolonner, største forskjell "
          f"{100 * everywhere:.2f} prosentpoeng. Skrevet til {folder}")  # fmt: skip
    return int(max(worst, everywhere) > synthesis.TOLERANCE_SHARE)


if __name__ == "__main__":
    sys.exit(main())
