"""The form is the scenario's model: nothing lost, nothing invented, and the file is TOML."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bredband import wording
from bredband.scenario import read_scenario
from bredband.scenario.toml_text import toml_text
from bredband.studio import form
from bredband.studio.changed import changed_values
from bredband.studio.faults import of_run, sentences
from bredband.studio.files import remembered, write_text
from bredband.studio.folder import slug_of
from bredband.studio.recognise import recognise, sources_of
from bredband.studio.words import explained, words

ASSETS = Path(form.__file__).parents[1] / "assets"

plain = st.recursive(
    st.text()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), plain, max_size=4))
def test_toml_reads_back_as_it_was_written(values):
    assert tomllib.loads(toml_text(values)) == values


def demo_values(demo):
    return read_scenario(demo / "scenario.toml").model_dump(mode="json")


def test_a_form_that_nobody_touched_gives_the_same_scenario(demo):
    scenario = read_scenario(demo / "scenario.toml")
    values = demo_values(demo)
    model, faults = form.judge(form.read_form(form.shown_values(values), values))
    assert faults == []
    assert model.model_copy(update={"folder": scenario.folder}) == scenario


def test_every_field_reads_back_what_it_shows(demo, monkeypatch):
    """Even if each of them were touched."""
    values = demo_values(demo)
    shown = form.shown_values(values)
    monkeypatch.setattr(form.values, "_filled", lambda said: object())
    model, faults = form.judge(form.read_form(shown, values))
    assert faults == []
    assert model.model_dump(mode="json") == {**values}


@pytest.fixture(scope="module")
def demo_shown(demo):
    values = demo_values(demo)
    return values, form.shown_values(values)


def test_the_file_holds_only_what_differs_and_reads_back(demo, tmp_path):
    scenario = read_scenario(demo / "scenario.toml")
    file = tmp_path / "scenario.toml"
    file.write_text(toml_text(changed_values(scenario)), "utf-8")
    again = read_scenario(file)
    assert again.model_copy(update={"folder": scenario.folder}) == scenario
    assert "[costs" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("path", "typed", "value"),
    [
        ("funding.local_share", "12,5 %", 0.125),
        ("funding.local_share", "7", 0.07),
        ("rollout.annual_grant_nok", "14,25", [14_250_000]),
        ("funding.operator_nok_per_household", "30 000", 30_000),
        ("rollout.highest_grant_nok_per_household", "", None),
        ("rollout.first_year", "2028", 2028),
    ],
)
def test_numbers_are_read_as_norwegians_write_them(demo, path, typed, value):
    values = demo_values(demo)
    shown = {**form.shown_values(values), path: [typed]}
    read = form.read_form(shown, values)
    section, name = path.split(".")
    assert read[section].get(name) == value


NOTHING = [f for f in form.fields() if f.kind in ("number", "integer", "choice")]


@pytest.mark.parametrize("field", NOTHING, ids=lambda field: field.path)
def test_what_she_empties_is_missing_and_never_the_default_in_silence(demo_shown, field):
    values, shown = demo_shown
    model, faults = form.judge(form.read_form({**shown, field.path: [" "]}, values))
    if field.may_be_empty:
        assert model is not None
    else:
        assert [(fault["field"], fault["kind"]) for fault in faults] == [(field.path, "missing")]
        assert sentences(faults, "nb")[0]["sentence"] == "Må fylles ut."


def test_a_row_she_empties_is_missing(demo_shown):
    values, shown = demo_shown
    rows = {name: [""] for name in shown if name.startswith("costs.trench_nok_per_m.soft.")}
    _, faults = form.judge(form.read_form({**shown, **rows}, values))
    assert {fault["field"] for fault in faults} == {"costs.trench_nok_per_m"}
    assert {fault["kind"] for fault in faults} == {"missing"}


def test_faults_name_their_field(demo):
    values = demo_values(demo)
    shown = form.shown_values(values)
    bad = {
        "funding.local_share": ["150"], "rollout.annual_grant_nok": ["fjorten"],
        "costs.trench_nok_per_m.soft.low_nok": ["-5"], "name": [" "],
    }  # fmt: skip
    _, faults = form.judge(form.read_form({**shown, **bad}, values))
    assert {fault["field"] for fault in faults} == {
        "funding.local_share", "rollout.annual_grant_nok", "costs.trench_nok_per_m", "name"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "borrow_share krever at carry_over er true",
            "borrow_share krever at «Ubrukte penger kan overføres til neste år» er krysset av.",
        ),
        ("minst ett år må ha en tilskuddsramme", "Minst ett år må ha en tilskuddsramme."),
        (
            "floors har 2 år, men annual_grant_nok har 3",
            "Floors har 2 år, men «Tilskudd per år» har 3.",
        ),
    ],
)
def test_a_fault_calls_the_fields_what_the_form_calls_them(text, shown):
    fault = {"kind": "value_error", "text": text, "field": "", "path": "", "bound": "", "unit": ""}
    assert sentences([fault], "nb")[0]["sentence"] == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("finner ikke roads: veger.osm i fylke.", "Finner ikke veger: veger.osm i fylke."),
        ("must_build (9901-306-6700).", "«Må bygges» («Vesle»)."),
        ("fila er tom.", "Fila er tom."),
    ],
)
def test_what_stops_a_run_is_said_as_the_pages_say_it(text, shown):
    assert of_run(text, "nb", {"9901-306-6700": "Vesle"}) == shown


@pytest.mark.parametrize("amount", ["1000001", "1e99", "9" * 39])
def test_a_sum_that_no_county_means_is_refused(demo, amount):
    values = demo_values(demo)
    said = form.shown_values(values) | {"rollout.annual_grant_nok": ["14", amount]}
    _, faults = form.judge(form.read_form(said, values))
    assert [fault["field"] for fault in faults] == ["rollout.annual_grant_nok"]
    assert "urimelig stort" in sentences(faults, "nb")[0]["sentence"]


def test_every_lever_is_a_field_with_a_label_and_a_help():
    known = {field.path: field for field in form.fields()}
    for language in ("nb", "nn"):
        w = words(language)
        for path in form.lever_paths():
            assert path in known
            assert w["labels"][path]
            assert w["helps"].get(path) or known[path].sentences
        for group in form.LEVERS:
            assert w[f"group_{group}"]


def test_every_word_of_the_pages_exists_in_both_languages():
    used = set()
    for page in ASSETS.glob("*.j2"):
        used |= set(re.findall(r"\bw\.([a-z_]+)", page.read_text("utf-8")))
    for language in ("nb", "nn"):
        assert used - set(words(language)) == set()
    states = {"none", "queued", "running", "done", "failed", "stopped"}
    assert {f"state_{state}" for state in states} <= set(words("nb"))


def test_nynorsk_is_not_bokmaal():
    nb, nn = words("nb"), words("nn")
    long = [key for key, text in nb.items() if isinstance(text, str) and len(text.split()) > 6]
    same = [key for key in long if nb[key] == nn[key]]
    assert set(same) <= {"sum"}


def test_every_explanation_of_a_field_exists_in_nynorsk():
    known = tomllib.loads((ASSETS.parent / "fields_nn.toml").read_text("utf-8"))
    columns = [column for field in form.fields() for column in field.columns]
    said = {sentence for field in [*form.fields(), *columns] for sentence in field.sentences}
    assert said - set(known) == set(), "write these in bredband/studio/fields_nn.toml"
    assert explained(("Nye master.", "Metoden."), "nn") == "Nye master. Metoden."


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ærlig Øst–Å", "aerlig-ost-a"),
        ("../..", "uten-navn"),
        ("  ", "uten-navn"),
        ("a" * 90, "a" * 40),
        ("CON", "con"),
    ],
)
def test_folder_names(name, slug):
    assert slug_of(name) == slug


def test_the_demo_files_are_recognised_by_what_they_hold(demo, tmp_path):
    """Under names that say nothing."""
    wrong = []
    wanted = read_scenario(demo / "scenario.toml").sources.model_dump()
    for source, patterns in wanted.items():
        if not isinstance(patterns, tuple):
            continue
        for i, path in enumerate(p for pattern in patterns for p in sorted(demo.glob(pattern))):
            copy = tmp_path / f"{source}-{i}".replace(
                source, "fil" + str(len(list(tmp_path.iterdir())))
            )
            copy.write_bytes(path.read_bytes())
            if recognise(copy) != source:
                wrong.append((path.name, recognise(copy)))
    assert wrong == []


def test_lists_that_come_back_are_recognised(tmp_path):
    """As the hearing and the call list are written."""
    heads = [
        (
            "hearing",
            "adresseid;veinavn;nr;adresse;postnr;sted;kommunenr;gnr/bnr/fnr;Ø;N;status;grunn;"
            "svar;tilbyder;teknologi;ned_mbps;opp_mbps;ferdig;kommentar",
        ),
        *(
            ("calls", ";".join(wording.sentences("coverage", language)["calls"].values()))
            for language in ("nb", "nn")
        ),
    ]
    for source, head in heads:
        (tmp_path / "fil.csv").write_text(f"\ufeff{head}\r\n1;\r\n", "utf-8")
        assert recognise(tmp_path / "fil.csv") == source


def test_what_is_nothing_is_not_recognised(tmp_path):
    for i, data in enumerate(
        (
            b"",
            b"\0" * 100,
            b"hei",
            b"a;b\n1;2",
            b"{}",
            b"<html>",
            b"PK\x03\x04x",
            b"SQLite format 3\0",
        )
    ):
        path = tmp_path / f"{i}.csv"
        path.write_bytes(data)
        assert recognise(path) == ""
    assert sources_of(sorted(tmp_path.iterdir())) == {}


def test_elverum_is_recognised(shared_data):
    norway = shared_data / "norway"
    address = next((norway / "addresses").glob("*.csv"))
    assert recognise(address) == "addresses"
    assert recognise(norway / "admin" / "Kommuner-M.geojson") == "borders"


def test_a_file_is_read_again_only_when_it_has_changed(tmp_path):
    seen = []

    def read(path):
        seen.append(path.name)
        return path.read_text("utf-8")

    ask = remembered(read, most=2)
    file = tmp_path / "a.json"
    write_text(file, "en")
    assert [ask(file), ask(file)] == ["en", "en"]
    write_text(file, "to")
    assert [ask(file), len(seen)] == ["to", 2]
    file.unlink()
    with pytest.raises(FileNotFoundError):
        ask(file)
