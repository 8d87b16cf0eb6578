"""Each step of the searches that choose what to connect, by hand and against plain search."""

from __future__ import annotations

import numpy as np
import pytest

from bredband.errors import InputError, PlanError
from bredband.network.steiner import Graph, bound_of_prizes, budget_tree, prize_collecting_tree
from bredband.network.steiner.collect import prepare
from bredband.network.steiner.graph import Net
from bredband.network.steiner.prizes import (
    branch_cost,
    extend,
    grow_tree,
    priced_ascent,
    prune_by_price,
    spanning_tree,
    touched,
    trim_to_budget,
)
from bredband.network.steiner.rooted import root_tree
from tests.network.towns import graph_of, net_of, subsets, town


def a_tree(seed: int) -> tuple[Net, np.ndarray, np.ndarray]:
    """A random tree of nine vertices, all its edges, and a prize at each vertex."""
    random = np.random.default_rng(seed)
    edges = [(int(random.integers(0, v)), v, float(random.integers(1, 9))) for v in range(1, 9)]
    return net_of(graph_of(9, *edges)), np.ones(8, dtype=bool), random.integers(0, 9, 9) * 1.0


def branches(net: Net) -> list[tuple[set[int], float]]:
    """Every part of a tree that holds vertex 0 and hangs together, and its length."""
    graph = Graph(net.tail, net.head, net.weight, net.start.size - 1)
    return subsets(graph, {0})


@pytest.mark.parametrize("seed", range(6))
def test_branches_are_cut_where_they_cost_more_than_they_give(seed: int) -> None:
    net, tree, prize = a_tree(seed)
    kept = prune_by_price(net, 0, tree, prize)
    best = max(prize[sorted(inside)].sum() - length for inside, length in branches(net))
    cost = branch_cost(net, root_tree(net, tree, 0), kept)
    assert kept[0]
    assert prize[kept].sum() - cost == best
    hung = [length for inside, length in branches(net) if inside == set(np.flatnonzero(kept))]
    assert hung == [cost]


def test_a_branch_that_breaks_even_is_not_built() -> None:
    net = net_of(graph_of(3, (0, 1, 2.0), (1, 2, 3.0)))
    for prize, left in ((3.0, [1, 0, 0]), (5.0, [1, 0, 0]), (5.5, [1, 1, 1])):
        kept = prune_by_price(net, 0, np.ones(2, dtype=bool), np.array([0.0, 0.0, prize]))
        assert kept.tolist() == left


@pytest.mark.parametrize("seed", range(6))
def test_a_tree_is_trimmed_to_the_part_that_pays_best_for_what_it_costs(seed: int) -> None:
    net, tree, prize = a_tree(seed)
    every = branches(net)
    rooted = root_tree(net, tree, 0)
    for budget in (0.0, 6.0, 14.0, 1e9):
        kept = trim_to_budget(net, 0, tree, prize, budget)
        cost = branch_cost(net, rooted, kept)
        assert kept[0]
        assert cost <= budget
        as_dear = [prize[sorted(inside)].sum() for inside, length in every if length <= cost]
        assert prize[kept].sum() == max(as_dear)
        # of the parts that are best at some price it is the largest that the budget pays for
        corners = [
            (length, worth)
            for inside, length in every
            for worth in [prize[sorted(inside)].sum()]
            if all(
                worth - price * length >= prize[sorted(other)].sum() - price * far - 1e-9
                for price in [best_price(every, prize, length, worth)]
                for other, far in every
            )
        ]
        paid = [worth for length, worth in corners if length <= budget]
        assert prize[kept].sum() == max(paid, default=prize[0])
    assert trim_to_budget(net, 0, tree, prize, net.weight.sum()).all()


def best_price(
    every: list[tuple[set[int], float]], prize: np.ndarray, length: float, worth: float
) -> float:
    """A price at which a part beats all others if there is one: the dearest that larger ones need."""
    gains = [
        (prize[sorted(other)].sum() - worth) / (far - length)
        for other, far in every
        if far > length
    ]
    return max(gains, default=0.0)


def test_the_way_out_that_gives_most_for_its_length_is_dug_first() -> None:
    """From 0: 1 gives 4 at 2 m; 2 gives 9 at 3 m beyond 1; 3 gives 5 at 2 m; 4 gives 1 at 4 m."""
    net = net_of(graph_of(5, (0, 1, 2.0), (1, 2, 3.0), (0, 3, 2.0), (0, 4, 4.0)))
    prize, inside = np.array([0.0, 4.0, 9.0, 5.0, 1.0]), np.arange(5) == 0
    # 1 and 2 together give 13 at 5 m (2.6 a metre), 3 alone 2.5, and 4 a quarter
    for left, taken in ((1.9, [0]), (2.0, [0, 3]), (4.9, [0, 3, 1]), (5.0, [0, 1, 2]),
                        (7.0, [0, 1, 2, 3]), (10.9, [0, 1, 2, 3]), (11.0, [0, 1, 2, 3, 4])):  # fmt: skip
        more = extend(net, inside, prize, left, 0.0)
        assert np.flatnonzero(more).tolist() == sorted(taken)
    assert np.flatnonzero(extend(net, inside, prize, np.inf, 0.25)).tolist() == [0, 1, 2, 3]
    assert np.flatnonzero(extend(net, inside, prize, np.inf, 2.55)).tolist() == [0, 1, 2]
    assert np.flatnonzero(inside).tolist() == [0], "the set given is not touched"


def test_what_is_dug_for_one_brings_the_next_nearer() -> None:
    """3 is 5 m from 0 over 1 and 2; when 2 (worth 8) is taken it is 1 m away and worth its 2."""
    net = net_of(graph_of(5, (0, 1, 2.0), (1, 2, 2.0), (2, 3, 1.0), (3, 4, 50.0)))
    prize = np.array([0.0, 0.0, 8.0, 2.0, 9.0])
    more = extend(net, np.arange(5) == 0, prize, np.inf, 1.9)
    assert np.flatnonzero(more).tolist() == [0, 1, 2, 3]


def test_prizes_bound_trench_and_what_is_given_up() -> None:
    """Root 0; 1 is worth 5 at 3 m, 2 worth 4 at 6 m beyond 1, 3 worth 2 at 2 m and at the root 7."""
    net = net_of(graph_of(4, (0, 1, 3.0), (1, 2, 6.0), (0, 3, 2.0)))
    found = priced_ascent(net, 0, np.array([7.0, 5.0, 4.0, 2.0]), 100)
    assert found.bound == 3 + 4 + 2
    assert found.worthwhile.tolist() == [False, True, False, False]
    assert found.guide.tolist() == [3.0, 600.0, 2.0]
    starts, arcs, owners = found.cuts
    cuts = {int(v): arcs[starts[k] : starts[k + 1]].tolist() for k, v in enumerate(owners)}
    assert cuts == {1: [0, 3], 2: [2], 3: [4]}
    assert starts[-1] == arcs.size
    assert priced_ascent(net, 0, np.array([7.0, 5.0, 4.0, 2.0])).cuts[1].size == 0


@pytest.mark.parametrize("seed", range(4))
def test_every_priced_cut_holds_its_owner_and_not_the_root(seed: int) -> None:
    graph = town(5, seed)
    net = net_of(graph)
    prize = np.where(np.arange(25) % 3 == 0, 150.0, 0.0)
    found = priced_ascent(net, 0, prize, 10_000)
    assert found.bound == pytest.approx(bound_of_prizes(graph, np.array([0]), prize))
    assert found.bound <= prize_collecting_tree(graph, np.array([0]), prize).value
    starts, arcs, owners = found.cuts
    assert owners.size == starts.size - 1 > 0
    both = [(int(a), int(b)) for a, b in zip(net.tail, net.head, strict=True)]
    every = [way for a, b in both for way in ((a, b), (b, a))]
    for owner, one, other in zip(owners.tolist(), starts, starts[1:], strict=False):
        cut = {every[a] for a in arcs[one:other]}
        inside, more = set(), {owner}
        while more:
            inside |= more
            more = {a for a, b in every if b in inside and (a, b) not in cut} - inside
        assert 0 not in inside
        assert prize[owner] > 0
    assert grow_tree(net, 0, found.worthwhile, found.guide).any() == found.worthwhile.any()


def test_a_set_is_spanned_by_its_cheapest_tree_without_idle_leaves() -> None:
    net = net_of(graph_of(5, (0, 1, 2.0), (1, 2, 2.0), (0, 2, 3.0), (2, 3, 1.0), (3, 4, 1.0)))
    prize = np.array([0.0, 1.0, 0.0, 1.0, 0.0])
    every = np.ones(5, dtype=bool)
    assert np.flatnonzero(spanning_tree(net, every, prize, 0)).tolist() == [0, 1, 3]
    without = np.array([1, 0, 1, 1, 1], dtype=bool)
    tree = spanning_tree(net, without, prize, 0)
    assert np.flatnonzero(tree).tolist() == [2, 3]
    assert touched(net, tree, 0).tolist() == [1, 0, 1, 1, 0]
    assert touched(net, np.zeros(5, dtype=bool), 4).tolist() == [0, 0, 0, 0, 1]


def test_what_is_prepared_holds_every_prize_and_no_more_graph_than_it_needs() -> None:
    """Roots 0 and 1; 2 is idle on the way to 3 (worth 4), 4 an idle leaf, 5 (worth 8) out of reach."""
    graph = graph_of(
        7, (0, 2, 1.0), (2, 3, 2.0), (1, 3, 4.0), (3, 4, 8.0), (0, 1, 16.0), (5, 6, 32.0)
    )
    prize = np.array([1.0, 2.0, 0.0, 4.0, 0.0, 8.0, 0.0])
    ready = prepare(graph, np.array([1, 0, 1]), prize)
    assert (ready.free, ready.lost) == (3.0, 8.0)
    assert ready.prize.tolist() == [0.0, 4.0]
    assert ready.root == 0
    assert ready.net.weight.tolist() == [3.0]
    assert ready.reduced.expand(np.array([0])).tolist() == [0, 1]
    assert bound_of_prizes(graph, np.array([0, 1]), prize) == 3.0 + 8.0
    nothing = bound_of_prizes(graph, np.array([0, 1, 3]), prize)
    assert nothing == 8.0


@pytest.mark.parametrize("prize", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_prizes_that_cannot_be_are_refused(prize: list[float]) -> None:
    with pytest.raises(InputError, match="verdi som er null"):
        prepare(graph_of(2, (0, 1, 1.0)), np.array([0]), np.array(prize))


def test_no_root_and_a_budget_below_zero_are_refused() -> None:
    graph = graph_of(2, (0, 1, 1.0))
    with pytest.raises(PlanError, match="ingen rot"):
        prepare(graph, np.array([], dtype=int), np.ones(2))
    for budget in (-1.0, np.nan):
        with pytest.raises(InputError, match="Budsjettet"):
            budget_tree(graph, np.array([0]), np.ones(2), budget)
    assert budget_tree(graph, np.array([0]), np.ones(2), 0.0).value == 1.0
    assert budget_tree(graph, np.array([0]), np.ones(2), 1.0).value == 2.0


@pytest.mark.parametrize("seed", range(4))
def test_small_towns_with_prizes_and_budgets_are_closed(seed: int) -> None:
    graph = town(3, seed)
    homes = (np.arange(9) % 2).astype(float)
    every = subsets(graph, {0})
    tree = prize_collecting_tree(graph, np.array([0]), 110.0 * homes)
    least = min(d + 110 * (4 - homes[sorted(inside)].sum()) for inside, d in every)
    assert (tree.value, tree.bound) == pytest.approx((least, least))
    for budget in range(0, 500, 100):
        found = budget_tree(graph, np.array([0]), homes, float(budget))
        most = max(homes[sorted(inside)].sum() for inside, d in every if d <= budget)
        assert found.value == most
        assert found.bound <= most + 1
