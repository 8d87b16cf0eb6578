"""Money by year, who pays what, and what counts most."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from bredband.scenario.section import Section


class Funding(Section):
    """How the build price is split: the grant is what is left."""

    operator_nok_per_household: float = Field(
        30_000, ge=0, description="Tilbyderens eget bidrag per husstand. Anslag."
    )
    operator_nok_per_business: float = Field(
        30_000, ge=0, description="Tilbyderens eget bidrag per bedrift. Anslag."
    )
    local_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Lokal andel (kommune, fylke, innbyggere) av det tilbyderen ikke dekker.",
    )


class Priorities(Section):
    """Weights of premises in the objective; a household with nothing special weighs 1."""

    lacking_30_weight: float = Field(
        1.5, ge=0, description="Vekt for husstander som ikke engang har 30 Mbit/s."
    )
    business_weight: float = Field(0.5, ge=0, description="Vekt for en bedrift.")
    public_weight: float = Field(2.0, ge=0, description="Vekt for skole, helse og annet offentlig.")
    holiday_weight: float = Field(0.0, ge=0, description="Vekt for en fritidsbolig.")
    remote_weight: float = Field(
        1.0,
        ge=0,
        description="Vekt for husstander i grisgrendte strøk, ganget med de andre vektene; 1 = "
        "teller som andre.",
    )
    remote_within_m: float = Field(
        1000, gt=0, description="Grisgrendt er der det bor få innenfor så mange meter i luftlinje."
    )
    remote_fewest_households: int = Field(
        20, ge=1, description="Færre husstander enn dette, medregnet dem selv, er få. Anslag."
    )


class Floor(Section):
    """A promise to a kommune: so much is built there by a given year."""

    kommune: str = Field("", description="Kommunenummer; tomt betyr hele fylket.")
    by_year: int = Field(ge=2000, le=2100, description="Innen utgangen av dette året.")
    least_share: float = Field(
        0.0, ge=0, le=1, description="Minste andel av husstandene i områdene som får tilbud."
    )
    least_households: float = Field(
        0.0, ge=0, description="Minste antall husstander som får tilbud."
    )


class Fund(Section):
    """Money that may only be used in some kommuner, and that they use instead of the main frame."""

    name: str = Field(min_length=1, description="Navn på ordningen.")
    kommuner: tuple[str, ...] = Field(min_length=1, description="Kommunene ordningen gjelder.")
    annual_grant_nok: tuple[float, ...] = Field(description="Ramme for hvert år, kroner.")


class Synergy(Section):
    """Another party digs there anyway: the trench is cheaper that year."""

    area_id: str = Field(description="Området eller den felles grøften det gjelder.")
    year: int = Field(ge=2000, le=2100, description="Året det graves.")
    saving_nok: float = Field(ge=0, description="Hvor mye lavere tilskuddet blir det året.")


class Commitment(Section):
    """An area that an earlier plan has promised or begun: its year does not move."""

    area_id: str = Field(description="Området det gjelder.")
    year: int = Field(ge=2000, le=2100, description="Året det bygges.")
    alternative: Literal["fibre", "radio", "hybrid", "upgrade"] = Field(
        "fibre", description="Hvordan det bygges; upgrade er fiber der radio kom først."
    )


class Uncertainty(Section):
    """What may turn out otherwise; all shares are anslag until the county has its own figures."""

    draws: int = Field(200, ge=1, le=10_000, description="Antall trekninger.")
    seed: int = Field(1, ge=0, description="Frø for trekningene; samme frø gir samme svar.")
    lowest_cost_share: float = Field(
        0.85,
        gt=0,
        description="Laveste byggepris mot kalkylen for det som ikke har egen mengdeliste (radio, "
        "hybrid og senere fiber). Med mengdeliste trekkes hver kostnadsklasse mellom sin egen "
        "laveste, sannsynlige og høyeste pris. Anslag.",
    )
    likely_cost_share: float = Field(
        1.0, gt=0, description="Mest sannsynlige byggepris mot kalkylen, for det samme. Anslag."
    )
    highest_cost_share: float = Field(
        1.5, gt=0, description="Høyeste byggepris mot kalkylen, for det samme. Anslag."
    )
    common_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hvor mye av usikkerheten i prisene som er felles for alt som bygges. Anslag.",
    )
    class_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hvor mye av resten av usikkerheten i prisene som er felles for en "
        "kostnadsklasse i hele fylket, som grøft i fjell eller stikkledninger. Anslag.",
    )
    lowest_take_up_share: float = Field(
        0.7, ge=0, le=1, description="Laveste andel av husstandene som tar imot. Anslag."
    )
    highest_take_up_share: float = Field(
        1.0, ge=0, le=1, description="Høyeste andel av husstandene som tar imot. Anslag."
    )
    tail_share: float = Field(
        0.1, gt=0, le=1, description="Andelen dårligste utfall som forsiktige planer ser på."
    )

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        if not self.lowest_cost_share <= self.likely_cost_share <= self.highest_cost_share:
            raise ValueError("lowest_cost_share, likely og highest må stå i stigende rekkefølge")
        if self.lowest_take_up_share > self.highest_take_up_share:
            raise ValueError("lowest_take_up_share er høyere enn highest_take_up_share")
        return self


class Rollout(Section):
    """Annual budgets and rules for the order of building."""

    first_year: int = Field(2027, ge=2000, le=2100, description="Første byggeår.")
    annual_grant_nok: tuple[float, ...] = Field(
        description="Tilskuddsramme for hvert år, kroner, fra første byggeår."
    )
    carry_over: bool = Field(True, description="Ubrukt tilskudd kan overføres til neste år.")
    borrow_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="Andel av neste års ramme som kan brukes på forskudd. Krever carry_over.",
    )
    contingency_share: float = Field(
        0.0, ge=0, lt=1, description="Andel av hver ramme som holdes igjen som reserve."
    )
    funds: tuple[Fund, ...] = Field((), description="Øremerkede ordninger for enkelte kommuner.")
    annual_capex_nok: tuple[float, ...] = Field(
        (), description="Øvre grense for samlet byggepris hvert år; tomt betyr ingen grense."
    )
    annual_trench_m: tuple[float, ...] = Field(
        (), description="Meter grøft som kan graves hvert år (mannskap); tomt betyr ingen grense."
    )
    floors: tuple[Floor, ...] = Field((), description="Krav om minste dekning per kommune og år.")
    exclusive: tuple[tuple[str, ...], ...] = Field(
        (), description="Grupper av områder der høyst ett kan bygges."
    )
    synergies: tuple[Synergy, ...] = Field(
        (), description="Grøfter som blir billigere et bestemt år fordi andre graver der."
    )
    committed: tuple[Commitment, ...] = Field(
        (), description="Områder med fast byggeår fra en tidligere plan."
    )
    earlier_plan: str = Field(
        "",
        description="Mappen med en tidligere plan (fra bredband run), regnet fra scenariofila. Det "
        "den bygger før frozen_before_year, ligger fast, på samme måte som committed.",
    )
    frozen_before_year: int | None = Field(
        None,
        ge=2000,
        le=2101,
        description="Byggeår før dette er avgjort av den tidligere planen; tomt betyr at bare "
        "første byggeår er det.",
    )
    alternatives: tuple[Literal["radio", "hybrid"], ...] = Field(
        ("radio", "hybrid"),
        description="Hva et område kan få i stedet for bare fiber når det er bedre og alle i "
        "området får tilbud: radio fra master, eller hybrid av fiber og radio. Krever at "
        "radio.propose_masts er sann. Tomt betyr bare fiber.",
    )
    upgrades: bool = Field(
        True, description="Et område som får radio, kan få fiber i et senere år."
    )
    radio_weight_share: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Så mye teller en husstand på radio mot en på fiber; 1 = like mye. Anslag.",
    )
    goal: Literal["household_years", "least_grant", "households_then_years"] = Field(
        "household_years",
        description=(
            "Hva planen søker: flest vektede husstandsår; minst tilskudd som oppfyller kravene i "
            "floors og must_build; eller flest vektede husstander til slutt og så tidligst mulig."
        ),
    )
    plan_for: Literal["estimate", "mean", "tail", "regret"] = Field(
        "estimate",
        description="Hva planen er best for: estimate = kalkylen slik den står; eller "
        "trekningene i rollout.uncertainty: mean = snittet, tail = snittet av de dårligste "
        "utfallene (tail_share, CVaR), regret = minst mulig å angre på i det verste utfallet. "
        "Trekningene krever at goal er household_years.",
    )
    highest_grant_nok_per_household: float | None = Field(
        None, gt=0, description="Områder som trenger mer enn dette per husstand, bygges ikke."
    )
    must_build: tuple[str, ...] = Field((), description="Områder (area_id) som skal bygges.")
    must_not_build: tuple[str, ...] = Field(
        (), description="Områder (area_id) som ikke skal bygges."
    )
    uncertainty: Uncertainty = Field(
        default_factory=Uncertainty, description="Hva som kan bli annerledes enn kalkylen."
    )
    redesigns: int = Field(
        2,
        ge=0,
        le=20,
        description="Så mange ganger tegnes grøftene om for det som er valgt, så lenge det gir mer.",
    )
    target_gap_share: float = Field(
        0.001, ge=0, lt=1, description="Løseren stopper når planen er så nær det best mulige."
    )
    time_limit_s: float = Field(60, gt=0, description="Tidsgrense for løseren.")

    @field_validator("annual_grant_nok")
    @classmethod
    def _has_years(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if not value:
            raise ValueError("minst ett år må ha en tilskuddsramme")
        if any(amount < 0 for amount in value):
            raise ValueError("en tilskuddsramme kan ikke være negativ")
        return value

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        series = {
            "annual_capex_nok": self.annual_capex_nok,
            "annual_trench_m": self.annual_trench_m,
        } | {f"funds «{fund.name}»": fund.annual_grant_nok for fund in self.funds}
        for name, amounts in series.items():
            if amounts and len(amounts) != len(self.annual_grant_nok):
                raise ValueError(
                    f"{name} har {len(amounts)} år, men annual_grant_nok har "
                    f"{len(self.annual_grant_nok)}"
                )
            if any(amount < 0 for amount in amounts):
                raise ValueError(f"{name} kan ikke ha negative tall")
        if self.borrow_share and not self.carry_over:
            raise ValueError("borrow_share krever at carry_over er true")
        if self.plan_for != "estimate" and self.goal != "household_years":
            raise ValueError(
                "plan_for kan bare være noe annet enn estimate når goal er household_years"
            )
        dated = [("floors", floor.by_year) for floor in self.floors]
        dated += [("synergies", synergy.year) for synergy in self.synergies]
        dated += [("committed", commitment.year) for commitment in self.committed]
        for name, year in dated:
            if year not in self.years:
                raise ValueError(
                    f"{name} nevner {year}, men planen går fra {self.years[0]} til {self.years[-1]}"
                )
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """Build years, in order."""
        return tuple(self.first_year + i for i in range(len(self.annual_grant_nok)))
