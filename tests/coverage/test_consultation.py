from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from bredband import tables
from bredband.coverage import consultation
from tests.coverage.small import assess, fibre, make_offers, make_premises


@pytest.fixture
def county():
    premises = make_premises(4, street="Vegen", house_number="1", address="Vegen 1")
    return premises, fibre("p0"), assess(premises, fibre("p0"))


def test_the_list_holds_those_who_lack(county):
    premises, _, before = county
    assert consultation.export(premises, before)["adresseid"].tolist() == ["p1", "p2", "p3"]


def test_there_and_back(county, tmp_path):
    """Answered: p1 has it, p2 will get it, p0, which was not asked about, has it not; p3 is left empty."""
    premises, offers, before = county
    listed = pd.DataFrame(consultation.export(premises, before))
    listed = listed.set_index("adresseid", drop=False)
    listed.loc["p1", ["svar", "tilbyder", "teknologi", "ned_mbps", "opp_mbps"]] = [
        "Tilbyr", "B", "fiber", "1 000", "500,0"]  # fmt: skip
    listed.loc["p2", ["svar", "tilbyder", "teknologi", "ned_mbps", "ferdig"]] = [
        "planlegger", "B", "Fiber", "1000", "31.12.2028"]  # fmt: skip
    unasked = listed.loc[["p3"]].assign(adresseid="p0", svar="tilbyr ikke", tilbyder="A")
    listed = pd.concat([listed, unasked])
    file = tmp_path / "hoering.csv"
    consultation.write_list(listed, file)

    reading = consultation.read_answers([file])
    assert (reading.rows_in, reading.rows_kept, len(reading.set_aside)) == (3, 3, 0)
    after_offers = consultation.apply_answers(offers, reading.frame)
    tables.check(after_offers, "availability")
    after = assess(premises, after_offers)
    assert after["served"].tolist() == [False, True, False, False]
    assert after["planned"].tolist() == [False, False, True, False]
    changed = consultation.changes(before, after, premises)
    assert changed["premises_id"].tolist() == ["p0", "p1", "p2"]
    assert changed["before"].tolist()[0] == "Har tilbud"
    assert changed["after"].tolist() == [
        "Mangler tilbud, kan få støtte", "Har tilbud", "Planlagt utbygging"]  # fmt: skip


def test_the_map_of_the_hearing_holds_the_same_premises_in_degrees(county, tmp_path):
    premises, _, before = county
    listed = consultation.export(premises, before)
    consultation.write_list_map(listed, tmp_path / "horing.geojson")
    drawn = gpd.read_file(tmp_path / "horing.geojson")
    assert drawn["adresseid"].tolist() == listed["adresseid"].tolist()
    assert drawn.geometry.x.between(0, 35).all()
    assert not set(consultation.ANSWER_COLUMNS) & set(drawn.columns)


def test_an_empty_return_changes_nothing(county, tmp_path):
    premises, offers, before = county
    consultation.write_list(consultation.export(premises, before), tmp_path / "a.csv")
    answers = consultation.read_answers([tmp_path / "a.csv"]).frame
    after = consultation.apply_answers(offers, answers)
    pd.testing.assert_frame_equal(after, offers)
    assert consultation.changes(before, assess(premises, after), premises).empty


def test_a_nynorsk_hearing_goes_out_and_comes_back_in_nynorsk(county, tmp_path):
    premises, offers, before = county
    listed = pd.DataFrame(consultation.export(premises, before, language="nn"))
    assert set(listed["status"]) == {"Manglar tilbod"}
    assert listed["grunn"].str.startswith("Ikkje dekt: ").all()
    listed = listed.set_index("adresseid", drop=False)
    columns = ["svar", "tilbyder", "teknologi", "ned_mbps"]
    listed.loc["p1", columns] = ["planlegg", "B", "fast trådlaust breiband", "1000"]
    listed.loc["p2", columns] = ["tilbyr ikkje", "B", "", ""]
    consultation.write_list(listed, tmp_path / "a.csv")
    answers = consultation.read_answers([tmp_path / "a.csv"]).frame
    assert answers["answer"].tolist() == ["planned", "none"]
    assert answers["technology"].tolist() == ["fwa", ""]
    after = assess(premises, consultation.apply_answers(offers, answers))
    changed = consultation.changes(before, after, premises, language="nn")
    assert changed["after"].tolist() == ["Planlagd utbygging"]
    consultation.write_changes(changed, tmp_path / "endringer.csv", language="nn")
    head = (tmp_path / "endringer.csv").read_text("utf-8-sig").splitlines()[0]
    assert head.endswith("Før høyringa;Etter høyringa;Grunn no")


def test_bad_answers_are_set_aside_with_a_reason(tmp_path):
    file = tmp_path / "svar.csv"
    file.write_text(
        "adresseid;svar;tilbyder;teknologi;ned_mbps;opp_mbps\n"
        "p0;kanskje;A;fiber;1000;\n"
        "p1;tilbyr;;fiber;1000;\n"
        "p2;tilbyr;A;røyksignal;1000;\n"
        "p3;tilbyr;A;fiber;fort;\n"
        ";tilbyr;A;fiber;1000;\n"
        "p4;tilbyr;A;fiber;1000;\n"
        "p5;;A;fiber;1000;\n"
        "p6;;;;;\n",
        encoding="utf-8",
    )
    reading = consultation.read_answers([file])
    assert reading.rows_in == reading.rows_kept + len(reading.set_aside) == 7
    assert reading.frame["premises_id"].tolist() == ["p4"]
    assert reading.set_aside["reason"].iloc[-1] == "svaret mangler, men annet er fylt ut"
    assert set(reading.set_aside["column"]) >= {"svar", "tilbyder", "teknologi", "ned_mbps"}


def test_no_to_one_technology_leaves_the_other():
    offers = make_offers(
        ("p0", "A", "fibre", 1000, 500, "available"), ("p0", "A", "dsl", 20, 2, "available")
    )
    said = pd.DataFrame(
        [{"premises_id": "p0", "answer": "none", "operator": "A", "technology": "fibre",
          "down_mbps": 0.0, "up_mbps": 0.0, "as_of": ""}]
    )  # fmt: skip
    after = consultation.apply_answers(offers, said)
    assert dict(zip(after["technology"], after["status"], strict=True)) == {
        "fibre": "withdrawn", "dsl": "available"}  # fmt: skip
