"""Read published Steiner instances: PACE, SteinLib and the Santa Cruz street folders."""

from __future__ import annotations

import gzip
import json
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
    """Read a PACE ``.gr`` or SteinLib ``.stp`` file, plain or gzipped; vertices count from 1."""
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    n_vertices, edges, terminals = 0, [], []
    for row, line in enumerate(text.decode("latin-1").splitlines(), 1):
        match line.split():
            case ["E", tail, head, weight]:
                edges.append((float(tail), float(head), float(weight)))
            case ["T", vertex]:
                terminals.append(int(vertex))
            case [word, count] if word.lower() == "nodes":
                n_vertices = int(count)
            case ["E", *_] | ["A", _, _, *_]:
                raise InputError("Ventet «E punkt punkt vekt».", file=path, row=row)
    if not edges or not terminals:
        raise InputError("Fant ingen kanter eller terminaler.", file=path)
    tail, head, weight = np.array(edges).T
    graph = Graph(tail.astype(np.int64) - 1, head.astype(np.int64) - 1, weight, n_vertices)
    return Instance(path.name.split(".")[0], graph, np.unique(terminals) - 1, None)


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
