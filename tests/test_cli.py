"""The command line: what it prints, and one sentence for every kind of bad input."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from bredband import cli
from tests import lilleland_files
from tests.maps.unpack import unpack


def bredband(*words: str | Path) -> tuple[int, str, str]:
    result = subprocess.run(
        [sys.executable, "-m", "bredband", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout, result.stderr


def call(monkeypatch, capsys, *words: str | Path) -> tuple[int, str, str]:
    """Run a command in this process, which spares the imports."""
    monkeypatch.setattr(sys, "argv", ["bredband", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    return int(stop.value.code or 0), out, err


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path]:
    """Lilleland as files, and the plan made from them."""
    folder = tmp_path_factory.mktemp("lilleland")
    scenario = lilleland_files.write(folder / "inn")
    code, _, err = bredband("run", scenario, "--out", folder / "ut")
    assert (code, err) == (0, "")
    return scenario, folder / "ut"


def test_run_writes_everything_and_is_quiet_without_a_terminal(made):
    _, out = made
    names = {path.name for path in out.iterdir()}
    assert {"kart.html", "plan.docx", "plan.gpkg", "plan.json", "provenance.json"} <= names
    assert [path.name for path in out.rglob(".*")] == [".lock"]


def test_files_give_the_plan_that_tables_give(made):
    _, out = made
    kpis = json.loads((out / "plan.json").read_text("utf-8"))["kpis"]
    assert kpis["weighted_household_years"] == 24
    assert kpis["grant_nok"] == 316_000


@pytest.mark.parametrize("command", ["ingest", "coverage", "plan"])
def test_steps_run_one_by_one(made, command, tmp_path, monkeypatch, capsys):
    scenario, out = made
    copy = tmp_path / "ut"
    shutil.copytree(out, copy)
    code, printed, _ = call(monkeypatch, capsys, command, scenario, "--out", copy, "--json")
    assert code == 0
    assert json.loads(printed)


def test_map_and_report_are_made_again(made, tmp_path, monkeypatch, capsys):
    _, out = made
    copy = tmp_path / "ut"
    shutil.copytree(out, copy)
    (copy / "kart.html").unlink()
    (copy / "plan.docx").unlink()
    assert call(monkeypatch, capsys, "map", copy)[0] == 0
    assert call(monkeypatch, capsys, "report", copy)[0] == 0
    assert (copy / "kart.html").stat().st_size > 50_000
    assert (copy / "plan.docx").stat().st_size > 5_000


def test_a_public_map_is_made_when_the_scenario_asks(made, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "ut"
    shutil.copytree(made[1], copy)
    choices = json.loads((copy / "scenario.json").read_text("utf-8"))
    choices["output"]["public_map"] = True
    (copy / "scenario.json").write_text(json.dumps(choices), "utf-8")
    assert "kart-offentlig.html" in call(monkeypatch, capsys, "map", copy)[1]
    assert (copy / "kart-offentlig.html").stat().st_size > 50_000
    choices["output"]["public_map"] = False
    (copy / "scenario.json").write_text(json.dumps(choices), "utf-8")
    call(monkeypatch, capsys, "map", copy)
    assert not (copy / "kart-offentlig.html").exists()


def test_the_hearing_there_and_back(made, tmp_path, monkeypatch, capsys):
    """The first on the list is offered a gigabit; a foreign address and a word too many are told of."""
    scenario, copy = made[0], tmp_path / "ut"
    shutil.copytree(made[1], copy)
    listed = tmp_path / "horing.csv"
    code, out, _ = call(
        monkeypatch, capsys, "consult", "export", scenario, "--out", copy, "--to", listed
    )
    assert code == 0
    assert "adresser på høring" in out
    with listed.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter=";"))
    answer = {"svar": "tilbyr", "tilbyder": "Ny", "teknologi": "fiber", "ned_mbps": "1000"}
    first = rows[0] | answer
    with listed.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(first), delimiter=";")
        writer.writeheader()
        writer.writerows([first, first | {"adresseid": "utenfor"}, first | {"svar": "kanskje"}])
    code, out, err = call(monkeypatch, capsys, "consult", "import", scenario, listed, "--out", copy)
    assert (code, err) == (0, "")
    assert "1 svar tatt inn, 2 rader lagt til side." in out
    assert "1: adressen finnes ikke i fylket" in out
    assert "1 adresse har fått ny status" in out
    changed = (copy / "endringer.csv").read_text("utf-8-sig").splitlines()
    assert changed[0].split(";")[:2] == ["Adresse-id", "Adresse"]
    assert changed[1].split(";")[0] == first["adresseid"]
    assert "Har tilbud" in changed[1]
    assert f"Svarene ligger i {copy / 'horing'}" in out

    def served() -> bool:
        table = pd.read_parquet(copy / "tabeller" / "coverage.parquet").set_index("premises_id")
        return bool(table.loc[first["adresseid"], "served"])

    _, out, _ = call(
        monkeypatch, capsys, "ingest", scenario, "--check-only", "--json", "--out", copy
    )
    assert json.loads(out)["hearing"]["rows_in"] == 3
    # read anew from the publishers' files, the answer is still there
    for command, said in (("plan", ""), ("run", "Høringssvar er med: 1 svar.")):
        code, out, _ = call(monkeypatch, capsys, command, scenario, "--out", copy)
        assert code == 0
        assert said in out
        assert served()
    sources = json.loads((copy / "plan.json").read_text("utf-8"))["provenance"]["files"]
    assert [file["file"] for file in sources if file["source"] == "hearing"] == ["001-horing.csv"]
    moved = tmp_path / "flyttet"
    shutil.copytree(copy, moved)
    _, out, _ = call(monkeypatch, capsys, "run", scenario, "--out", moved)
    assert "Gjenbrukt: lest inn" in out
    (copy / "horing" / "001-horing.csv").unlink()
    assert call(monkeypatch, capsys, "run", scenario, "--out", copy)[0] == 0
    assert not served()


def test_the_call_list_there_and_back(made, tmp_path, monkeypatch, capsys):
    """The county rings who is on the list, lays it beside the scenario, and is believed."""
    scenario, copy = tmp_path / "inn" / made[0].name, tmp_path / "ut"
    shutil.copytree(made[0].parent, scenario.parent)
    shutil.copytree(made[1], copy)
    assert call(monkeypatch, capsys, "conflicts", scenario, "--out", copy)[0] == 0
    listed = copy / "ringeliste.csv"
    text = listed.read_text("utf-8-sig").splitlines()
    assert text[0].endswith(";Svar")
    listed.write_text("\n".join([text[0], f"{text[1]}nei", *text[2:]]), "utf-8")
    code, _, err = call(monkeypatch, capsys, "conflicts", scenario, "--out", copy)
    assert code == 2
    assert "har svar, og ville blitt skrevet over" in err
    shutil.move(listed, scenario.parent / "ringt.csv")
    words = scenario.read_text("utf-8").replace("[sources]", '[sources]\ncalls = ["ringt.csv"]')
    scenario.write_text(words, "utf-8")
    assert call(monkeypatch, capsys, "ingest", scenario, "--out", copy)[0] == 0
    evidence = pd.read_parquet(copy / "tabeller" / "evidence.parquet")
    called = evidence[evidence["kind"] == "call"]
    assert called["premises_id"].tolist() == [text[1].split(";")[0]]
    assert called["offer"].tolist() == ["no"]
    assert (called["technology"] != "").all()
    assert call(monkeypatch, capsys, "conflicts", scenario, "--out", copy)[0] == 0
    assert text[1].split(";")[0] not in listed.read_text("utf-8-sig")


def test_coverage_is_tabulated_in_the_regulators_columns(made, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "ut"
    shutil.copytree(made[1], copy)
    assert call(monkeypatch, capsys, "coverage", made[0], "--out", copy)[0] == 0
    for name in ("", "_tettbygd", "_spredtbygd"):
        text = (copy / f"dekning_kommuner{name}.csv").read_text("utf-8-sig").splitlines()
        assert text[3].startswith("Kommune;Fylke;Fiber;Kabel-TV-nett;DSL;FTB;")


def test_check_passes(made, monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, "check", made[1])
    assert (code, "planen stemmer" in out) == (0, True)


def test_compare_puts_plans_side_by_side(made, monkeypatch, capsys):
    _, out = made
    code, printed, _ = call(monkeypatch, capsys, "compare", out, out)
    assert code == 0
    row = next(line for line in printed.splitlines() if line.startswith("Statlig tilskudd"))
    assert row.count("0,3") == 2
    code, printed, _ = call(monkeypatch, capsys, "compare", out, out, "--json")
    assert json.loads(printed)[str(out)]["households"] == 13


def test_compare_writes_a_page_with_tables_and_a_map(made, tmp_path, monkeypatch, capsys):
    code, printed, _ = call(monkeypatch, capsys, "compare", made[1], made[1], "--out", tmp_path)
    assert code == 0
    assert "sammenligning.html" in printed
    assert (tmp_path / "kart_1_mot_2.html").stat().st_size > 50_000


def test_explain_says_what_it_takes(made, monkeypatch, capsys):
    code, printed, _ = call(monkeypatch, capsys, "explain", made[1], "9901-306-6700")
    assert code == 0
    assert "er ikke med i planen" in printed
    assert "0,3\u00a0mill." in printed
    areas = json.loads((Path(made[1]) / "plan.json").read_text("utf-8"))["areas"]
    name = next(area["name"] for area in areas if area["area_id"] == "9901-306-6700")
    assert printed.startswith(f"«{name}» er ikke med i planen.")
    assert call(monkeypatch, capsys, "explain", made[1], name.lower())[1] == printed
    code, printed, _ = call(monkeypatch, capsys, "explain", made[1], "9901-301-6700")
    assert "bygges i 2027" in printed


def test_frontier_and_more_money(made, monkeypatch, capsys):
    code, printed, _ = call(monkeypatch, capsys, "frontier", made[1], "--json")
    households = [row["households"] for row in json.loads(printed)]
    assert households == sorted(households)
    code, printed, _ = call(monkeypatch, capsys, "frontier", made[1], "--years", "--json")
    rows = json.loads(printed)
    assert len(rows) > len(households)
    assert [row["households"] for row in rows if row["year"] == rows[-1]["year"]] == households
    words = ["frontier", made[1], "--more", "300000", "--year", "2029"]
    code, printed, _ = call(monkeypatch, capsys, *words)
    assert code == 0
    assert "2 husstander flere" in printed
    assert "9901-306-6700  –    2029" in printed
    words = ["frontier", made[1], "--more", "100000", "--year", "2050"]
    code, _, err = call(monkeypatch, capsys, *words)
    one_sentence(code, err, "2050")
    code, _, err = call(monkeypatch, capsys, "frontier", made[1], "--more", "10", "--year", "2029")
    one_sentence(code, err, "--more 10000000")


def test_robustness_says_what_a_reserve_costs(made, monkeypatch, capsys):
    code, printed, _ = call(monkeypatch, capsys, "robustness", made[1])
    assert code == 0
    assert "Reserven koster" in printed
    code, printed, _ = call(monkeypatch, capsys, "robustness", made[1], "--areas", "--json")
    shares = {row["area_id"]: row["2029"] for row in json.loads(printed)}
    assert all(0 <= share <= 1 for share in shares.values())
    assert shares["9901-301-6700"] == 1


def test_export_and_dispatch_write_to_disk_only(made, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "ut"
    shutil.copytree(made[1], copy)
    assert call(monkeypatch, capsys, "export", copy)[0] == 0
    assert (copy / "datapakke" / "datapackage.json").is_file()
    code, _, err = call(monkeypatch, capsys, "dispatch", copy)
    one_sentence(code, err, "mottaker")


def test_what_is_dispatched_tells_of_no_single_home(made, tmp_path, monkeypatch, capsys):
    copy = tmp_path / "ut"
    shutil.copytree(made[1], copy)
    for name in ("plan.json", "scenario.json"):
        content = json.loads((copy / name).read_text("utf-8"))
        choices = content["scenario"] if name == "plan.json" else content
        choices["output"]["dispatch"].update(
            recipient="Lilleland kommune", recipient_number="987654321"
        )
        (copy / name).write_text(json.dumps(content), "utf-8")
    sent = copy / "forsendelse"
    sent.mkdir()
    (sent / "kart.html").write_text("fra en eldre versjon", "utf-8")
    (sent / "forsendelse.json").write_text('{"dokumenter": [{"filnavn": "kart.html"}]}', "utf-8")
    code, _, err = call(monkeypatch, capsys, "dispatch", copy)
    assert (code, err) == (0, "")
    assert sorted(path.name for path in sent.iterdir()) == [
        "forsendelse.json", "kart-offentlig.html", "plan.pdf",
    ]  # fmt: skip
    page = (sent / "kart-offentlig.html").read_text("utf-8")
    packed = re.findall(r"<script[^>]*data-payload[^>]*>([^<]+)</script>", page)
    assert len(packed) == 2  # the land and the plan
    for meta, columns in map(unpack, packed):
        assert "premises" not in columns
        assert "conflicts" not in columns
        assert not any(meta.get(name) for name in ("streets", "reasons", "conflicts"))
    assert not (copy / "kart-offentlig.html").exists()


def test_tables_and_scenario_describe_themselves(monkeypatch, capsys):
    assert "premises" in call(monkeypatch, capsys, "tables")[1]
    columns = call(monkeypatch, capsys, "tables", "areas")[1].splitlines()
    (grant,) = (line for line in columns if line.startswith("grant_nok"))
    assert grant.split()[1:4] == ["int", "Norwegian", "kroner"]
    code, _, err = call(monkeypatch, capsys, "tables", "omrader")
    assert code == 2
    assert "«omrader»" in err
    assert "premises" in json.loads(call(monkeypatch, capsys, "tables", "--json")[1])
    schema = json.loads(call(monkeypatch, capsys, "scenario", "--schema")[1])
    assert schema["additionalProperties"] is False


def test_help_loads_nothing_heavy():
    words = "import sys; import bredband.cli; print([m for m in ('numba', 'pandas', 'folium') if m in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def one_sentence(code: int, err: str, *parts: str) -> None:
    assert code == 2
    assert "Traceback" not in err
    assert err.startswith("Feil: ")
    assert len(err.strip().splitlines()) <= 2, err
    for part in parts:
        assert part in err, f"{part!r} is not in {err!r}"


def spoil(scenario: Path, folder: Path, file: str, old: str, new: str) -> Path:
    """Copy Lilleland's files and change one text in one of them."""
    shutil.copytree(scenario.parent, folder)
    path = folder / file
    text = path.read_bytes().decode("utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))
    return folder / scenario.name


BAD = [
    ("scenario.toml", "annual_grant_nok", "anual_grant_nok", ["anual_grant_nok", "mente du «annual_grant_nok»"]),
    ("scenario.toml", "first_year = 2027", 'first_year = "i fjor"', ["rollout.first_year", "heltall"]),
    ("scenario.toml", "annual_grant_nok = [110000, 210000, 100000]", "annual_grant_nok = []", ["tilskuddsramme"]),
    ("scenario.toml", "[110000,", "[-110000,", ["kan ikke være negativ"]),
    ("scenario.toml", "adresser.csv", "borte.csv", ["addresses: borte.csv", "[sources]"]),
    ("scenario.toml", "[sources]", '[sources]\ncrs = "EPSG:99999"', ["EPSG:99999"]),
    ("scenario.toml", "name = ", "name == ", ["linje 1", "verdien kan ikke leses", "anførselstegn"]),
    ("adresser.csv", ";Nord;", ";Sør;", ["adresser.csv", "ord"]),
    ("grenser.geojson", "kommunenummer", "komnr_x", ["grenser.geojson", "kommunenummer"]),
    ("tente.csv", "ost", "lengde_x", ["tente.csv", "ost"]),
    ("veger.osm", "<osm", "<ikke", ["veger.osm"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "parts"), BAD)
def test_bad_input_is_one_sentence(made, tmp_path, monkeypatch, capsys, file, old, new, parts):
    scenario = spoil(made[0], tmp_path / "inn", file, old, new)
    out = tmp_path / "ut"
    code, _, err = call(monkeypatch, capsys, "run", scenario, "--out", out)
    one_sentence(code, err, *parts)
    assert not out.exists() or not [p for p in out.rglob("*") if p.is_file()]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"grant_nok": 316000', '"grant_nok": "mye"', "«kpis.grant_nok» mangler eller har feil verdi"),
        ('"grant_nok": 316000', '"grant_nok": NaN', "er ikke gyldig JSON"),
        ('"kpis"', '"tall"', "«kpis»"),
        ('"proofs"', '"bevis"', "«proofs»"),
        ('"kpis"', '"kp', "er ikke gyldig JSON"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["check", "report"])
def test_a_plan_file_that_was_spoiled_is_one_sentence(
    made, tmp_path, monkeypatch, capsys, command, old, new, told
):
    copy = tmp_path / "ut"
    shutil.copytree(made[1], copy, ignore=shutil.ignore_patterns("lager", "*.html", "*.docx"))
    text = (copy / "plan.json").read_text("utf-8")
    assert old in text
    (copy / "plan.json").write_text(text.replace(old, new, 1), "utf-8")
    code, _, err = call(monkeypatch, capsys, command, copy)
    one_sentence(code, err, told)
    assert not (copy / "plan.docx").exists()


@pytest.mark.parametrize("amount", ["nan", "inf", "-1"])
def test_no_sum_of_money_is_told(made, tmp_path, monkeypatch, capsys, amount):
    for words in (
        ("frontier", made[1], "--more", amount, "--year", "2028"),
        ("calibrate", made[1], "--per-household", amount, "--out", tmp_path / "priser.toml"),
    ):
        one_sentence(*call(monkeypatch, capsys, *words)[::2])
    assert not list(tmp_path.iterdir())


def test_letters_in_a_coordinate_set_the_row_aside(made, tmp_path, monkeypatch, capsys):
    scenario = spoil(made[0], tmp_path / "inn", "adresser.csv", ";6700520.0;", ";67x;")
    code, out, _ = call(monkeypatch, capsys, "ingest", scenario, "--out", tmp_path / "ut", "--json")
    rows = json.loads(out)["addresses"]
    assert code == 0
    assert (rows["rows_in"], rows["kept"], rows["set_aside"]) == (13, 12, 1)


def test_a_wrong_zone_is_reported(made, tmp_path, monkeypatch, capsys):
    """All addresses said to be in zone 35 land outside the border of the kommune."""
    scenario = spoil(made[0], tmp_path / "inn", "adresser.csv", ";25833;", ";9999;")
    code, out, _ = call(monkeypatch, capsys, "ingest", scenario, "--out", tmp_path / "ut", "--json")
    assert code == 0
    assert json.loads(out)["addresses"]["set_aside"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ["run", "finnes-ikke.toml", "--out", "x"],
        ["ingest", "finnes-ikke.toml", "--out", "x"],
        ["coverage", "finnes-ikke.toml", "--out", "x"],
        ["plan", "finnes-ikke.toml", "--out", "x"],
        ["map", "finnes-ikke"],
        ["report", "finnes-ikke"],
        ["check", "finnes-ikke"],
        ["compare", "finnes-ikke", "finnes-heller-ikke"],
        ["compare", "bare-en"],
        ["frontier", "finnes-ikke", "--more", "1000000"],
        ["frontier", "finnes-ikke", "--year", "2029"],
        ["explain", "finnes-ikke", "x"],
        ["frontier", "finnes-ikke"],
        ["export", "finnes-ikke"],
        ["dispatch", "finnes-ikke"],
        ["scenario"],
        ["scenario", "finnes-ikke.toml"],
    ],
)
def test_every_command_on_what_is_not_there(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(monkeypatch, capsys, *words)
    one_sentence(code, err)
    assert not list(tmp_path.iterdir())


def test_every_command_is_told_of_in_a_whole_sentence(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = call(monkeypatch, capsys, "--help")
    assert "..." not in out
    assert max(map(len, out.splitlines())) <= 80
    assert " ".join(out.split()).count("skriv kart, dokument og GeoPackage.") == 1


def test_an_unknown_option_exits_with_2(monkeypatch, capsys):
    code, _, err = call(monkeypatch, capsys, "run", "--raskere")
    assert code == 2
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "words", [[], ["counties"], ["frontier"], ["consult"], ["consult", "import"]]
)
def test_help_is_norwegian_all_through(words, monkeypatch, capsys):
    code, out, _ = call(monkeypatch, capsys, *words, "--help")
    assert code == 0
    assert out.startswith("Bruk: ")
    english = r"Usage|Options|Arguments|Commands|Show this|required|default|path|float|int\b|str\b"
    assert re.findall(english, out) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["explain", "ut"], "OMRÅDE mangler"),
        (["run", "x.toml"], "--out mangler"),
        (["explain", "a", "b", "c"], "mer enn kommandoen tar imot"),
        (["finn"], "kommandoen finnes ikke"),
        (["consult", "eksport"], "kommandoen finnes ikke"),
        (["run", "x.toml", "--oot", "y"], "«--oot»; mente du --out?"),
        (["run", "x.toml", "-r"], "ikke noe valg «-r»."),
        (["frontier", "x", "--more", "mye"], "verdien av --more kan ikke brukes"),
        (["run", "x.toml", "--out"], "«--out» mangler en verdi"),
    ],
)
def test_a_command_typed_wrong_is_told_in_norwegian(words, said, monkeypatch, capsys):
    code, out, err = call(monkeypatch, capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert "--help» viser" in err


def test_nothing_typed_shows_the_commands(monkeypatch, capsys):
    code, _, err = call(monkeypatch, capsys)
    assert code == 2
    assert "fetch" in err
