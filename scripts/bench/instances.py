"""Read published Steiner instances (PACE, SteinLib, Santa Cruz street folders), and perturb them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyproj

from bredband.errors import InputError
from bredband.network.steiner import Graph
from bredband.network.steiner.check import components

SANTA_CRUZ_CRS = "EPSG:26943"


class Instance(NamedTuple):
    """Hold a graph, the vertices to join and, where the instance has one, the lit root."""

    name: str
    graph: Graph
    terminals: np.ndarray
    root: int | None


def read_instance(path: Path) -> Instance:
    """Read one instance, whichever of the three forms it has.

    Raises
    ------
    InputError
        When the path is neither a folder with ``input.geojson`` nor a Steiner file.
    """
    if path.is_dir() and (path / "input.geojson").exists():
        return read_streets(path)
    if not path.is_file():
        raise InputError("Fant ikke filen eller mappa.", file=path)
    return read_steiner_file(path)


def read_steiner_file(path: Path) -> Instance:
    """Read a PACE ``.gr`` or SteinLib ``.stp`` file, plain or gzipped; vertices count from 1.

    Sections that say nothing of the graph or the terminals (comments, coordinates, tree
    decompositions) are passed over. Arcs that come in pairs of equal weight are edges, and a
    root is one of the terminals.

    Raises
    ------
    InputError
        When the file holds another problem (directed arcs, prizes, bounded degrees), a line
        that cannot be read, or fewer edges or terminals than it says itself.
    """
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("latin-1")
    counts = {"nodes": 0, "edges": -1, "arcs": -1, "terminals": -1}
    edges, arcs, terminals, root = [], [], [], []
    section = ""
    for row, line in enumerate(text.splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        key = words[0].lower()
        try:
            if key == "section":
                section = " ".join(words[1:]).lower()
            elif section in _OTHER_PROBLEMS:
                raise InputError(f"Seksjonen «{section}» hører til et annet problem.", file=path)
            elif section == "graph" and key in ("e", "a"):
                ends = (int(words[1]), int(words[2]), float(words[3]))
                (edges if key == "e" else arcs).append(ends)
            elif section == "terminals" and key == "t":
                terminals.append(int(words[1]))
            elif section == "terminals" and key == "root":
                root.append(int(words[1]))
            elif section == "terminals" and key in ("tp", "rootp"):
                raise InputError("Filen har premier (prize-collecting), ikke et tre.", file=path)
            elif section in ("graph", "terminals") and key in counts:
                counts[key] = int(words[1])
        except (IndexError, ValueError):
            raise InputError(
                "Linja kan ikke leses; ventet «E punkt punkt vekt» eller «T punkt».",
                file=path,
                row=row,
            ) from None
    edges += _undirected(arcs, path)
    if not edges or not terminals:
        raise InputError("Fant ingen kanter eller terminaler.", file=path)
    promised = max(counts["edges"], counts["arcs"] if not counts["edges"] > 0 else -1)
    found = len(arcs) or len(edges)
    if promised not in (-1, found) or counts["terminals"] not in (-1, len(set(terminals))):
        raise InputError(
            f"Filen sier {promised} kanter og {counts['terminals']} terminaler, men har {found} og "
            f"{len(set(terminals))}.",
            file=path,
        )
    tail, head, weight = np.array(edges).T
    graph = Graph(tail.astype(np.int64) - 1, head.astype(np.int64) - 1, weight, counts["nodes"])
    must = np.unique(terminals + root) - 1
    if must[0] < 0 or must[-1] >= graph.n_vertices:
        raise InputError("En terminal er ikke et punkt i grafen.", file=path)
    return Instance(path.name.split(".")[0], graph, must, None)


_OTHER_PROBLEMS = ("maximumdegrees", "hopconstraint", "obstacles", "nodeweights")


def _undirected(arcs: list[tuple[int, int, float]], path: Path) -> list[tuple[int, int, float]]:
    """Make edges of arcs that come in pairs, there and back, of equal weight."""
    pairs = Counter(arcs)
    if any(pairs[(b, a, weight)] != count for (a, b, weight), count in pairs.items()):
        raise InputError(
            "Filen har rettede buer (SAP) som ikke koster det samme begge veger; bare urettede "
            "grafer støttes.",
            file=path,
        )
    return [arc for arc in arcs if arc[0] < arc[1]]


def read_streets(folder: Path) -> Instance:
    """Read ``input.geojson``: streets cut at the drop points, drops, and demand points.

    The file's ``length`` is a distorted distance (latitude and longitude swapped), so lengths
    are measured anew in EPSG:26943 metres. Terminals are the demand points of the largest
    component; the root is the last candidate point.
    """
    features = json.loads((folder / "input.geojson").read_text())["features"]
    vertex_of: dict[tuple[float, float], int] = {}

    def vertex(place: list[float]) -> int:
        return vertex_of.setdefault((place[0], place[1]), len(vertex_of))

    edges, demand, candidates = [], [], []
    for feature in features:
        place = feature["geometry"]["coordinates"]
        if feature["geometry"]["type"] == "LineString":
            edges.append((vertex(place[0]), vertex(place[-1])))
        elif "demand" in feature["properties"]:
            demand.append(vertex(place))
        else:
            candidates.append(vertex(place))
    degrees = np.array(list(vertex_of))
    project = pyproj.Transformer.from_crs("EPSG:4326", SANTA_CRUZ_CRS, always_xy=True)
    x, y = project.transform(degrees[:, 0], degrees[:, 1])
    tail, head = np.array(edges).T
    weight = np.hypot(x[tail] - x[head], y[tail] - y[head])
    graph = Graph(tail, head, weight, len(vertex_of))
    label = components(graph)
    largest = np.bincount(label).argmax()
    terminals = np.unique(demand)
    terminals = terminals[label[terminals] == largest]
    return Instance(f"santacruz-{folder.name}", graph, terminals, candidates[-1])


PERTURBATIONS = ("weights", "terminals", "free", "doubled", "loose", "single")


def perturb(instance: Instance, kind: str, seed: int) -> Instance:
    """Make another instance of the same family.

    ``weights`` scales every weight by 0.7 to 1.3; ``terminals`` changes half of the terminals for
    other vertices; ``free`` lets 15 % of the edges weigh nothing, as existing ducts do;
    ``doubled`` repeats a fifth of the edges, at the same price or dearer, adds loops and shuffles;
    ``loose`` adds twenty terminals that no edge joins to the others; ``single`` leaves one terminal.
    """
    rng = np.random.default_rng(seed)
    graph, terminals = instance.graph, instance.terminals
    tail, head, weight, n = graph.tail, graph.head, graph.weight, graph.n_vertices
    if kind == "weights":
        weight = weight * rng.uniform(0.7, 1.3, weight.size)
    elif kind == "terminals":
        label = components(graph)
        inside = np.flatnonzero(label == label[terminals[0]])
        kept = rng.choice(terminals, terminals.size // 2, replace=False)
        terminals = np.union1d(kept, rng.choice(inside, terminals.size - kept.size, replace=False))
    elif kind == "free":
        weight = np.where(rng.random(weight.size) < 0.15, 0.0, weight)
    elif kind == "doubled":
        twin = rng.choice(weight.size, weight.size // 5, replace=False)
        loops = rng.integers(0, n, 50)
        order = rng.permutation(weight.size + twin.size + loops.size)
        tail = np.concatenate([tail, head[twin], loops])[order]
        head = np.concatenate([head, graph.tail[twin], loops])[order]
        dearer = weight[twin] * rng.choice([1.0, 1.5], twin.size)
        weight = np.concatenate([weight, dearer, np.ones(loops.size)])[order]
    elif kind == "loose":
        terminals = np.concatenate([terminals, n + np.arange(20)])
        n += 20
    else:
        terminals = rng.choice(terminals, 1)
    return Instance(
        f"{instance.name}~{kind}", Graph(tail, head, weight, n), terminals, instance.root
    )
