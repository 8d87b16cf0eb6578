"""Whatever the program says of faults, areas and coverage, a planner can read in nynorsk."""

from __future__ import annotations

import ast
import errno
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bredband
from bredband.errors import CAUSES, cause_of
from bredband.network.design import CUT_OFF, TOO_FAR
from bredband.pipeline.readings import OLD_NUMBER
from bredband.reading.table import NULLS_REMOVED, STRAY_QUOTE
from bredband.rollout import Why, in_words
from bredband.scenario.sources import SOURCE_NAMES
from bredband.sources import households
from bredband.sources.features import MENDED_POLYGON
from bredband.sources.kartverket.addresses import NO_ACCESS
from bredband.sources.osm import addresses as osm_addresses
from bredband.sources.osm import roads as osm_roads
from bredband.sources.position import SWAPPED
from bredband.wording import said

ROOM = Path(bredband.__file__).parent
KNOWN = tomllib.loads((ROOM / "wording" / "said_nn.toml").read_text("utf-8"))

NEVER_IN_THE_STUDIO = (
    "cli/", "pipeline/cluster.py", "pipeline/sector.py", "sector/", "sources/fetch/", "exchange/dispatch.py",
)  # fmt: skip
"""Rooms whose sentences only the command line says."""

SAME = (
    "Adresser",
    "Kommunegrenser",
    "Vegnett",
    "Terreng",
    "Overflate",
    "Arealdekke",
    "Master",
    "Telefonrunde",
    "Bedrifter per rute",
)
"""Names that are the same in both."""

FAULTS = ("InputError", "TableError", "ScenarioError", "PlanError")
ASIDE = ("Fault", "Repeat")


def sentences_of(code: str, *, validators: bool) -> Iterator[str]:
    """Give every sentence that a file of code raises or sets rows aside with, holes as ``{}``."""
    tree = ast.parse(code)
    named = dict(constants(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        told = ("advice", "reason", "what") if name == "Proof" else ("advice", "reason")
        spoken = [k.value for k in node.keywords if k.arg in told]
        if name in FAULTS or (validators and name == "ValueError"):
            spoken += node.args[:1]
        elif name in ASIDE:
            spoken += node.args[2:4]
        elif name == "set_aside_rows":
            spoken += node.args[5:7]
        elif name != "drop_rows":
            continue
        for part in spoken:
            for choice in (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,):
                known = named.get(getattr(choice, "id", ""), choice)
                if (sentence := template(known)) and any(c.isalpha() for c in sentence):
                    yield sentence


def constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Give what a file's own names for sentences stand for: ``A = "…"`` and ``A, B = "…", "…"``."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            pairs = [(node.targets[0], node.value)]
            if isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(node.targets[0].elts, node.value.elts, strict=True))
            yield from ((to.id, value) for to, value in pairs if isinstance(to, ast.Name))


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = ast.iter_child_nodes(node)
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (template(node.left) or "{}") + (template(node.right) or "{}")
    return ""


def test_every_sentence_about_a_fault_exists_in_nynorsk():
    missing = {}
    for file in sorted(ROOM.rglob("*.py")):
        name = file.relative_to(ROOM).as_posix()
        if name.startswith(NEVER_IN_THE_STUDIO):
            continue
        for sentence in sentences_of(
            file.read_text("utf-8"), validators=name.startswith("scenario/")
        ):
            if sentence not in KNOWN and sentence.replace("{}", "", 1) not in ("", ": {}"):
                missing[sentence] = name
    assert missing == {}, "write these in bredband/wording/said_nn.toml"


def test_what_a_report_says_of_the_data_exists_in_nynorsk():
    mends = (
        SWAPPED,
        NO_ACCESS,
        MENDED_POLYGON,
        STRAY_QUOTE,
        NULLS_REMOVED,
        OLD_NUMBER,
        osm_roads.SHORTENED,
    )
    refused = (osm_roads.NOT_A_ROAD, osm_roads.READ_BEFORE, osm_roads.OUTSIDE)
    rules = (
        households.COUNTED, households.NO_DWELLINGS_BUSINESS, households.NO_DWELLINGS_HOLIDAY, households.BY_BUILDING,
        households.SPREAD, osm_addresses.NOBODY_AT_HOME,
    )  # fmt: skip
    places = (TOO_FAR, CUT_OFF, "husstander", "husstandsår, gitt husstandene")
    spoken = (*mends, *refused, *rules, *places, *SOURCE_NAMES.values())
    assert [s for s in spoken if said(s, "nn") == s and s not in SAME] == []


def test_whatever_speaks_for_or_against_a_claim_exists_in_nynorsk():
    code = ast.parse((ROOM / "coverage" / "assessment.py").read_text("utf-8"))
    texts = {n.value for n in ast.walk(code) if isinstance(n, ast.Constant)}
    clauses = [t for t in texts if str(t).startswith((" er meldt", ", bekreftet"))]
    assert len(clauses) > 8
    offer, told = (
        "100/50 Mbit/s fast trådløst bredbånd fra Nett",
        "100/50 Mbit/s fast trådlaust breiband frå Nett",
    )
    for clause in clauses:
        answer = said(f"Tilbudet {offer}{clause}; sannsynligheten for dekning er 3 %.", "nn")
        assert answer.startswith(f"Tilbodet {told}"), answer
        assert answer.endswith("; sannsynet for dekning er 3 %.")
        assert clause == " er meldt, men svaret på telefon er nei" or clause not in answer


def test_why_the_system_would_not_is_said_in_both_languages():
    assert [cause for cause in CAUSES.values() if cause not in KNOWN] == []
    full = f"/a/b: kan ikke skrive hit: {cause_of(OSError(errno.EROFS, 'Read-only'))}."
    assert said(full, "nb") == "/a/b: kan ikke skrive hit: disken kan bare leses."
    assert said(full, "nn") == "/a/b: kan ikkje skrive hit: disken kan berre lesast."
    assert cause_of(OSError(errno.EIO, "Input/output error")) == "Input/output error"


def test_nynorsk_fills_the_same_holes():
    assert [s for s, nynorsk in KNOWN.items() if s.count("{}") != nynorsk.count("{}")] == []
    assert said("hei på deg", "nn") == "hei på deg"
    assert said("fila er tom.", "nb") == "fila er tom."


@pytest.mark.parametrize(
    ("bokmaal", "nynorsk"),
    [
        ("området «Å {0}» finnes ikke.", "området «Å {0}» finst ikkje."),
        ("Fila finnes ikke.", "Fila finst ikkje."),
        ("/a/b c/x.csv, linje 3: fila finnes ikke.", "/a/b c/x.csv, linje 3: fila finst ikkje."),
        (
            "ingen plan oppfyller alle kravene. Dette går ikke sammen innenfor rammene: "
            "must_build (Å i 3); høyst ett av Vik, Nes.",
            "ingen plan oppfyller alle krava. Dette går ikkje i hop innanfor rammene: "
            "must_build (Å i 3); høgst eitt av Vik, Nes.",
        ),
        (
            "Ikke sikkert dekket: tilbudet 1000/500 Mbit/s fiber fra Nett er meldt, men svar derfra "
            "sier nei (sannsynlighet 12 %); kan få støtte: hvitt område, mangler 30 Mbit/s.",
            "Ikkje sikkert dekt: tilbodet 1000/500 Mbit/s fiber frå Nett er meldt, men svar derifrå "
            "seier nei (sannsyn 12 %); kan få støtte: kvitt område, manglar 30 Mbit/s.",
        ),
        (
            "Dekket: 1000/500 Mbit/s fiber fra Nett, bekreftet av svar (sannsynlighet 93 %).",
            "Dekt: 1000/500 Mbit/s fiber frå Nett, stadfesta av svar (sannsyn 93 %).",
        ),
        (
            "Ikke dekket: ingen registrerte tilbud; ikke støtte: nettet (fiber) kan lett oppgraderes.",
            "Ikkje dekt: ingen registrerte tilbod; ikkje støtte: nettet (fiber) kan lett oppgraderast.",
        ),
    ],
)
def test_names_and_numbers_keep_their_place(bokmaal, nynorsk):
    assert said(bokmaal, "nn") == nynorsk


@pytest.mark.parametrize("barred", [True, False])
@pytest.mark.parametrize("number", [0.001, 1.001, 1.2, 30.0, np.inf])
@pytest.mark.parametrize("entering_nok", [0.0, 1.9e6, 3e6])
def test_the_answer_to_why_not_is_nynorsk_to_the_last_sentence(barred, number, entering_nok):
    moved = {"area_id": ["Vik"], "year_before": [2027.0], "year_after": [np.nan]}
    pushed = pd.DataFrame(moved if barred else {name: [] for name in moved})
    first = ("Å",) if barred else ()
    why = Why("Nes", None, barred, first, 3_000_000, entering_nok, number, number, number, pushed)
    for line in [*in_words(why), "Nes bygges i 2028."]:
        assert said(line, "nn") != line
