"""The small kernels that every tree search walks with, against plain Python and scipy."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from scipy.sparse import csgraph, csr_array

from bredband.network.steiner.borders import Borders, meld
from bredband.network.steiner.graph import make_net
from bredband.network.steiner.heap import label_components, pop, prune, push, regions, spanning
from bredband.network.steiner.rooted import is_below, part_of, root_tree, tree_vertices
from tests.network.towns import town


def test_a_heap_gives_the_least_first() -> None:
    random = np.random.default_rng(2)
    keys, items, size = np.empty(60), np.empty(60, np.int64), 0
    waiting: list[float] = []
    for step in range(200):
        if waiting and (size == 60 or random.random() < 0.45):
            size = pop(keys, items, size)
            assert keys[size] == heapq.heappop(waiting)
            assert items[size] == keys[size] * 10
        else:
            key = float(random.integers(0, 1000)) / 10
            size = push(keys, items, size, key, round(key * 10))
            heapq.heappush(waiting, key)
        assert size == len(waiting), step


def test_equals_leave_a_heap_in_the_same_order_every_time() -> None:
    keys, items, size = np.empty(9), np.empty(9, np.int64), 0
    for item in range(7):
        size = push(keys, items, size, 1.0, item)
    out = []
    while size:
        size = pop(keys, items, size)
        out.append(int(items[size]))
    assert out == [0, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("seed", range(4))
def test_melded_borders_come_out_shortest_first(seed: int) -> None:
    length = np.random.default_rng(seed).permutation(20).astype(float)
    none = np.full(40, -1, np.int64)
    borders = Borders(length, none.copy(), none.copy(), none, none, none)
    heap, other = -1, -1
    for item in np.random.default_rng(seed + 9).permutation(40)[:30].tolist():
        if item % 3:
            heap = meld(heap, item, borders)
        else:
            other = meld(other, item, borders)
    heap, out = meld(heap, other, borders), []
    while heap >= 0:
        out.append(length[heap >> 1])
        heap = meld(borders.left[heap], borders.right[heap], borders)
    assert len(out) == 30
    assert out == sorted(out)


@pytest.mark.parametrize("seed", range(3))
def test_regions_are_those_of_dijkstra(seed: int) -> None:
    graph = town(6, seed)
    net = make_net(36, graph.tail, graph.head, graph.weight)
    sources = np.array([3, 14, 31])
    far, base, via = regions(net, sources)
    ways = csgraph.dijkstra(
        csr_array((graph.weight, (graph.tail, graph.head)), shape=(36, 36)),
        directed=False,
        indices=sources,
    )
    assert far == pytest.approx(ways.min(axis=0))
    assert base.tolist() == sources[ways.argmin(axis=0)].tolist()
    for v in set(range(36)) - set(sources.tolist()):
        e = via[v]
        before = int(graph.head[e] if graph.tail[e] == v else graph.tail[e])
        assert v in (graph.tail[e], graph.head[e])
        assert base[before] == base[v]
        assert far[before] + graph.weight[e] == far[v]
    assert (via[sources] == -1).all()


def test_a_vertex_as_near_to_two_sources_belongs_to_the_first() -> None:
    net = make_net(3, np.array([0, 1]), np.array([1, 2]), np.array([2.0, 2.0]))
    for sources in ([0, 2], [2, 0]):
        assert regions(net, np.array(sources))[1][1] == sources[0]


def test_what_hangs_together_has_the_smallest_number_of_it() -> None:
    tail, head = np.array([5, 4, 1, 6, 3]), np.array([4, 2, 6, 6, 1])
    assert label_components(8, tail, head).tolist() == [0, 1, 2, 1, 2, 2, 1, 7]


def test_a_spanning_tree_takes_what_closes_no_circle() -> None:
    tail, head = np.array([0, 1, 2, 2, 3]), np.array([1, 2, 0, 3, 3])
    assert spanning(4, tail, head, np.array([2, 4, 0, 1, 3])).tolist() == [1, 0, 1, 1, 0]


def test_leaves_go_until_a_terminal_or_a_branching() -> None:
    """0 and 3 are terminals of 0-1-2-3; 4 and 5 hang idle on 1, 6-7 and the edge 2-8 are apart."""
    tail, head = np.array([0, 1, 2, 1, 4, 6, 2]), np.array([1, 2, 3, 4, 5, 7, 8])
    taken = np.array([1, 1, 1, 1, 1, 1, 0], dtype=bool)
    terminal = np.isin(np.arange(9), [0, 3])
    assert prune(9, tail, head, taken, terminal).tolist() == [1, 1, 1, 0, 0, 0, 0]


def test_a_net_lists_both_ends_of_an_edge_and_no_loop() -> None:
    net = make_net(4, np.array([0, 2, 1, 0]), np.array([1, 2, 3, 1]), np.ones(4))
    assert net.start.tolist() == [0, 2, 5, 5, 6]
    assert net.vertex.tolist() == [1, 1, 0, 3, 0, 1]
    assert net.edge.tolist() == [0, 3, 0, 2, 3, 2]


def test_a_rooted_tree_knows_who_is_below_whom() -> None:
    r"""Root 2 with 0 and 3 below it, 1 and 4 below 0, 5 below 4; 6 is not in the tree."""
    tail, head = np.array([2, 0, 2, 0, 4, 6]), np.array([0, 1, 3, 4, 5, 5])
    net = make_net(7, tail, head, np.ones(6))
    rooted = root_tree(net, np.array([1, 1, 1, 1, 1, 0], dtype=bool), 2)
    assert rooted.parent.tolist() == [2, 0, -1, 2, 0, 4, -1]
    assert rooted.parent_edge.tolist() == [0, 1, -1, 2, 3, 4, -1]
    assert rooted.degree.tolist() == [3, 1, 2, 1, 2, 1, 0]
    assert sorted(rooted.order.tolist()) == [0, 1, 2, 3, 4, 5]
    assert rooted.order[0] == 2
    below = {v: {u for u in range(7) if is_below(rooted, u, v)} for v in range(7)}
    assert below == {0: {0, 1, 4, 5}, 1: {1}, 2: set(range(6)), 3: {3}, 4: {4, 5}, 5: {5}, 6: set()}
    tops = np.array([3, 4])
    assert [part_of(rooted, u, tops) for u in range(6)] == [2, 2, 2, 0, 1, 1]
    assert tree_vertices(net, np.array([0, 0, 0, 0, 1, 1], dtype=bool)).tolist() == [
        0,
        0,
        0,
        0,
        1,
        1,
        1,
    ]
