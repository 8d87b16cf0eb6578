"""Answers kept by what they were made of, so that a second run does only what changed.

The address of an answer is the SHA-256 of the function's name, the content of every argument,
this program and the libraries it stands on. An answer is written once, under its address, and
never changed: a folder that has its name is whole, whoever was killed while writing it.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib
import importlib.metadata
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel

from bredband.errors import InputError, cause_of
from bredband.grid import word_projection

P = ParamSpec("P")
T = TypeVar("T")

CONTENT = "innhold.json"
_LAST = "siste.json"


class Keep(Protocol):
    """How a stage is run: computed, or answered from what is kept."""

    def __call__(self, function: Callable[P, T], /, *inputs: P.args, **choices: P.kwargs) -> T:
        """Give ``function(*inputs, **choices)``."""


def afresh(function: Callable[P, T], /, *inputs: P.args, **choices: P.kwargs) -> T:
    """Compute the answer and keep nothing."""
    return function(*inputs, **choices)


@dataclass(frozen=True)
class Store:
    """Answers in a folder, and which of them this run used.

    Call it as the function: ``store(judge, premises, choices)`` is ``judge(premises, choices)``,
    from the folder if it was answered before. Functions must answer from their arguments alone:
    no clock, no files but those that are arguments, no module state.
    """

    folder: Path
    fresh: bool = False
    """Compute everything again, and keep the new answers."""
    reused: list[str] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)
    _used: list[str] = field(default_factory=list)
    _known: dict[int, tuple[Any, str]] = field(default_factory=dict)

    def __call__(self, function: Callable[P, T], /, *inputs: P.args, **choices: P.kwargs) -> T:
        """Give the function's answer, kept or computed.

        What is computed is read back from the folder, so that the next stage gets the same
        whether this run or an earlier one made it.
        """

        def write(folder: Path) -> None:
            _write_answer(folder, function(*inputs, **choices))

        answer: T = _read_answer(self._entry(function, (inputs, choices), write))
        return answer

    def files(self, write: Callable[..., Any], /, *inputs: Any) -> Path:
        """Give a folder with the files that ``write(folder, *inputs)`` writes; do not change it."""
        return self._entry(write, (inputs, {}), lambda folder: write(folder, *inputs))

    def forget_unused(self) -> None:
        """Remove what neither this run nor the one before it used."""
        last = self.folder / _LAST
        before = json.loads(last.read_text("utf-8")) if last.is_file() else []
        for entry in self.folder.iterdir():
            if entry.is_dir() and entry.name not in {*self._used, *before}:
                shutil.rmtree(entry, ignore_errors=True)
        temporary = last.with_suffix(".ny")
        temporary.write_text(json.dumps(self._used), "utf-8")
        temporary.replace(last)

    def _entry(
        self, function: Callable[..., Any], inputs: object, write: Callable[[Path], None]
    ) -> Path:
        name = f"{function.__module__}.{function.__qualname__}"
        digest = hashlib.sha256(f"{name} {_program()} {self._digest(inputs)}".encode())
        entry = self.folder / digest.hexdigest()
        self._used.append(entry.name)
        if not self.fresh and _is_whole(entry):
            self.reused.append(name)
            return entry
        with _new_folder(entry) as temporary:
            write(temporary)
            _seal(temporary)
        self.computed.append(name)
        return entry

    def _digest(self, value: object) -> str:
        """Give the SHA-256 of a value's content; of frozen data it is found once."""
        if isinstance(value, pd.DataFrame | np.ndarray) or dataclasses.is_dataclass(value):
            known = self._known.get(id(value))
            if known is None:
                # The value is held, so that no other can get its id while this run lasts.
                known = self._known[id(value)] = (value, self._sha256(_parts(value)))
            return known[1]
        return self._sha256(_parts(value))

    def _sha256(self, parts: Iterable[bytes | memoryview | _Inner]) -> str:
        digest = hashlib.sha256()
        for part in parts:
            digest.update(self._digest(part.value).encode() if isinstance(part, _Inner) else part)
        return digest.hexdigest()


@dataclass(frozen=True)
class _Inner:
    """A value inside another one."""

    value: object


def _parts(value: object) -> Iterator[bytes | memoryview | _Inner]:
    """Take a value apart into bytes, kind first, so that no two kinds look the same."""
    yield f"{type(value).__qualname__}:".encode()
    if isinstance(value, pd.DataFrame):
        yield memoryview(_arrow_bytes(value))
    elif isinstance(value, np.ndarray) and value.dtype == object:
        yield memoryview(_arrow_bytes(_as_geometries(value)))
    elif isinstance(value, np.ndarray):
        yield f"{value.dtype} {value.shape}:".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, BaseModel):
        yield value.model_dump_json().encode()
    elif dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield f"{part.name}=".encode()
            yield _Inner(getattr(value, part.name))
    elif isinstance(value, dict):
        yield f"{len(value)}:".encode()
        for key, inner in value.items():
            yield _Inner(key)
            yield _Inner(inner)
    elif isinstance(value, tuple | list):
        yield f"{len(value)}:".encode()
        yield from map(_Inner, value)
    elif isinstance(value, Path):
        yield sha256(value).encode()  # a file is what it holds, wherever it lies
    elif value is None or isinstance(value, str | int | float | bool):
        yield repr(value).encode()
    else:
        raise TypeError(f"no address can be made of a {type(value)}")


def _arrow_bytes(frame: pd.DataFrame) -> pa.Buffer:
    if isinstance(frame, gpd.GeoDataFrame) and frame.geometry is not None:
        table = pa.table(word_projection(frame).to_arrow())
    else:
        table = pa.Table.from_pandas(pd.DataFrame(frame))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table.combine_chunks())
    return sink.getvalue()


def _as_geometries(shapes: np.ndarray[Any, Any]) -> gpd.GeoDataFrame:
    """Make a frame of an array of geometries; an array of other objects has no content to name."""
    return gpd.GeoDataFrame(geometry=gpd.array.GeometryArray(shapes))


@functools.cache
def _program() -> str:
    """Name this program by its source, and the libraries by their versions."""
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for file in sorted(root.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    for requirement in importlib.metadata.requires("bredband") or ():
        if "extra ==" not in requirement:
            name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
            digest.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    return digest.hexdigest()


# --- how an answer lies on disk ------------------------------------------------------------


def _write_answer(folder: Path, answer: object) -> None:
    """Write frames as Parquet, arrays as NumPy files and the rest as JSON."""

    def plain(value: object) -> Any:
        path = folder / str(len(list(folder.iterdir())))
        if isinstance(value, pd.DataFrame):
            is_geo = isinstance(value, gpd.GeoDataFrame)
            worded = word_projection(value) if is_geo else value
            worded.to_parquet(path, compression="zstd")
            return {"geo" if is_geo else "frame": path.name}
        if isinstance(value, np.ndarray) and value.dtype == object:
            _as_geometries(value).to_parquet(path)
            return {"geometries": path.name}
        if isinstance(value, np.ndarray):
            with path.open("wb") as file:
                np.save(file, value, allow_pickle=False)
            return {"array": path.name}
        if dataclasses.is_dataclass(value):
            kind = type(value)
            fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {"class": f"{kind.__module__}:{kind.__qualname__}", "fields": fields}
        if isinstance(value, tuple | list):
            return {"tuple" if isinstance(value, tuple) else "list": [plain(v) for v in value]}
        if isinstance(value, dict):
            return {"dict": [[plain(k), plain(v)] for k, v in value.items()]}
        if isinstance(value, np.generic):
            return value.item()
        if value is None or isinstance(value, str | int | float | bool):
            return value
        raise TypeError(f"a {type(value)} cannot be kept")

    tree = plain(answer)
    (folder / "svar.json").write_text(json.dumps(tree, ensure_ascii=False), "utf-8")


def _read_answer(folder: Path) -> Any:
    def value(tree: Any) -> Any:
        if not isinstance(tree, dict):
            return tree
        [(kind, what), *_] = tree.items()
        if kind == "frame":
            return pd.read_parquet(folder / what)
        if kind == "geo":
            return gpd.read_parquet(folder / what)
        if kind == "geometries":
            return np.asarray(gpd.read_parquet(folder / what).geometry.array)
        if kind == "array":
            return np.load(folder / what, allow_pickle=False)
        if kind == "class":
            return _class(what)(**{name: value(part) for name, part in tree["fields"].items()})
        if kind == "dict":
            return {value(key): value(part) for key, part in what}
        return (tuple if kind == "tuple" else list)(value(part) for part in what)

    return value(json.loads((folder / "svar.json").read_text("utf-8")))


def _class(path: str) -> Any:
    """Find a dataclass of this program by name; nothing else is made from a file."""
    module, _, name = path.partition(":")
    found = getattr(importlib.import_module(module), name, None) if _is_ours(module) else None
    if found is None or not dataclasses.is_dataclass(found):
        raise InputError(f"«{path}» er ikke noe bredband kan lese.", advice="Slett mappa «lager».")
    return found


def _is_ours(module: str) -> bool:
    return module == "bredband" or module.startswith("bredband.")


# --- whole or not at all ---------------------------------------------------------------------


@contextmanager
def _new_folder(entry: Path) -> Iterator[Path]:
    """Give an empty folder that becomes ``entry`` if all goes well."""
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".", dir=entry.parent))
    except OSError as fault:
        raise InputError(
            f"kan ikke skrive hit: {cause_of(fault)}.",
            file=entry.parent,
            advice="Velg en mappe du kan skrive i, med ledig plass.",
        ) from None
    try:
        yield temporary
        shutil.rmtree(entry, ignore_errors=True)  # a damaged one, or the same answer
        # Another process may have put the same answer there meanwhile.
        with suppress(FileExistsError):
            temporary.rename(entry)
    except OSError as fault:
        raise InputError(
            f"kunne ikke skrives: {cause_of(fault)}.",
            file=entry.parent,
            advice="Se etter ledig plass og skriverettigheter.",
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        with suppress(OSError):
            entry.parent.rmdir()  # only where nothing else is kept


def _seal(folder: Path) -> None:
    """Note the SHA-256 of every file, and let the disk have them before the folder gets its name."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {path.relative_to(folder).as_posix(): sha256(path) for path in files}
    (folder / CONTENT).write_text(json.dumps(digests), "utf-8")
    for path in [*files, folder / CONTENT]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _is_whole(entry: Path) -> bool:
    """Tell whether an answer is there, as it was written."""
    try:
        digests = json.loads((entry / CONTENT).read_text("utf-8"))
        return all(sha256(entry / name) == digest for name, digest in digests.items())
    except (OSError, ValueError):
        return False


def sha256(path: Path) -> str:
    """Give the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
