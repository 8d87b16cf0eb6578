"""Synthesise per-address coverage whose kommune totals equal the regulator's real table.

    python scripts/synthesise_coverage.py --addresses FILE --nkom FILE --out FOLDER

Per-address coverage is not published. This makes one that could have been: it reads the real
addresses of one kommune and the kommune's row in Nkom's table, and hands out fibre, cable, DSL
and FTB so that all twenty-two shares agree within 0.5 percentage points. The densest streets
get most. Nothing about a single address is true; every operator is called *syntetisk*.

Writes ``fbb.csv`` (offers) and ``adr.csv`` (one household per address) in the shape analysts
of Nkom's data use, and ``SYNTETISK.txt``. Deterministic for a seed. Exits with 1 if a share
is off by more than 0.5 percentage points.
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from bredband.coverage import shares

TOLERANCE_SHARE = 0.005
FIRST_COLUMN = 2
OPERATORS = {
    "fibre": "Fiberselskap (syntetisk)",
    "cable": "Kabelselskap (syntetisk)",
    "dsl": "Kobberselskap (syntetisk)",
    "fwa": "Radioselskap (syntetisk)",
    "other": "Annet selskap (syntetisk)",
}
NAMES = {"fibre": "fiber", "cable": "kabel", "dsl": "dsl", "fwa": "ftb", "other": "annet"}


@dataclass(frozen=True)
class Offer:
    """Who gets one technology, and how fast, in kbit/s."""

    technology: str
    has: np.ndarray
    down_kbps: np.ndarray
    up_kbps: np.ndarray


def read_addresses(file: Path) -> pd.DataFrame:
    wanted = ["lokalid", "kommunenummer", "kommunenavn", "adressekode", "EPSG-kode", "Nord",
              "Øst", "postnummer", "tettstednummer"]  # fmt: skip
    table = pd.read_csv(
        file, sep=";", dtype=str, encoding="utf-8-sig", usecols=wanted, keep_default_na=False
    )
    if set(table["EPSG-kode"]) != {"25833"} or len(set(table["kommunenummer"])) != 1:
        sys.exit(f"{file}: må være én kommune i EPSG:25833.")
    return table.sort_values("lokalid", ignore_index=True)


def read_shares(file: Path, kommune: str) -> tuple[str, dict[tuple[str, str], float]]:
    """Read the kommune's county and row; columns are in the order of ``shares.columns()``."""
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened, delimiter=";"))
    header = rows[3]
    columns = [i for i in range(FIRST_COLUMN, len(header)) if header[i]]
    found = [row for row in rows[4:] if row[0].split(" (")[0] == kommune]
    if len(found) != 1:
        sys.exit(f"{file}: fant {len(found)} rader for {kommune}.")
    values = [float(found[0][i].rstrip("% ").replace(",", ".")) / 100 for i in columns]
    return found[0][1].capitalize(), dict(zip(shares.columns(), values, strict=True))


def rank_by_density(table: pd.DataFrame, random: np.random.Generator) -> np.ndarray:
    """Order addresses from the densest street to the loneliest; a street mostly goes together."""
    xy = table[["Øst", "Nord"]].astype(float).to_numpy()
    distance, _ = KDTree(xy).query(xy, k=min(40, len(xy)))
    lonely = np.log10(distance[:, -1] + 1.0)
    street = pd.factorize(table["adressekode"])[0]
    of_street = np.bincount(street, lonely) / np.bincount(street)
    score = 0.5 * lonely + 0.5 * of_street[street]
    score += random.normal(0, 0.15, street.max() + 1)[street] + random.normal(0, 0.02, len(xy))
    return np.argsort(np.argsort(score, kind="stable"), kind="stable")


def first(count: float, rank: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Choose the ``count`` of ``among`` with the lowest rank."""
    chosen = np.zeros(len(rank), dtype=bool)
    order = np.flatnonzero(among)[np.argsort(rank[among], kind="stable")]
    chosen[order[: max(round(count), 0)]] = True
    return chosen


def hand_out(
    rank: np.ndarray, street: np.ndarray, wanted: dict[tuple[str, str], float]
) -> list[Offer]:
    """Hand out offers so that every union and speed class gets its share."""
    n = len(rank)
    everyone = np.ones(n, dtype=bool)

    def count(group: str, name: str) -> float:
        return n * wanted[group, name]

    tech, fwa = "Teknologidekning", "Hastighet for FTB"
    every = "Hastighet - alle teknologier på fast bredbånd"
    without_dsl, wired = "Hastighet uten DSL", "Hastighet i kablede nett"
    either = first(count(tech, "Fiber + kabel-TV-nett"), rank, everyone)
    cable = first(count(tech, "Kabel-TV-nett"), rank, either)
    # streets with cable only are scattered among those with cable
    scattered = street * 7919 % 10_007
    fibre = either & ~first(either.sum() - count(tech, "Fiber"), scattered, cable)

    outside = ~either
    dsl_out = count(tech, "Fiber + kabel-TV-nett + DSL") - either.sum()
    fwa_out = count(tech, "Fiber + kabel-TV-nett + FTB") - either.sum()
    by_air = first(fwa_out, rank, outside)
    air_30_out = first(count(without_dsl, "≥ 30") - either.sum(), rank, by_air)
    fast = count(without_dsl, "≥ 100") - either.sum()
    air_100_out = first(min(fast, count(fwa, "≥ 100")), rank, air_30_out)
    # where fibre, cable and FTB cannot make up the speeds, the regulator counts other nets
    other = first(count(without_dsl, "≥ 30") - (either | air_30_out).sum(), rank, outside & ~by_air)
    other_100 = first(fast - air_100_out.sum(), rank, (other | air_30_out) & ~air_100_out)
    other |= other_100
    only_copper = first(
        count(tech, "Fast bredbånd totalt") - (either | by_air | other).sum(),
        -rank,
        outside & ~by_air & ~other,
    )
    slow_air = by_air & ~air_30_out
    no_air_30 = count(every, "≥ 30") - count(without_dsl, "≥ 30")
    copper = only_copper | first(no_air_30 - only_copper.sum(), rank, slow_air)
    copper |= first(dsl_out - copper.sum(), rank, (by_air | other) & ~copper)
    dsl = copper | first(count(tech, "DSL") - copper.sum(), rank, either)
    air = by_air | first(count(tech, "FTB") - by_air.sum(), -rank, either)

    inside = air & either
    air_30 = air_30_out | first(count(fwa, "≥ 30") - air_30_out.sum(), -rank, inside)
    air_100 = air_100_out | first(count(fwa, "≥ 100") - air_100_out.sum(), -rank, inside & air_30)
    only_dsl = first(count(every, "≥ 30") - count(without_dsl, "≥ 30"), rank, copper & ~air_30_out)
    dsl_30_out = only_dsl | first(
        count(wired, "≥ 30") - either.sum() - only_dsl.sum(), rank, copper & (air_30_out | other)
    )
    dsl_30 = dsl_30_out | first(0.3 * n, rank, dsl & either)
    fast_cable = fibre | first(count(every, "≥ 1000") - fibre.sum(), rank, cable & ~fibre)

    gigabit, slow = np.full(n, 1_000_000), np.full(n, 10_000)
    return [
        Offer("fibre", fibre, gigabit, gigabit),
        Offer("cable", cable, np.where(fast_cable, gigabit, 300_000), np.full(n, 100_000)),
        Offer("dsl", dsl, np.where(dsl_30, 50_000, slow), np.where(dsl_30, 10_000, 1_000)),
        Offer("fwa", air, np.select([air_100, air_30], [100_000, 50_000], slow),
              np.select([air_100, air_30], [20_000, 10_000], 2_000)),
        Offer("other", other, np.where(other_100, 100_000, 30_000), slow),
    ]  # fmt: skip


def model_tables(table: pd.DataFrame, offers: list[Offer]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give what was handed out as premises and offers of the data model."""
    premises = pd.DataFrame(
        {
            "premises_id": table["lokalid"],
            "kommune": table["kommunenummer"],
            "households": 1,
            "rural": table["tettstednummer"] == "",
        }
    )
    parts = [
        pd.DataFrame(
            {
                "premises_id": table["lokalid"][offer.has],
                "technology": offer.technology,
                "down_mbps": offer.down_kbps[offer.has] / 1000,
                "up_mbps": offer.up_kbps[offer.has] / 1000,
                "status": "available",
            }
        )
        for offer in offers
    ]
    return premises, pd.concat(parts, ignore_index=True)


def tabulate(table: pd.DataFrame, offers: list[Offer]) -> pd.Series:
    """Count as the model counts."""
    return shares.table(*model_tables(table, offers)).iloc[0]


def write(
    table: pd.DataFrame, county: str, offers: list[Offer], connected: np.ndarray, folder: Path
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    ids = table["lokalid"]
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "adrid": ids[offer.has],
                    "tilb": OPERATORS[offer.technology],
                    "tek": NAMES[offer.technology],
                    "ned": offer.down_kbps[offer.has],
                    "opp": offer.up_kbps[offer.has],
                    "hc": np.where(
                        connected[offer.has] & (offer.technology == "fibre"), "true", "false"
                    ),
                    "egen": "true",
                }
            )
            for offer in offers
        ]
    )
    rows.to_csv(folder / "fbb.csv", sep=";", index=False, lineterminator="\r\n")
    pd.DataFrame(
        {
            "adrid": ids,
            "fylke": county,
            "komnavn": table["kommunenavn"],
            "komnr": table["kommunenummer"],
            "postnr": table["postnummer"],
            "ertett": np.where(table["tettstednummer"] != "", "true", "false"),
            "hus": 1,
            "pers": 2,
            "fritid": 0,
        }
    ).to_csv(folder / "adr.csv", sep=";", index=False, lineterminator="\r\n")
    (folder / "SYNTETISK.txt").write_text(
        "Dekningen i fbb.csv og husstandene i adr.csv er SYNTETISKE, laget av\n"
        "scripts/synthesise_coverage.py. Bare summene for kommunen er virkelige:\n"
        "de er lik Nkoms tabell for fast bredbånd, 1. halvår 2022, innenfor 0,5 prosentpoeng.\n",
        encoding="utf-8",
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--addresses", type=Path, required=True)
    parser.add_argument("--nkom", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=3420)
    choice = parser.parse_args()
    table = read_addresses(choice.addresses)
    county, wanted = read_shares(choice.nkom, table["kommunenavn"].iloc[0])
    random = np.random.default_rng(choice.seed)
    rank = rank_by_density(table, random)
    offers = hand_out(rank, pd.factorize(table["adressekode"])[0], wanted)
    got = tabulate(table, offers)
    write(table, county, offers, random.random(len(table)) < 0.8, choice.out)
    worst = 0.0
    for (group, name), share in wanted.items():
        off = float(got[group, name]) - share
        worst = max(worst, abs(off))
        print(f"{group:46s} {name:28s} Nkom {share:7.1%}  her {got[group, name]:7.1%}  {off:+.2%}")
    print(f"Største avvik: {100 * worst:.2f} prosentpoeng. Skrevet til {choice.out}")
    return int(worst > TOLERANCE_SHARE)


if __name__ == "__main__":
    sys.exit(main())
