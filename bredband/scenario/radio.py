"""What radio is computed with: bands, the link budget, and where new masts may stand.

These models are what ``bredband.radio`` computes with; no default stands anywhere else.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from bredband.scenario.section import Section

Polarisation = Literal["horizontal", "vertical"]
Building = Literal["traditional", "thermally_efficient"]


class RadioBand(Section):
    """One band as an operator runs it."""

    lowest_mhz: float = Field(
        gt=0, description="Nedre kant: tall fra mastefila som er minst så store, hører hit."
    )
    highest_mhz: float = Field(gt=0, description="Øvre kant for tall fra mastefila.")
    frequency_mhz: float = Field(ge=100, le=100_000, description="Frekvensen det regnes med.")
    bandwidth_mhz: float = Field(gt=0, description="Bredden på én bærer hos én tilbyder. Anslag.")
    tx_power_dbm: float = Field(
        description="Effekt per sektor inn i antennen. Anslag: 40 W per bærer er 46 dBm."
    )
    tx_gain_dbi: float = Field(
        description="Mastas antenne i hovedretningen. 3GPP TR 36.942 §4.2: 15 dBi under 1 GHz, "
        "17–18 over; massiv MIMO ved 3,6 GHz om lag 24 (anslag)."
    )
    rx_gain_dbi: float = Field(description="Kundens antenne, ute og rettet mot masta. Anslag.")
    horizontal_width_deg: float = Field(
        70.0, gt=0, le=360, description="Halvverdibredde vannrett. 3GPP TR 36.814 tabell A.2.1.1-2."
    )
    vertical_width_deg: float = Field(
        10.0, gt=0, le=180, description="Halvverdibredde loddrett. Samme tabell."
    )
    front_to_back_db: float = Field(
        25.0, ge=0, description="Mest som antennen demper bakover og til siden. Samme tabell."
    )
    sidelobe_db: float = Field(
        20.0, ge=0, description="Mest som antennen demper over og under. Samme tabell."
    )
    downlink_share: float = Field(
        0.74,
        gt=0,
        le=1,
        description="Andel av tida som går ned i TDD; 1 i FDD, der opp har sitt eget bånd.",
    )
    layers: int = Field(
        2,
        ge=1,
        le=8,
        description="Romlige lag med fri sikt. To polarisasjoner gir høyst 2 på bygda.",
    )
    sigma_db: float = Field(
        5.5,
        gt=0,
        description="Standardavvik mellom modell og måling i fri sikt. ITU-R P.1812-8 §4.7: 5,5 dB.",
    )
    hidden_sigma_db: float = Field(
        8.0,
        gt=0,
        description="Det samme bak terreng, trær eller hus. Anslag: som skyggefading på landet "
        "uten sikt i 3GPP TR 38.901 tabell 7.4.1-1, RMa.",
    )

    @model_validator(mode="after")
    def _is_ordered(self) -> RadioBand:
        if not self.lowest_mhz <= self.frequency_mhz <= self.highest_mhz:
            raise ValueError("lowest_mhz ≤ frequency_mhz ≤ highest_mhz må gjelde")
        return self


class LinkBudget(Section):
    """Everything else between the mast's power and the customer's speed."""

    rx_height_m: float = Field(
        6.0, ge=0, le=100, description="Kundens antenne over bakken: ved takskjegget. Anslag."
    )
    longest_m: float = Field(
        15_000.0, gt=0, le=100_000, description="Lengre strekk blir ikke regnet. Anslag."
    )
    step_m: float = Field(
        0.0, ge=0, description="Avstand mellom terrengpunktene; 0 = terrengmodellens egen rute."
    )
    effective_earth_radius_km: float = Field(
        8500.0, gt=0, description="4/3 av jordas radius, medianen. ITU-R P.526-15 §4.5.4."
    )
    polarisation: Polarisation = Field("vertical", description="Polarisasjonen. Anslag.")
    clutter_free_m: float = Field(
        30.0,
        ge=0,
        description="Nærmere antennene enn dette står ingenting (eget hus og egen hage). Anslag.",
    )
    rain_rate_mm_per_h: float = Field(
        25.0,
        ge=0,
        description="Regn som overskrides 0,01 % av året (ITU-R P.837); om lag 25 på "
        "indre Østlandet. Anslag.",
    )
    rain_availability_share: float = Field(
        0.9995, ge=0.99, le=0.99999, description="Andel av året farten skal holde i regn. Anslag."
    )
    register_error_db: float = Field(
        5.8,
        ge=0,
        description="Standardavvik for det masteregisteret ikke sier: effekt, retning, høyde. Kommer "
        "i tillegg til modellens eget når et beregnet tilbud veies. Anslag.",
    )
    fade_margin_db: float = Field(
        3.7,
        ge=0,
        description="Trekkes fra så farten holder på 75 % av stedene (0,67 standardavvik), "
        "FCCs krav til fast trådløst.",
    )
    indoor: bool = Field(
        False,
        description="Sant når kundens antenne står inne: tapet gjennom veggen legges til (ITU-R P.2109).",
    )
    building: Building = Field(
        "thermally_efficient", description="Byggets vegger (ITU-R P.2109). Anslag."
    )
    building_share: float = Field(
        0.5, gt=0, lt=1, description="Andel av steder inne som skal nås. Anslag."
    )
    below_clutter: bool = Field(
        False,
        description="Sant når kundens antenne står lavere enn hus og trær rundt: tapet gjennom dem "
        "legges til (ITU-R P.2108 §3.2). Ikke sammen med overflatehøyder, da telles de to ganger.",
    )
    clutter_location_share: float = Field(
        0.5, gt=0, lt=1, description="Andel av slike steder som skal nås. Anslag."
    )
    void_share: float = Field(
        0.02,
        ge=0,
        le=1,
        description="Mangler mer av terrenget enn dette, blir det ingen fart. Anslag.",
    )
    noise_figure_db: float = Field(
        9.0, ge=0, description="Støytall i kundens mottaker. 3GPP TR 36.942."
    )
    uplink_noise_figure_db: float = Field(
        5.0, ge=0, description="Støytall i masta. 3GPP TR 36.942."
    )
    rx_power_dbm: float = Field(23.0, description="Kundens sender. 3GPP effektklasse 3.")
    uplink_width_share: float = Field(
        0.25, gt=0, le=1, description="Andel av bæreren én kunde sender i. Anslag."
    )
    neighbour_load_share: float = Field(
        0.5, ge=0, le=1, description="Andel av tida de andre sektorene sender. FCC: minst 0,5."
    )
    rx_discrimination_db: float = Field(
        10.0, ge=0, description="Så mye demper kundens rettede antenne andre master. Anslag."
    )
    reference_power_share_db: float = Field(
        0.0, description="Legges til RSRP der referansesignalet er forsterket."
    )
    outdoor_rsrp_dbm: float = Field(
        -110.0,
        description="Svakeste RSRP som regnes som dekket. Nkom, 4G ute: −110 (før 2016: −114).",
    )
    attenuation_share: float = Field(
        0.6, gt=0, le=1, description="Andel av Shannons grense som nås. 3GPP TR 36.942 vedlegg A.1."
    )
    sinr_floor_db: float = Field(
        -10.0, description="Under dette kommer ingenting fram. 3GPP TR 36.942 vedlegg A.1."
    )
    highest_bits_per_hz: float = Field(
        5.98,
        gt=0,
        description="NRs tetteste modulasjon i ett lag, etter koding og styring. Anslag.",
    )
    busy_hour_mbps: float = Field(
        4.0, gt=0, description="Fart hver husstand tar ut i travleste time; 2–5 er vanlig. Anslag."
    )
    takeup_share: float = Field(
        0.6, gt=0, le=1, description="Andel av husstandene som laster sektoren sin. Anslag."
    )
    busy_hour_share: float = Field(
        0.8,
        gt=0,
        le=1,
        description="Andel av sektorens tid som kan gis bort i travleste time. Anslag.",
    )
    sectors_tried: int = Field(
        4, ge=1, description="Så mange av de sterkeste sektorene kan en husstand flyttes mellom."
    )


class MastChoices(Section):
    """Where a new mast may stand. What it costs stands under ``costs``."""

    band: str = Field("3600", description="Båndet nye master bygges med, et navn fra bands.")
    height_m: float = Field(30.0, gt=0, le=400, description="Antennehøyde i en ny mast. Anslag.")
    block_m: float = Field(
        500.0, gt=0, description="Det foreslås høyst ett sted i hver rute av denne størrelsen."
    )
    longest_road_m: float = Field(400.0, ge=0, description="Lengst fra veg. Anslag.")
    longest_power_m: float = Field(
        1500.0, ge=0, description="Lengst fra strøm (nærmeste adresse). Anslag."
    )
    most_places: int = Field(
        200,
        ge=1,
        description="Så mange steder blir regnet ut, de som ser flest udekte husstander først.",
    )
    included_m: float = Field(
        200.0, ge=0, description="Så mye veg og strøm er med i prisen for ny mast. Anslag."
    )
    road_nok_per_m: float = Field(600.0, ge=0, description="Adkomstveg utover det. Anslag.")
    power_nok_per_m: float = Field(400.0, ge=0, description="Strømlinje utover det. Anslag.")
    money_nok: float = Field(
        10_000_000.0,
        ge=0,
        description="Ramma det velges master for; valget vises i mast_candidates.",
    )


def _band(lowest: float, highest: float, frequency: float, width: float, **other: Any) -> RadioBand:
    return RadioBand(
        lowest_mhz=lowest,
        highest_mhz=highest,
        frequency_mhz=frequency,
        bandwidth_mhz=width,
        **other,
    )


def _default_bands() -> dict[str, RadioBand]:
    low = {"tx_power_dbm": 46, "tx_gain_dbi": 15, "rx_gain_dbi": 8, "downlink_share": 1}
    middle = {"tx_power_dbm": 46, "tx_gain_dbi": 17, "rx_gain_dbi": 11, "downlink_share": 1}
    return {
        "700": _band(694, 790, 773, 10, **low),
        "800": _band(791, 862, 806, 10, **low),
        "900": _band(880, 960, 942, 10, **low),
        "1800": _band(1710, 1880, 1842, 20, **middle),
        "2100": _band(1920, 2170, 2140, 20, **middle),
        "2600": _band(2500, 2690, 2655, 20, **{**middle, "tx_gain_dbi": 18, "rx_gain_dbi": 13}),
        "3600": _band(3400, 3800, 3550, 100, tx_power_dbm=49, tx_gain_dbi=24, rx_gain_dbi=15),
        "26000": _band(
            24_250, 27_500, 26_000, 400, tx_power_dbm=38, tx_gain_dbi=30, rx_gain_dbi=30, sigma_db=6
        ),
    }  # fmt: skip


class RadioChoices(Section):
    """Fixed wireless over the county's own terrain: what is computed, and what it counts for."""

    compute: bool = Field(
        True, description="Regn ut radiodekningen fra hver mast i mastefila når det finnes terreng."
    )
    modelled_offers: Literal["none", "check_claims", "all"] = Field(
        "check_claims",
        description="Hva utregningen gjør med dekningen. none: ingenting, den bare vises. "
        "check_claims: den styrker eller svekker tilbudet der masteieren selv melder radio som når "
        "målet. all: den er i tillegg et tilbud i seg selv (status modelled) der eieren ikke melder noe.",
    )
    propose_masts: bool = Field(
        False, description="Foreslå nye master og regn ut hvem hver mast ville nådd målet hos."
    )
    usual_sectors_deg: tuple[float, ...] = Field(
        (0.0, 120.0, 240.0),
        min_length=1,
        description="Retninger fra nord for master som står uten retninger i mastefila. Anslag.",
    )
    tilt_deg: float = Field(3.0, ge=-90, le=90, description="Antennenes helling nedover. Anslag.")
    map_cell_m: float = Field(
        200.0,
        ge=10,
        description="Ruta i kartlaget for signalstyrke; 0,4 dB for lyst siden terrenget leses grovere.",
    )
    bands: dict[str, RadioBand] = Field(
        default_factory=_default_bands,
        description="Båndene mastene kan ha, med navn. Bånd og felt som ikke nevnes, beholder anslaget; "
        "se docs/radio.md.",
    )
    link: LinkBudget = Field(
        default_factory=LinkBudget, description="Fra effekt i masta til fart hos kunden."
    )
    masts: MastChoices = Field(default_factory=MastChoices, description="Nye master.")

    @field_validator("bands", mode="before")
    @classmethod
    def _fill_in_estimates(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        usual = _default_bands()
        given = {
            name: {**usual[name].model_dump(), **band}
            if name in usual and isinstance(band, dict)
            else band
            for name, band in value.items()
        }
        return {**usual, **given}

    @model_validator(mode="after")
    def _band_is_known(self) -> RadioChoices:
        if self.masts.band not in self.bands:
            raise ValueError(
                f"masts.band «{self.masts.band}» er ikke blant {', '.join(self.bands)}"
            )
        return self
