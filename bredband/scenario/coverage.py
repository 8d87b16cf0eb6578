"""What counts as served, how the evidence is weighed, and which rules decide on aid."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bredband.scenario.section import Section

Technology = Literal["fibre", "cable", "fwa", "dsl", "mobile", "satellite", "other"]


class Target(Section):
    """The speed that everyone shall have."""

    down_mbps: float = Field(1000, gt=0, description="Målet ned, Mbit/s. Minst så mye må tilbys.")
    up_mbps: float = Field(0, ge=0, description="Målet opp, Mbit/s. 0 = ikke noe krav.")
    class_down_mbps: tuple[float, ...] = Field(
        (30, 100, 1000), description="Hastighetsklasser i tabeller og kart, Mbit/s ned."
    )


class Trust(Section):
    """How much claims and evidence are believed before they are held against each other."""

    fibre_probability: float = Field(
        0.97, gt=0, lt=1, description="Så ofte er en påstand om fiber sann. Anslag."
    )
    cable_probability: float = Field(
        0.97, gt=0, lt=1, description="Så ofte er en påstand om kabel-TV-nett sann. Anslag."
    )
    connected_probability: float = Field(
        0.99, gt=0, lt=1, description="Så ofte stemmer det at en adresse er tilkoblet. Anslag."
    )
    radio_probability: float = Field(
        0.85, gt=0, lt=1, description="Så ofte er en påstand om FTB eller mobil sann. Anslag."
    )
    other_probability: float = Field(
        0.85, gt=0, lt=1, description="Så ofte er en påstand om DSL eller annet sann. Anslag."
    )
    unlisted_probability: float = Field(
        0.01,
        gt=0,
        lt=1,
        description="Så ofte finnes et tilbud som ingen har meldt. Anslag, og læres ikke av svar: de fleste "
        "som forteller om et slikt tilbud, er de som har det.",
    )
    claims_weight: float = Field(
        20, gt=0, description="Antall svar som trengs for å veie like mye som anslagene over."
    )
    survey_probability: float = Field(
        0.95, gt=0.5, lt=1, description="Så ofte er svaret i en spørreundersøkelse riktig. Anslag."
    )
    call_probability: float = Field(
        0.97,
        gt=0.5,
        lt=1,
        description="Så ofte er svaret riktig når fylket selv ringer og spør. Anslag.",
    )
    test_measured_share: float = Field(
        0.9, gt=0, le=1, description="En fartstest beviser målet når den når denne delen av det."
    )
    cable_test_probability: float = Field(
        0.4,
        gt=0,
        lt=1,
        description="Så ofte når en kablet fartstest målet der tilbudet finnes; "
        "resten har kjøpt mindre. Anslag, læres av målingene når de er mange.",
    )
    wifi_test_probability: float = Field(
        0.2, gt=0, lt=1, description="Det samme for en fartstest over Wi-Fi. Anslag."
    )
    false_test_probability: float = Field(
        0.005, gt=0, lt=1, description="Så ofte når en fartstest målet uten at tilbudet finnes."
    )
    test_weight: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Så mye teller en fartstest for naboene, der et svar teller 1: "
        "bare de som har en linje, kan teste den. Anslag.",
    )
    complaint_weight: float = Field(
        1.0,
        ge=0.1,
        le=10,
        description="Så mange ganger oftere svarer de som mangler tilbudet, enn de som har det. "
        "Anslag, læres av hvor svarene kommer fra når det er mange av dem.",
    )
    complaint_spread_neper: float = Field(
        0.7,
        gt=0,
        le=2,
        description="Hvor usikkert tallet over er, som standardavvik i logaritmen: 0,7 = kan like "
        "gjerne være halvparten eller det dobbelte. Anslag, snevres inn av hvor svarene kommer fra.",
    )
    radio_error_db: float = Field(
        8,
        gt=0,
        description="Standardavvik for beregnet radiodekning som ikke oppgir sitt eget, dB.",
    )
    rural_neper: float = Field(
        -0.5,
        ge=-3,
        le=3,
        description="Så mye endres logaritmen av oddsen for at en påstand er sann, fra tettbygd til spredtbygd "
        "strøk. Negativ = oftere feil i spredtbygde, som målt i USA (Major, Teixeira og Mayer 2020). Hvor mye er "
        "anslag, læres av svarene.",
    )
    rural_spread_neper: float = Field(
        0.4,
        gt=0,
        le=2,
        description="Hvor usikkert tallet over er, som standardavvik. Anslag, snevres inn av svarene.",
    )
    neighbour_length_m: float = Field(
        500, gt=0, description="Et svar teller 37 % så langt unna, 14 % dobbelt så langt unna."
    )
    local_weight: float = Field(
        2, gt=0, description="Antall nabosvar som veier like mye som tilbyderens pålitelighet."
    )
    take_up_weight: float = Field(
        20,
        gt=0,
        description="Antall nabohjem som veier like mye som tilbyderens pålitelighet når de viser ved å være "
        "tilkoblet, eller ikke, om nettet er der. Anslag, læres av svarene.",
    )
    learn: bool = Field(
        True,
        description="Lær naboavstand, nabovekt, fartstestenes treff og hvem som svarer av svarene når det er minst "
        "200 av dem; ellers brukes tallene over.",
    )


class CoverageChoices(Section):
    """How offers and evidence become served or unserved, and who may be helped."""

    technologies: tuple[Technology, ...] = Field(
        ("fibre", "cable", "fwa", "dsl"),
        min_length=1,
        description="Teknologier som teller som fast bredbånd.",
    )
    lowest_probability: float = Field(
        0.5, ge=0, le=1, description="Så sikkert må tilbudet være for at adressen er dekket."
    )
    plan_on: Literal["cut", "expected", "draws"] = Field(
        "cut",
        description="Hva husstandene i planen teller: cut = helt, når adressen er under "
        "lowest_probability; expected = så mye som det er sannsynlig at de mangler tilbudet; "
        "draws = det samme som expected i snitt, men planen prøves mot trekninger av hva som er "
        "sant, der naboer tar feil sammen (antall og frø i rollout.uncertainty). Loven krever ja "
        "eller nei: hvem som kan få støtte, avgjøres alltid av lowest_probability.",
    )
    count_planned: bool = Field(
        True, description="Planlagt kommersiell utbygging innen tre år fjerner retten til støtte."
    )
    match_distance_m: float = Field(
        100, gt=0, description="Svar og målinger knyttes til nærmeste adresse innen så mange meter."
    )
    regime: str = Field(
        "guidelines-2023",
        description="Statsstøtteregelen som avgjør hvem som kan få støtte; se docs/coverage-model.md.",
    )
    trust: Trust = Field(
        default_factory=Trust, description="Hvor mye påstander og målinger er verdt."
    )
