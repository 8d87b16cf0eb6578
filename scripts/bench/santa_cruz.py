"""Santa Cruz as a rollout: half of its trench in five equal years, every year closed.

The tree is the one with most addresses within half of the whole trench
(``network.steiner.budget_tree``); no five years that sum to that half can join more addresses
than its bound, whatever their trench. The tree is cut at addresses and forks: each work is the
trench from one such place to the next one outward, its feeder the work before. A money unit
of the rollout stands for a tenth of a millimetre, rounded up.
"""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from bredband.network.steiner import Graph, budget_tree, steiner_tree
from bredband.network.steiner.check import components
from bredband.network.steiner.graph import make_net
from bredband.network.steiner.rooted import root_tree
from bredband.rollout import choose
from bredband.scenario.rollout import Rollout
from scripts.bench.instances import Instance, read_instance
from scripts.shared_data import shared_data

PARTS_PER_M = 10_000
YEARS = 5


def santa_cruz(seconds: float) -> None:
    """Print what five years join, with closed years and with carry-over, beside the bound."""
    instance = read_instance(shared_data() / "optimisation" / "santacruz" / "1000")
    graph = instance.graph
    begun = time.perf_counter()
    whole = steiner_tree(graph, instance.terminals).value
    budget_m = whole / 2
    homes = np.zeros(graph.n_vertices)
    homes[instance.terminals] = 1.0
    tree = budget_tree(graph, np.array([instance.root]), homes, budget_m, seconds=seconds)
    print(
        f"santacruz: whole trench {whole:.2f} m, half of it {budget_m:.2f} m joins {tree.value:.0f} "
        f"addresses (no tree more than {tree.bound:.0f}), {time.perf_counter() - begun:.1f} s",
        flush=True,
    )
    areas, stretch = works(instance, tree.edges)
    each_m = budget_m / YEARS
    for carry_over in (False, True):
        settings = Rollout(
            annual_grant_nok=(np.floor(each_m * PARTS_PER_M),) * YEARS,
            carry_over=carry_over,
            goal="households_then_years",
            target_gap_share=0.0,
            time_limit_s=seconds,
        )
        begun = time.perf_counter()
        schedule = choose(areas, settings)[0]
        used_s = time.perf_counter() - begun
        year_of_edge = dict.fromkeys(tree.edges.tolist(), settings.years[-1] + 1)
        for name, year in zip(schedule["area_id"], schedule["build_year"], strict=True):
            year_of_edge.update(dict.fromkeys(stretch[name], year))
        joined, dug = recount(instance, year_of_edge, settings.years)
        if carry_over:
            held = (np.cumsum(dug) <= np.cumsum([each_m] * YEARS)).all()
        else:
            held = (np.array(dug) <= each_m).all()
        print(
            f"  {'carry-over' if carry_over else 'closed years'}: {len(areas)} works, addresses "
            f"joined by each year {joined}, metres dug {[round(m, 1) for m in dug]} of "
            f"{each_m:.1f} a year (budgets {'hold' if held else 'BROKEN'}); "
            f"{joined[-1]} <= {tree.bound:.0f}, {100 * joined[-1] / tree.bound:.2f} % of the bound; "
            f"{used_s:.1f} s",
            flush=True,
        )


def works(instance: Instance, edges: np.ndarray) -> tuple[gpd.GeoDataFrame, dict[str, list[int]]]:
    """Cut a tree at addresses and forks; give the ``areas`` table and the edges of each work."""
    graph = instance.graph
    inside = np.zeros(graph.n_edges, dtype=np.bool_)
    inside[edges] = True
    net = make_net(graph.n_vertices, graph.tail, graph.head, graph.weight)
    rooted = root_tree(net, inside, instance.root)
    home = np.zeros(graph.n_vertices, dtype=np.bool_)
    home[instance.terminals] = True
    rows, stretch = [], {}
    for v in rooted.order[1:]:
        if not home[v] and rooted.degree[v] == 2:
            continue
        own, u = [int(rooted.parent_edge[v])], rooted.parent[v]
        while u != instance.root and not home[u] and rooted.degree[u] == 2:
            own.append(int(rooted.parent_edge[u]))
            u = rooted.parent[u]
        stretch[f"V{v}"] = own
        rows.append((f"V{v}", "" if u == instance.root else f"V{u}", int(home[v]),
                     float(graph.weight[own].sum())))  # fmt: skip
    frame = pd.DataFrame(rows, columns=["area_id", "feeder_area", "households", "trench_m"])
    frame = frame.assign(
        kind=np.where(frame["households"] > 0, "area", "feeder"),
        name=frame["area_id"],
        kommune="9999",
        premises=frame["households"],
        weighted_households=frame["households"].astype(float),
        technology="fibre",
        capex_nok=np.ceil(frame["trench_m"] * PARTS_PER_M).astype(np.int64),
        operator_nok=0,
        local_nok=0,
    )
    frame["grant_nok"] = frame["capex_nok"]
    squares = [shapely.box(i, 0, i + 1, 1) for i in range(len(frame))]
    return gpd.GeoDataFrame(frame, geometry=squares, crs=25833), stretch


def recount(
    instance: Instance, year_of_edge: dict[int, int], years: tuple[int, ...]
) -> tuple[list[int], list[float]]:
    """Count from the edges alone: addresses joined to the root by each year, metres dug in it."""
    graph = instance.graph
    joined, dug = [], []
    for year in years:
        open_edges = np.array([e for e, y in year_of_edge.items() if y <= year], dtype=np.int64)
        new = [e for e, y in year_of_edge.items() if y == year]
        dug.append(float(graph.weight[new].sum()))
        joined.append(_reached(graph, open_edges, instance))
    return joined, dug


def _reached(graph: Graph, edges: np.ndarray, instance: Instance) -> int:
    label = components(graph, edges)
    return int((label[instance.terminals] == label[instance.root]).sum())
