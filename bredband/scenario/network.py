"""How the trench tree is drawn and cut into deployment areas."""

from __future__ import annotations

from pydantic import Field, model_validator

from bredband.scenario.section import Section


class NetworkChoices(Section):
    """Limits for the trench tree."""

    longest_drop_m: float = Field(
        1000, gt=0, description="Adresser lenger fra veg enn dette nås ikke; de listes."
    )
    longest_link_m: float = Field(
        3000,
        ge=0,
        description="Løse vegdeler og øyer bindes sammen, og vann krysses, med et foreslått, "
        "priset ledd (over land eller som sjøkabel) inntil så langt.",
    )
    longest_shortcut_m: float = Field(
        600,
        ge=0,
        description="Fra blindveger foreslås ledd over land inntil så langt, der arealdekket er "
        "kjent. 0 slår av.",
    )
    detour_times: int = Field(
        4,
        ge=1,
        description="Et ledd foreslås bare der vegen rundt er mer enn så mange ganger så lang.",
    )
    longest_root_link_m: float = Field(
        2000, gt=0, description="Tente punkter knyttes til nærmeste veg innen så mange meter."
    )
    time_limit_s: float = Field(
        10,
        gt=0,
        description="Tidsgrense for å forbedre grøftetreet, i regnetid: det maskinen ellers gjør, teller ikke med.",
    )
    seed: int = Field(
        0, ge=0, description="Frø for tilfeldige valg i søket; samme frø, samme svar."
    )


class AreaChoices(Section):
    """Bounds for deployment areas that can be tendered."""

    fewest_households: int = Field(
        10,
        ge=1,
        description="Minste antall husstander i et område, der grøfta og kommunegrensene "
        "tillater det; planen sier hvorfor der de ikke gjør det.",
    )
    most_households: int = Field(120, ge=1, description="Største antall husstander i et område.")
    highest_capex_nok: float = Field(
        30_000_000,
        gt=0,
        description="Høyeste pris på grøft og stikkledninger i ett område; skap, "
        "skjøter og gebyr kommer i tillegg.",
    )
    longest_gap_m: float = Field(
        1000,
        gt=0,
        description="Et område deles der grøfta går så mange meter uten adresser, når begge "
        "deler er store nok.",
    )
    keep_within_kommune: bool = Field(True, description="Et område ligger i én kommune.")

    @model_validator(mode="after")
    def _is_ordered(self) -> AreaChoices:
        if self.fewest_households > self.most_households:
            raise ValueError("fewest_households kan ikke være større enn most_households")
        return self
