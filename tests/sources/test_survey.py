"""Survey answers and speed tests: what they say, and which premises they are about."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ADDRESS_HEADER, address_row, write

from bredband import tables
from bredband.sources import survey
from bredband.sources.address_text import split_address, street_key
from bredband.sources.kartverket import read_addresses

HEADER = "svar_id;dato;adrid;adresse;postnummer;kommunenummer;operator;teknologi;har_tilbud;maalt_ned_mbps;ost;nord"


@pytest.fixture
def premises(tmp_path):
    rows = [
        address_row(lokalid=1, adressenavn="Storgata", nummer=28, bokstav="B", Øst=260_000),
        address_row(lokalid=2, adressenavn="Øvre Elvevegen", nummer=3, Øst=261_000),
        address_row(lokalid=3, adressenavn="17. mai-gata", nummer=68, Øst=262_000),
        address_row(
            lokalid=4, adressenavn="", nummer="", adresseTekst="12/3", gardsnummer=12, bruksnummer=3
        ),
        address_row(
            lokalid=5,
            adressenavn="Storgata",
            nummer=28,
            bokstav="B",
            postnummer=2406,
            kommunenummer=3420,
        ),
    ]
    return read_addresses([write(tmp_path / "a.csv", ADDRESS_HEADER, *rows)]).frame


def answers(tmp_path, premises, *rows, distance_m=100):
    reading = survey.read_answers([write(tmp_path / "svar.csv", HEADER, *rows)])
    matched = survey.match_to_premises(reading, premises, distance_m=distance_m)
    assert matched.rows_in == matched.rows_kept + len(matched.set_aside)
    tables.check(matched.frame, "evidence")
    tables.check(matched.set_aside, "set_aside")
    return matched


@pytest.mark.parametrize(
    ("address", "postcode", "expected"),
    [
        ("Storgata 28B", "0155", "1"),
        (" STORGT.  28 b ", "0155", "1"),
        ("storgaten 28b, 0155 Oslo", "", "1"),
        ("Storgata 28 B", "2406", "5"),
        ("Øvre Elvev. 3", "", "2"),
        ("øvre elveveien 3, Oslo", "0155", "2"),
        ("17. mai-gt. 68", "0155", "3"),
        ("gnr 12 bnr 3", "", "4"),
        ("12/3", "", "4"),
    ],
)
def test_addresses_as_people_write_them(tmp_path, premises, address, postcode, expected):
    kommune = "3420" if postcode == "2406" else "0301"
    matched = answers(
        tmp_path, premises, f"1;14.10.2026;;{address};{postcode};{kommune};A;fiber;ja;;;"
    )
    (only,) = matched.frame.itertuples()
    assert (only.premises_id, only.match, only.observed_on, only.offer) == (
        expected,
        "address",
        "2026-10-14",
        "yes",
    )


def test_an_address_two_premises_answer_to_is_not_guessed(tmp_path, premises):
    matched = answers(tmp_path, premises, "1;;;Storgata 28B;;;A;;nei;;;")
    (lost,) = matched.set_aside.itertuples()
    assert (lost.row, lost.file, lost.value) == (2, "svar.csv", "Storgata 28B")


def test_id_goes_before_address_and_address_before_place(tmp_path, premises):
    matched = answers(
        tmp_path, premises,
        "1;;2;Storgata 28B;0155;;A;;ja;;;",
        "2;;;Øvre Elvevegen 3;0155;;A;;ja;;260000;6650000",
        "3;;;Ukjent vei 1;;;A;;ja;;262060;6650000",
        "4;;;;;;A;;ja;;263000;6650000",
    )  # fmt: skip
    assert matched.frame[["match", "premises_id"]].to_numpy().tolist() == [
        ["id", "2"], ["address", "2"], ["nearest", "3"],
    ]  # fmt: skip
    (lost,) = matched.set_aside.itertuples()
    assert (lost.row, lost.value) == (5, "øst 263000, nord 6650000")
    assert "nærmere enn" in lost.reason


@pytest.mark.parametrize(
    "row",
    [
        "1;;;;;;A;;ja;;;", "1;;;;;;A;;ja;;øst;nord", "1;;;Storgata 1;;;;;;;;", "1;;;Storgata 1;;;A;;ja;fort;;",
        "1;;;Storgata 1;;;A;;ja;-3;;",
    ],
)  # fmt: skip
def test_answers_at_fault(tmp_path, premises, row):
    matched = answers(tmp_path, premises, "9;;2;;;;A;;ja;90;;", row)
    assert len(matched.frame) == len(matched.set_aside) == 1


def test_speed_tests_in_degrees(tmp_path, premises):
    path = write(
        tmp_path / "t.csv", "test_id;tidspunkt;lon;lat;operator;teknologi;tilkobling;ned_mbps;opp_mbps",
        "1;2026-09-28T13:28:00;10.7078;59.9296;A;4g;wifi;13.7;3.0",
    )  # fmt: skip
    reading = survey.read_speed_tests([path])
    (only,) = reading.frame.itertuples()
    assert (only.kind, only.technology, only.link, only.down_mbps) == (
        "speed_test",
        "mobile",
        "wifi",
        13.7,
    )
    assert 255_000 < only.geometry.x < 265_000
    assert 6.6e6 < only.geometry.y < 6.7e6


@given(
    st.sampled_from(
        ["Storgata", "Øvre Elvevegen", "Nordre gate", "Lia", "Kong Olavs vei", "17. mai-gata"]
    ),
    st.integers(1, 9999),
    st.sampled_from(["", "A", "Å"]),
    st.sampled_from([str.lower, str.upper, str.title, str]),
    st.sampled_from(["", " "]),
)
def test_spelling_does_not_matter(street, number, letter, case, space):
    right = street_key(pd.Series([street]), pd.Series([f"{number}{letter}"]))
    said = split_address(pd.Series([case(f" {street}  {number}{space}{letter}, 0155 Oslo")]))
    written = street_key(said["street"], said["house_number"])
    assert written[0] == right[0] != ""
    assert said["postcode"][0] == "0155"


def test_demo_answers_are_matched(demo):
    (addresses,) = (demo / "adresser").glob("*.csv")
    premises = read_addresses([addresses]).frame
    reading = survey.read_answers([demo / "sporreundersokelse/svar.csv"])
    matched = survey.match_to_premises(reading, premises, distance_m=100)
    assert matched.rows_kept == matched.rows_in == 600


def test_the_call_list_in_the_words_it_was_written_with(tmp_path, premises):
    header = "Adresse-id;Adresse;Kommunenummer;Tilbyder;Teknologi;Sannsynlighet for tilbudet;Svar"
    rows = (
        "2;Øvre Elvevegen 3;0301;'+Nett;fast trådløst bredbånd;0,5;Ja",
        "3;17. mai-gata 68;0301;A;kabel-TV-nett;0,5;nei",
        "1;Storgata 28B;0301;A;fiber;0,5;",
    )
    reading = survey.read_calls([write(tmp_path / "ringt.csv", header, *rows)])
    matched = survey.match_to_premises(reading, premises, distance_m=100)
    tables.check(matched.frame, "evidence")
    assert matched.frame["kind"].unique().tolist() == ["call"]
    assert matched.frame["premises_id"].tolist() == ["2", "3"]
    assert matched.frame["operator"].tolist() == ["+Nett", "A"]
    assert matched.frame["technology"].tolist() == ["fwa", "cable"]
    assert matched.frame["offer"].tolist() == ["yes", "no"]
    assert matched.set_aside["reason"].tolist() == ["ingen har svart ja eller nei"]
