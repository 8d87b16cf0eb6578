"""Each test that makes a graph smaller, by hand and against plain search."""

from __future__ import annotations

import numpy as np
import pytest

from bredband.network.steiner import Graph, steiner_tree
from bredband.network.steiner.reductions import (
    Reduced,
    contract,
    cut_leaves,
    drop_long,
    join_chains,
    longest_links,
    select,
    shortest_terminal_links,
    simplify,
    unreduced,
)
from tests.network.towns import graph_of, town


def wrapped(graph: Graph, terminals: list[int]) -> Reduced:
    return unreduced(graph.n_vertices, graph.tail, graph.head, graph.weight, np.array(terminals))


def listed(reduced: Reduced) -> list[tuple[int, int, float]]:
    return list(
        zip(
            reduced.tail.tolist(), reduced.head.tolist(), reduced.weight.tolist(), strict=True
        )
    )  # fmt: skip


def stands_for(reduced: Reduced) -> list[list[int]]:
    every = range(reduced.tail.size)
    start = reduced.part_start
    return [reduced.parts[start[i] : start[i + 1]].tolist() for i in every]


def test_contracting_fixes_edges_and_makes_their_ends_one() -> None:
    """A ring of three that is contracted pays its two cheapest, and what ran within it goes."""
    graph = graph_of(
        5, (0, 1, 3.0), (1, 2, 1.0), (2, 0, 2.0), (2, 3, 7.0), (0, 3, 8.0), (3, 4, 9.0)
    )
    small = contract(wrapped(graph, [0, 2, 4]), np.array([0, 1, 2]))
    assert small.n_vertices == 3
    assert (small.fixed.tolist(), small.fixed_value) == ([1, 2], 3.0)
    assert listed(small) == [(0, 1, 7.0), (0, 1, 8.0), (1, 2, 9.0)]
    assert stands_for(small) == [[3], [4], [5]]
    assert small.terminals.tolist() == [0, 2]
    assert small.expand(np.array([2, 0])).tolist() == [1, 2, 5, 3]


def test_leaves_go_and_those_to_be_joined_pay_their_way_in() -> None:
    """Terminal 4 hangs on 3, idle 5-6 on 0; the ring 0-1-2-3 stays, with 3 to join for 4."""
    graph = graph_of(
        7, (0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0), (3, 4, 5.0), (0, 5, 6.0), (5, 6, 7.0)
    )  # fmt: skip
    small = cut_leaves(wrapped(graph, [1, 4]))
    assert listed(small) == [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (3, 0, 1.0)]
    assert (small.fixed.tolist(), small.fixed_value) == ([4], 5.0)
    assert small.terminals.tolist() == [1, 3]


def test_leaves_stop_at_the_last_terminal() -> None:
    path = graph_of(4, (0, 1, 1.0), (1, 2, 2.0), (2, 3, 4.0))
    whole = cut_leaves(wrapped(path, [0, 2]))
    assert (whole.tail.size, whole.fixed_value, whole.terminals.tolist()) == (0, 3.0, [0])
    assert sorted(whole.fixed.tolist()) == [0, 1]
    alone = cut_leaves(wrapped(path, [1]))
    assert (alone.tail.size, alone.fixed_value, alone.n_vertices) == (0, 0.0, 1)
    # two terminals that meet in one vertex are one from there on
    star = cut_leaves(wrapped(graph_of(3, (0, 1, 1.0), (2, 1, 2.0)), [0, 2]))
    assert (star.tail.size, star.fixed_value) == (0, 3.0)


def test_chains_become_one_edge_each() -> None:
    """0-1-2-3 over idle vertices, a terminal 4 on another way round, and a ring at 3 over 5 and 6."""
    graph = graph_of(
        7, (0, 1, 1.0), (2, 1, 2.0), (2, 3, 4.0), (0, 4, 8.0), (4, 3, 16.0), (3, 5, 32.0),
        (5, 6, 64.0), (6, 3, 128.0), (0, 3, 256.0),
    )  # fmt: skip
    small = join_chains(wrapped(graph, [0, 4]))
    assert small.n_vertices == 3
    assert listed(small) == [(0, 1, 7.0), (0, 2, 8.0), (0, 1, 256.0), (1, 2, 16.0), (1, 1, 224.0)]
    assert stands_for(small) == [[0, 1, 2], [3], [8], [4], [5, 6, 7]]
    assert listed(join_chains(small)) == listed(small)[:4], "loops are no chains"
    assert select(small, np.array([4, 0])).parts.tolist() == [5, 6, 7, 0, 1, 2]


def test_the_shortest_edge_of_a_terminal_to_another_is_in_some_tree() -> None:
    # 0-1 is the shortest at 0; 2-3 is the shortest at neither end; 1-4 leads to no terminal
    graph = graph_of(
        6, (0, 1, 5.0), (1, 4, 2.0), (2, 3, 9.0), (2, 4, 1.0), (3, 5, 1.0), (4, 5, 3.0)
    )
    assert shortest_terminal_links(wrapped(graph, [0, 1, 2, 3])).tolist() == [0]
    # of equals the first at each end
    ring = graph_of(3, (0, 1, 1.0), (1, 2, 1.0), (2, 0, 1.0))
    assert shortest_terminal_links(wrapped(ring, [0, 1, 2])).tolist() == [0, 1]


def test_an_edge_goes_when_the_way_over_terminals_has_shorter_legs() -> None:
    """From 0 to 2 straight is 10; over the terminals 0, 1 and 2 no leg is longer than 6."""
    legs = [(0, 1, 5.0), (1, 2, 6.0)]
    for straight, left in ((10.0, [5, 6]), (6.1, [5, 6]), (6.0, [5, 6, 6]), (5.5, [5, 5.5])):
        graph = graph_of(3, *legs, (0, 2, straight))
        assert drop_long(wrapped(graph, [0, 1, 2])).weight.tolist() == left
    # 3 and 4 are 1 and 2 away from their terminals 0 and 2: the legs are those and the link 6
    graph = graph_of(5, *legs, (0, 3, 1.0), (2, 4, 2.0), (3, 4, 6.5))
    assert drop_long(wrapped(graph, [0, 1, 2])).tail.size == 4
    # within one terminal's region the legs are the ways to it
    graph = graph_of(4, (0, 1, 3.0), (0, 2, 4.0), (1, 2, 4.5), (0, 3, 9.0))
    assert listed(drop_long(wrapped(graph, [0, 3]))) == [(0, 1, 3.0), (0, 2, 4.0), (0, 3, 9.0)]
    assert drop_long(wrapped(graph, [0])).tail.size == 4


@pytest.mark.parametrize("seed", range(4))
def test_the_longest_link_is_that_of_the_spanning_tree(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = random.integers(0, 9, 30), random.integers(0, 9, 30)
    apart = np.flatnonzero(a != b)
    cost = random.permutation(30).astype(float)
    order = apart[np.argsort(cost[apart])]
    found = longest_links(9, a, b, cost, order)
    # the least link such that the links up to it hold the two together
    for e in apart:
        for at in order:
            within = [(a[k], b[k]) for k in apart if cost[k] <= cost[at]]
            reached = {a[e]}
            for _ in range(9):
                reached |= {y for x, y in within if x in reached} | {
                    x for x, y in within if y in reached
                }
            if b[e] in reached:
                break
        assert found[e] == cost[at]
    assert np.isinf(found[a == b]).all()


@pytest.mark.parametrize(
    ("seed", "vertices", "edges", "fixed"),
    [(0, 268, 513, 546.6), (1, 274, 528, 723.5), (2, 263, 476, 704.8)],
)
def test_a_town_shrinks_to_what_is_hard(seed: int, vertices: int, edges: int, fixed: float) -> None:
    """Counts are as the tests leave them, and move if one of them stops biting; the last line is what must hold."""
    graph = town(20, seed, ducts=0.1)
    terminals = np.random.default_rng(seed).choice(400, 60, replace=False)
    small = simplify(wrapped(graph, sorted(terminals.tolist())))
    assert (small.n_vertices, small.tail.size) == (vertices, edges)
    assert small.fixed_value == pytest.approx(fixed)
    assert graph.weight[small.fixed].sum() == pytest.approx(fixed)
    rest = steiner_tree(Graph(small.tail, small.head, small.weight, vertices), small.terminals)
    assert rest.value + fixed == pytest.approx(steiner_tree(graph, terminals).value)
