from __future__ import annotations

import re
from pathlib import Path

from bredband import report, tables
from bredband.coverage import eligibility
from bredband.report import listings
from bredband.report.words import words
from bredband.scenario.costs import Costs
from bredband.scenario.sources import Sources


def test_every_sentence_that_the_code_asks_for_exists_and_is_used() -> None:
    folder = Path(report.__file__).parent
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    known = words("nb").sentences
    asked = set(re.findall(r'"((?:[a-z]+)\.(?:[a-z0-9_]+))"', code)) & {
        key
        for key in re.findall(r'"([a-z]+\.[a-z0-9_]+)"', code)
        if key.split(".")[0] in {name.split(".")[0] for name in known}
    }
    assert asked <= set(known)
    spelled_by_code = {
        "plan_for",
        "column",
        "choice",
        "term",
        "method",
        "need",
        "goals",
        "cover",
        "economy",
    }
    looked_up = {
        "noun",
        "month",
        "technology",
        "kpi",
        "ground",
        "unit",
        "settlement",
        "status",
        "reason",
        "source",
        "item",
        "method_name",
        "owner",
        "regime",
    }
    sections = spelled_by_code | looked_up
    unused = {key for key in known if key.split(".")[0] not in sections} - asked
    assert not unused


def test_nouns_and_dates_are_written_as_norwegians_write_them() -> None:
    say = words("nb")
    assert say.count("household", 1) == "1\u00a0husstand"
    assert say.count("household", 12345) == "12\u202f345\u00a0husstander"
    assert say.date("2026-11-23") == "23.\u00a0november 2026"
    assert say.date("høsten 2026") == "høsten 2026"
    assert say.short_date("2026-11-03") == "03.11.2026"
    assert say.short_date("2026") == "2026"
    assert words("nn").count("kommune", 2) == "2\u00a0kommunar"


def test_a_code_without_a_name_is_shown_as_it_is() -> None:
    assert words("nb").name("ground", "lava") == "lava"


def test_every_state_aid_rule_has_a_name_that_owns_up_to_its_estimates() -> None:
    for language in ("nb", "nn"):
        for key, rule in eligibility.regimes().items():
            name = words(language).sentences[f"regime.{key}"]
            assert ("anslag" in name) == any(tier.limit_is_estimate for tier in rule.tier)


def test_every_code_of_the_data_model_has_a_name() -> None:
    names = words("nb").sentences
    groups = {
        "ground": tables.GROUND_CLASSES,
        "technology": tables.TECHNOLOGIES,
        "item": set(tables.BILL_ITEMS) - {"trench"},
        "method_name": tables.METHODS,
    }
    missing = {f"{g}.{code}" for g, codes in groups.items() for code in codes} - set(names)
    assert not missing


def test_every_price_of_the_scenario_has_a_name() -> None:
    prices = Costs().model_dump()
    ranges = [
        key for key, value in prices.items() if isinstance(value, dict) and "low_nok" in value
    ]
    stems = {key.removesuffix("_nok_per_m").removesuffix("_nok") for key in ranges}
    assert {f"item.{stem}" for stem in stems} <= set(words("nb").sentences)


def test_every_source_of_the_scenario_has_a_name() -> None:
    files = [
        name for name, field in Sources.model_fields.items() if "tuple" in str(field.annotation)
    ]
    assert {f"source.{name}" for name in files} <= set(words("nb").sentences)


def test_a_metre_of_trench_is_counted_once_though_a_surcharge_lies_on_it():
    money = {"low_nok": 1, "likely_nok": 2, "high_nok": 3}
    trench = {"item": "trench", "ground": "verge", "method": "trench", "amount": 100.0, "unit": "m"}
    lines = [{**trench, **money}, {**trench, **money, "item": "surcharge"}]
    content = {"areas": [{"build_year": 2027, "quantities": lines}]}
    rows = listings.quantities(content, words("nb")).rows
    assert [row[:2] for row in rows] == [
        ("Grøft i vegskulder, graving", "100"),
        ("Påslag for helling, tele og avstand", "100"),
    ]
