"""How far the searches go: rounds, sizes and patience, each met exactly; stand-ins do the work."""

from __future__ import annotations

import inspect
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bredband.network.steiner import (
    Graph,
    budget_tree,
    collect,
    cuts,
    localsearch,
    prize_collecting_tree,
    steiner_tree,
)
from bredband.network.steiner import branch as branching
from bredband.network.steiner import search as searching
from bredband.network.steiner import tree as tree_room
from bredband.network.steiner.dualascent import dual_ascent, entering_arcs
from bredband.network.steiner.graph import make_net
from bredband.network.steiner.insertion import insert_vertices
from bredband.network.steiner.reductions import unreduced
from bredband.network.steiner.search import Best, Effort, Open, is_done, with_bound
from bredband.network.steiner.tree import make_tree
from tests.network.towns import graph_of, town

FOREVER = 1e18
NONE = np.zeros(0, dtype=np.int64)


def of_size(edges: int) -> SimpleNamespace:
    """A reduced graph of which only the size is looked at."""
    return SimpleNamespace(
        terminals=np.arange(3), tail=np.zeros(edges, dtype=np.int64), net=lambda: None
    )


@pytest.mark.parametrize(
    ("sizes", "ascents", "is_cut"),
    [
        # each round takes a tenth of the edges away, or there are no more
        ((1000, 900, 810, 729, 656), 4, True),
        ((1000, 901, 5), 1, True),
        ((10_000, 4000), 2, True),
        ((10_000, 4001), 2, False),
    ],
)
def test_rounds_of_ascents_and_what_is_cut_after_them(monkeypatch, sizes, ascents, is_cut):
    left, done = iter(sizes[1:]), []
    best = Best(NONE, 100.0, 0.0)

    def ascend(known, reduced, _):
        done.append(reduced.tail.size)
        return known, of_size(next(left, reduced.tail.size))

    for name, stand_in in (
        ("is_joined", lambda _: True),
        ("simplify", lambda reduced: reduced),
        ("with_tree", lambda known, *_: known),
        ("mehlhorn_tree", lambda *_: None),
        ("ascend", ascend),
        ("cut", lambda known, reduced, _: (known, reduced)),
    ):
        monkeypatch.setattr(searching, name, stand_in)
    _, open_ = searching.search(best, of_size(sizes[0]), Effort(FOREVER, np.random.default_rng(0)))
    assert done == list(sizes[:ascents])
    assert (open_ is not None) == is_cut


def test_ascents_start_from_three_terminals_or_as_many_as_there_are(monkeypatch):
    graph = town(5, 1)
    asked = []

    class Random:
        def choice(self, terminals, count, *, replace):
            asked.append((count, replace))
            return terminals[:count]

    started = []
    ascent = searching.dual_ascent
    monkeypatch.setattr(
        searching, "dual_ascent", lambda *given: started.append(given[5:]) or ascent(*given)
    )
    for terminals in (np.array([0, 4]), np.array([0, 4, 12, 20, 24])):
        reduced = unreduced(25, graph.tail, graph.head, graph.weight, terminals)
        best = Best(NONE, np.inf, 0.0)
        started.clear()
        searching.ascend(best, reduced, Effort(FOREVER, Random()))
        assert [root for root, _ in started] == terminals[: len(started)].tolist()
        assert {room for _, room in started} == {0}
    assert asked == [(2, False), (3, False)]


def cut_with(monkeypatch, bounds: list[float]) -> int:
    """Count the rounds of cuts with these bounds on a tree of 100."""
    graph = town(4, 0)
    reduced = unreduced(16, graph.tail, graph.head, graph.weight, np.array([0, 15]))
    share, seen = np.zeros(2 * graph.n_edges), []

    def rounds(problem, *_):
        assert (problem.root, problem.budget) == (0, None)
        assert np.flatnonzero(problem.required).tolist() == [0, 15]
        for bound in bounds:
            seen.append(bound)
            yield SimpleNamespace(bound=bound, arc_share=share)

    monkeypatch.setattr(searching, "cut_rounds", rounds)
    monkeypatch.setattr(searching, "repeated_shortest_paths", lambda *_: None)
    monkeypatch.setattr(searching, "improve", lambda best, *_: best)
    effort = Effort(FOREVER, np.random.default_rng(0))
    best, left = searching.cut(Best(NONE, 100.0, 0.0), reduced, effort)
    assert best.bound == min(max(seen), 100.0)
    assert (left is None) == (max(seen) >= 100)
    return len(seen)


def test_cuts_that_take_less_than_a_hundredth_off_the_gap_in_twenty_rounds_are_stuck(monkeypatch):
    assert cut_with(monkeypatch, [0.0] * 50) == 21
    # a hundredth is just enough, twice over
    assert cut_with(monkeypatch, [0.0] * 20 + [1.0] * 50) == 41
    assert cut_with(monkeypatch, [0.0] * 20 + [0.9] * 50) == 21
    assert cut_with(monkeypatch, [50.0, 100.0, 0.0]) == 2


def test_a_search_is_done_when_the_gap_is_closed_or_the_time_is_up(monkeypatch):
    effort = Effort(1000.0, np.random.default_rng(0))
    for now, value, bound, done in (
        (1000.0, 5.0, 4.0, False), (1000.1, 5.0, 4.0, True), (0.0, 5.0, 5.0, True), (0.0, 5.0, 5.1, True),
    ):  # fmt: skip
        monkeypatch.setattr(searching.time, "thread_time", lambda now=now: now)
        assert is_done(Best(NONE, value, bound), effort) == done
    best = Best(NONE, 5.0, 3.0)
    assert [with_bound(best, b).bound for b in (2.0, 4.0, 6.0)] == [3.0, 4.0, 5.0]


def prospect(edges: int) -> SimpleNamespace:
    net = SimpleNamespace(tail=np.zeros(edges, dtype=np.int64))
    return SimpleNamespace(net=net, prize=np.ones(2), root=0)


@pytest.mark.parametrize(
    ("bounds", "rounds"),
    [
        ([100.0] * 30, 11),
        # a millionth in ten rounds is too little, and a little more enough
        ([999_999.0] * 10 + [1e6] * 20, 11),
        ([999_998.0] * 10 + [1e6] * 20, 21),
        ([1e6] * 10 + [999_998.0] * 20, 21),
        ([1.0, 2.0, 3.0], 3),
    ],
)
def test_cuts_on_prizes_are_stuck_when_ten_rounds_move_the_bound_by_a_millionth(
    monkeypatch, bounds, rounds
):
    monkeypatch.setattr(collect, "entering_arcs", lambda _: None)
    monkeypatch.setattr(
        collect, "cut_rounds", lambda *_: (SimpleNamespace(bound=b) for b in bounds)
    )
    for edges, expected in ((20_000, rounds), (1, rounds), (20_001, 0), (0, 0)):
        found = collect.collecting_rounds(prospect(edges), None, None, FOREVER)
        assert len(list(found)) == expected


def test_the_price_of_trench_is_halved_twelve_times(monkeypatch):
    """Root 0 and a home worth 8 at 6 m; the budget pays half of the way."""
    net = make_net(2, *(np.array([one]) for one in (0, 1)), np.array([6.0]))
    given = SimpleNamespace(net=net, root=0, prize=np.array([0.0, 8.0]))
    worths = []
    ascent = collect.priced_ascent

    def priced(net, root, prize, room):
        worths.append((prize[1] / 8, room))
        return ascent(net, root, prize, room)

    monkeypatch.setattr(collect, "priced_ascent", priced)
    bounds = [bound for bound, *_ in collect.price_rounds(given, 3.0, FOREVER)]
    assert len(bounds) == 3
    assert len(worths) == 12
    assert {room for _, room in worths} == {1_000_000}
    # between 0 and 4 x 6 / 8, towards 6 / 8 where the home just pays: there half of it is bounded
    low, high = 0.0, 3.0 + 1e-9
    for worth, _ in worths:
        assert worth == pytest.approx((low + high) / 2, rel=1e-12)
        low, high = (worth, high) if worth <= 0.75 else (low, worth)
    assert bounds == pytest.approx([8 - (min(w, 0.75) * 8 - 3) / w for w, _ in worths[3::4]])
    nothing = SimpleNamespace(net=net, root=0, prize=np.zeros(2))
    assert list(collect.price_rounds(nothing, 3.0, FOREVER)) == []
    assert list(collect.price_rounds(given, 3.0, 0.0)) == []


def test_a_budget_just_spent_is_no_reason_to_lower_the_price(monkeypatch):
    net = make_net(2, *(np.array([one]) for one in (0, 1)), np.array([6.0]))
    given = SimpleNamespace(net=net, root=0, prize=np.array([0.0, 8.0]))
    worths = []
    ascent = collect.priced_ascent
    monkeypatch.setattr(
        collect, "priced_ascent", lambda *g: worths.append(g[2][1] / 8) or ascent(*g)
    )
    list(collect.price_rounds(given, 6.0, FOREVER))
    assert worths == sorted(worths), "the home may always be had, so the price only rises"


def part(entered: float) -> Open:
    """From 0 to 2 past 1, which is entered so much."""
    reduced = unreduced(3, np.array([0, 1]), np.array([1, 2]), np.ones(2), np.array([0, 2]))
    return Open(reduced, np.array([entered, 0.0, 1.0, 0.0]))


@pytest.mark.parametrize(
    ("entered", "vertex"),
    [(0.001, -1), (0.0011, 1), (0.5, 1), (0.9989, 1), (0.9991, -1), (0.0, -1)],
)
def test_a_vertex_within_a_thousandth_of_all_or_nothing_is_decided(entered, vertex):
    assert branching._undecided(part(entered)) == vertex


def test_no_more_than_two_hundred_parts_are_split(monkeypatch):
    searched = []

    def search(best, half, _):
        searched.append(half)
        return replace(best, value=100.0, bound=50.0), part(0.5)

    monkeypatch.setattr(branching, "search", search)
    effort = Effort(FOREVER, np.random.default_rng(0))
    best = branching.branch(Best(NONE, 100.0, 50.0), part(0.5), effort)
    assert len(searched) == 2 * 200
    assert best.bound == 50.0
    # the halves: with 1 to be joined, and without it
    passed, without = searched[:2]
    assert passed.terminals.tolist() == [0, 1, 2]
    assert without.tail.size == 0


@pytest.mark.parametrize(("gap", "splits"), [(1.0, 1), (1.1, 200)])
def test_a_part_is_closed_when_its_gap_is_a_ten_billionth(monkeypatch, gap, splits):
    searched = []

    def search(best, half, _):
        searched.append(half)
        return replace(best, value=1e10, bound=1e10 - gap), part(0.5)

    monkeypatch.setattr(branching, "search", search)
    effort = Effort(FOREVER, np.random.default_rng(0))
    best = branching.branch(Best(NONE, 1e10, 0.0), part(0.5), effort)
    assert len(searched) == 2 * splits
    assert best.bound == 1e10 - gap


def test_a_tree_is_passed_over_forty_times_while_it_gets_shorter(monkeypatch):
    graph = town(4, 1)
    net = make_net(16, graph.tail, graph.head, graph.weight)
    tree = np.ones(graph.n_edges, dtype=bool)
    whole = net.weight.sum()
    passes = []

    def polished(shares: list[float]):
        """Stand in for the polish: each pass leaves so much of the edges' weight."""
        left = iter(shares)

        def polish(*_):
            passes.append(1)
            if len(passes) % 2 == 0:
                net.weight[:] = next(left) * whole / net.weight.size
            return tree

        return polish

    inserted = []
    monkeypatch.setattr(
        localsearch, "insert_vertices", lambda *given: inserted.append(given[3]) or None
    )
    monkeypatch.setattr(localsearch, "exchange_keys", lambda *_: None)
    monkeypatch.setattr(localsearch, "regions", lambda *_: (None,) * 3)
    monkeypatch.setattr(localsearch, "Labels", lambda *_: None)
    monkeypatch.setattr(localsearch, "tree_vertices", lambda *_: tree)
    monkeypatch.setattr(localsearch, "polish", polished([0.99**i for i in range(1, 60)]))
    localsearch.local_search(net, np.array([0]), tree, FOREVER)
    assert len(passes) == 2 * 40
    assert set(inserted) == {200_000_000}
    passes.clear()
    net.weight[:] = whole / net.weight.size
    monkeypatch.setattr(localsearch, "polish", polished([0.5, 0.5, 0.1]))
    localsearch.local_search(net, np.array([0]), tree, FOREVER)
    assert len(passes) == 2 * 2, "as long as before is no gain"


@pytest.mark.parametrize(
    ("value", "bound", "late", "status", "gap"),
    [
        (1e9, 1e9 - 1, False, "optimal", 1e-9),
        (1e9, 1e9 - 2, False, "feasible", 2e-9),
        (1e9, 1e9 - 2, True, "time_limit", 2e-9),
        (1e9, 1e9 - 1, True, "optimal", 1e-9),
        (3.0, 4.0, False, "feasible", 0.25),
        (0.0, 0.0, True, "optimal", 0.0),
    ],
)
def test_only_a_closed_gap_is_called_optimal(value, bound, late, status, gap):
    tree = make_tree(np.array([3, 1]), value, bound, 0.0, late)
    assert (tree.status, tree.gap_share) == (status, gap)
    assert tree.edges.tolist() == [1, 3]


def test_a_search_has_a_minute_and_the_first_seed_unless_told_otherwise():
    for face in (steiner_tree, prize_collecting_tree, budget_tree):
        assert inspect.signature(face).parameters["seconds"].default == 60.0
    assert inspect.signature(steiner_tree).parameters["seed"].default == 0


def test_a_round_adds_at_most_two_thousand_cuts_that_lack_a_ten_thousandth(monkeypatch):
    graph = town(4, 2)
    net = make_net(16, graph.tail, graph.head, graph.weight)
    required = np.isin(np.arange(16), [0, 5, 10, 15])
    problem = cuts.CutProblem(net, cuts_entering(net), 0, required, np.zeros(16))
    asked = []
    find = cuts.violated_cuts
    monkeypatch.setattr(
        cuts, "violated_cuts", lambda *given: asked.append(given[-1]) or find(*given)
    )
    list(cuts.cut_rounds(problem, FOREVER))
    assert set(asked) == {2000}
    assert cuts.VIOLATION == 1e-4, "what the solver itself is exact to, ten times over"


def cuts_entering(net):
    owner = np.repeat(np.arange(net.start.size - 1), np.diff(net.start))
    return 2 * net.edge + (net.head[net.edge] != owner)


def test_edges_that_a_solution_uses_are_as_good_as_free():
    net = make_net(3, np.array([0, 1]), np.array([1, 2]), np.array([10.0, 20.0]))
    along = cuts.along_shares(net, np.array([1.0, 0.0, 0.25, 0.5]))
    assert along.tolist() == pytest.approx([10 * 1e-4, 20 * 0.5001])


def test_an_edge_weighs_nothing_or_more_and_joins_what_is_there():
    for tail, head, weight, fits in (
        (0, 2, 0.0, True), (0, 2, -1e-9, False), (0, 3, 1.0, False), (-1, 2, 1.0, False), (0, 2, np.inf, False),
    ):  # fmt: skip

        def made(tail=tail, head=head, weight=weight) -> Graph:
            return Graph(np.array([tail]), np.array([head]), np.array([weight]), 3)

        if fits:
            assert made().n_edges == 1
        else:
            with pytest.raises(Exception, match=r"\w"):
                made()


def test_a_free_graph_is_optimal_at_nothing():
    tree = steiner_tree(graph_of(3, (0, 1, 0.0), (1, 2, 0.0)), np.array([0, 2]))
    assert (tree.value, tree.bound, tree.gap_share, tree.status) == (0.0, 0.0, 0.0, "optimal")


@pytest.mark.parametrize(("most", "taken"), [(2, [4, 5]), (1, [4])])
def test_vertices_are_put_in_until_so_many_steps_are_walked(most, taken):
    """A path 0-1-2-3 of fours; 4 is one from 0 and 1, 5 from 2 and 3. To put in 4 is two steps."""
    graph = graph_of(
        6, (0, 1, 4.0), (1, 2, 4.0), (2, 3, 4.0), (4, 0, 1.0), (4, 1, 1.0), (5, 2, 1.0), (5, 3, 1.0)
    )
    net = make_net(6, graph.tail, graph.head, graph.weight)
    tree = np.arange(7) < 3
    inside = insert_vertices(net, tree, 0, most)
    assert np.flatnonzero(inside).tolist() == [0, 1, 2, 3, *taken]


@pytest.mark.parametrize(("bound", "whole"), [(3.0, 3), (3.9999995, 4), (3.999998, 3), (2.5, 2)])
def test_a_bound_on_whole_households_is_rounded_down(monkeypatch, bound, whole):
    graph = graph_of(5, *((0, v, 1.0) for v in range(1, 5)))
    nothing = np.zeros(4, dtype=bool)
    monkeypatch.setattr(
        collect, "spend", lambda prospect, *_: np.zeros(prospect.net.tail.size, bool)
    )
    monkeypatch.setattr(collect, "price_rounds", lambda *_: [(bound, nothing, None)])
    monkeypatch.setattr(collect, "collecting_rounds", lambda *_: [])
    tree = budget_tree(graph, np.array([0]), np.array([0.0, 1, 1, 1, 1]), 3.0)
    assert (tree.value, tree.bound) == (0.0, whole)
    halves = budget_tree(graph, np.array([0]), np.array([0.0, 0.5, 1, 1, 1]), 3.0)
    assert halves.bound == min(bound, 3.5)


def test_every_step_of_a_search_ends_at_the_same_time(monkeypatch):
    """At 100 seconds of work, with 7 to spend, all is to end at 107; at 107 it is not late, and then it is."""
    graph = town(4, 3)
    worth, roots = (np.arange(16) % 4 == 1).astype(float) * 150, np.array([0])
    clock = [100.0]
    told = set()

    def noted(name: str, place: int):
        step = getattr(collect, name)

        def note(*given):
            told.add((name, given[place]))
            return step(*given)

        monkeypatch.setattr(collect, name, note)

    for module in (collect, searching):
        monkeypatch.setattr(module.time, "thread_time", lambda: clock[0])
    for name, place in (("spend", 3), ("settle", 2), ("price_rounds", 2), ("collecting_rounds", 3)):
        noted(name, place)
    noted("local_search", 3)
    budget_tree(graph, roots, worth, 400.0, seconds=7.0)
    prize_collecting_tree(graph, roots, worth, seconds=7.0)
    steps = {"spend", "settle", "price_rounds", "collecting_rounds", "local_search"}
    assert told == {(name, 107.0) for name in steps}
    monkeypatch.setattr(collect, "make_tree", lambda *given: given[3:])
    for budget in (True, False):
        for ends, late in ((107.0, False), (107.1, True)):
            clock[0] = 100.0
            monkeypatch.setattr(
                collect, "collected_weight", lambda *_, ends=ends: clock.__setitem__(0, ends) or 0.0
            )
            found = (
                budget_tree(graph, roots, worth, 400.0, seconds=7.0)
                if budget
                else prize_collecting_tree(graph, roots, worth, seconds=7.0)
            )
            assert found == (100.0, late)


def test_a_tree_is_searched_for_as_long_as_it_is_told(monkeypatch):
    graph, clock, efforts = town(4, 3), [100.0], []
    monkeypatch.setattr(tree_room.time, "thread_time", lambda: clock[0])
    find = tree_room.search

    def search(best, reduced, effort):
        efforts.append(effort)
        return find(best, reduced, effort)

    monkeypatch.setattr(tree_room, "search", search)
    monkeypatch.setattr(tree_room, "make_tree", lambda *given: given[3:])
    value_of = tree_room.tree_value
    for ends, late in ((107.0, False), (107.1, True)):
        clock[0] = 100.0
        monkeypatch.setattr(
            tree_room,
            "tree_value",
            lambda *given, ends=ends: clock.__setitem__(0, ends) or value_of(*given),
        )
        assert steiner_tree(graph, np.array([0, 5, 15]), seconds=7.0) == (100.0, late)
    assert [effort.deadline for effort in efforts] == [107.0, 107.0]


def test_a_dual_ascent_gives_up_after_250_steps_an_arc() -> None:
    """A way of 2000 cheap steps, from a place with 2000 dear ones that are in every cut."""
    leaves = way = 2_000
    tail = np.concatenate([np.zeros(leaves, dtype=np.int64), np.arange(way)])
    head = np.concatenate([way + 1 + np.arange(leaves), 1 + np.arange(way)])
    weight = np.concatenate([np.full(leaves, 1e9), np.ones(way)])
    net = make_net(1 + way + leaves, tail, head, weight)
    raised, *_ = dual_ascent(
        net.start, net.vertex, entering_arcs(net), np.repeat(weight, 2), np.array([0, way]), way, 0
    )
    # each cut is of 2001 arcs, and to come to the next place looks at two more
    most, first, each = 250 * (2 * (leaves + way) + 64), 2 * (leaves + 1), leaves + 3
    assert raised == 1 + math.ceil((most - first) / each)
