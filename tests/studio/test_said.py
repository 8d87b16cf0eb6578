"""Whatever the program says of faults, areas and coverage, a planner can read in nynorsk."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bredband
from bredband.rollout import Why, in_words
from bredband.studio.words import said

ROOM = Path(bredband.__file__).parent
KNOWN = tomllib.loads((ROOM / "studio" / "said_nn.toml").read_text("utf-8"))

NEVER_IN_THE_STUDIO = (
    "cli/", "pipeline/cluster.py", "pipeline/sector.py", "sector/", "sources/fetch/", "exchange/dispatch.py", "coverage/consultation.py",
)  # fmt: skip
"""Rooms whose sentences only the command line says."""

FAULTS = ("InputError", "TableError", "ScenarioError", "PlanError")
ASIDE = ("Fault", "Repeat")


def sentences_of(code: str, *, validators: bool) -> Iterator[str]:
    """Give every sentence that a file of code raises or sets rows aside with, holes as ``{}``."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        spoken = [k.value for k in node.keywords if k.arg in ("advice", "reason")]
        if name in FAULTS or (validators and name == "ValueError"):
            spoken += node.args[:1]
        elif name in ASIDE:
            spoken += node.args[2:4]
        elif name != "drop_rows":
            continue
        for part in spoken:
            for choice in (part.body, part.orelse) if isinstance(part, ast.IfExp) else (part,):
                if (sentence := template(choice)) and any(c.isalpha() for c in sentence):
                    yield sentence


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
    assert missing == {}, "write these in bredband/studio/said_nn.toml"


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
@pytest.mark.parametrize("finite", [True, False])
def test_the_answer_to_why_not_is_nynorsk_to_the_last_sentence(barred, finite):
    number = 1.2 if finite else np.inf
    moved = {"area_id": ["Vik"], "year_before": [2027.0], "year_after": [np.nan]}
    pushed = pd.DataFrame(moved if barred else {name: [] for name in moved})
    why = Why("Nes", None, barred, ("Å",) if barred else (), 3, 2.0, number, number, number, pushed)
    for line in [*in_words(why), "Nes bygges i 2028."]:
        assert said(line, "nn") != line


def test_a_page_about_a_fault_is_nynorsk(server):
    cookie = f"bredband-{server.port}={server.token}; maalform=nn"
    page = server.ask("GET", "/scenario/finnes-ikke", Cookie=cookie).text
    assert "Scenarioet finst ikkje." in page
    assert "Gå til framsida" in page
