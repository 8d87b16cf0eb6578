"""Words in sheets and metadata, in bokmål and nynorsk."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_BOTH = {
    "kommune": "Kommunenummer", "kommune_name": "Kommune", "priority": "Prioritet",
    "area_id": "Område-id", "county": "Fylke", "fibre": "Fiber", "cable": "Kabel-TV-nett",
    "dsl": "DSL", "mobile": "Mobilnett", "satellite": "Satellitt", "item": "Post",
    "premises": "Adresser", "trench_m": "Grøft (m)", "unit_m": "m", "unit_each": "stk.",
    "unit_sum": "rund sum", "total": "I alt", "sheet_addresses": "Adresseliste", "target": "Mål ned (Mbit/s)",
    "forest": "Grøft i skog", "bog": "Grøft i myr", "verge": "Grøft i vegskulder",
    "asphalt": "Grøft i asfalt", "rock": "Grøft i fjell", "bridge": "Langs bru",
    "tunnel": "Gjennom tunnel", "water": "Under vann", "cabinet": "Fordelingsskap",
    "method": "Metode", "method_rock": "fjellgrøft", "method_subsea": "sjøkabel",
    "customer_radio": "Kundesentral for radio", "mast": "Mast", "hybrid": "Fiber og FTB",
    "splice": "Skjøting", "joint": "Skjøtemuffe", "landfall": "Ilandføring",
}  # fmt: skip

_NB = {
    "sheet_details": "Prosjektdetaljer", "sheet_quantities": "Mengdeliste", "property": "Egenskap",
    "value": "Verdi", "note": "Merknad", "synthetic": "Syntetiske data – ikke en virkelig plan",
    "applicant": "Søker", "name": "Område", "build_year": "Byggeår", "technology": "Teknologi",
    "fwa": "Fast trådløst bredbånd", "other": "Annet", "households": "Husstander",
    "feeder_area": "Må bygges etter", "capex_nok": "Byggepris, sannsynlig (kr, anslag)",
    "capex_low_nok": "Byggepris, lav (kr, anslag)", "capex_high_nok": "Byggepris, høy (kr, anslag)",
    "operator_nok": "Tilbyderens bidrag (kr)", "local_nok": "Lokalt bidrag (kr)",
    "grant_nok": "Omsøkt tilskudd (kr, anslag)", "grant_per_household_nok": "Tilskudd per husstand (kr)",
    "prices": "Priser", "prices_note": "{year}-kroner uten merverdiavgift",
    "amount": "Mengde", "unit": "Enhet", "low": "Lav (kr)", "likely": "Sannsynlig (kr)",
    "high": "Høy (kr)", "soft": "Grøft i bløt mark", "cultivated": "Grøft i dyrket mark",
    "duct": "I eksisterende trekkerør", "pole_line": "På eksisterende stolper",
    "drop": "Stikkledning fra veg til vegg",
    "connection": "Tilkobling og kundesentral", "surcharge": "Påslag for helling, tele og avstand",
    "road_fee": "Vederlag til vegeier", "permit": "Gravetillatelse", "road_crossing": "Vegkryssing",
    "drop_water": "Stikkledning gjennom vann", "drop_landfall": "Ilandføring av stikkledning",
    "method_plough": "pløying", "method_trench": "graving", "method_micro_trench": "mikrogrøft",
    "method_bore": "boring", "method_attach": "opphengt", "method_aerial": "luftspenn",
    "method_blow": "blåst i rør",
    "package_title": "Bredbåndsplan for {county}: data",
    "package_description": "Områder, grøfter, husstander, kostnader og byggeår i bredbåndsplanen for {county}.",
    "package_keywords": "bredbånd;fiber;utbygging;fylkesplan;husstander",
    "dispatch_title": "Bredbåndsplan for {county}",
}  # fmt: skip

_NN = {
    "sheet_details": "Prosjektdetaljar", "sheet_quantities": "Mengdliste", "property": "Eigenskap",
    "value": "Verdi", "note": "Merknad", "synthetic": "Syntetiske data – ikkje ein verkeleg plan",
    "applicant": "Søkjar", "name": "Område", "build_year": "Byggjeår", "technology": "Teknologi",
    "fwa": "Fast trådlaust breiband", "other": "Anna", "households": "Husstandar",
    "feeder_area": "Må byggjast etter", "capex_nok": "Byggjepris, sannsynleg (kr, anslag)",
    "capex_low_nok": "Byggjepris, låg (kr, anslag)", "capex_high_nok": "Byggjepris, høg (kr, anslag)",
    "operator_nok": "Bidrag frå tilbydaren (kr)", "local_nok": "Lokalt bidrag (kr)",
    "grant_nok": "Omsøkt tilskot (kr, anslag)", "grant_per_household_nok": "Tilskot per husstand (kr)",
    "prices": "Prisar", "prices_note": "{year}-kroner utan meirverdiavgift",
    "amount": "Mengd", "unit": "Eining", "low": "Låg (kr)", "likely": "Sannsynleg (kr)",
    "high": "Høg (kr)", "soft": "Grøft i blaut mark", "cultivated": "Grøft i dyrka mark",
    "duct": "I eksisterande trekkjerøyr", "pole_line": "På stolpar som finst",
    "drop": "Stikkleidning frå veg til vegg",
    "connection": "Tilkopling og kundesentral", "surcharge": "Påslag for helling, tele og avstand",
    "road_fee": "Vederlag til vegeigar", "permit": "Graveløyve", "road_crossing": "Vegkryssing",
    "drop_water": "Stikkleidning gjennom vatn", "drop_landfall": "Ilandføring av stikkleidning",
    "method_plough": "pløying", "method_trench": "graving", "method_micro_trench": "mikrogrøft",
    "method_bore": "boring", "method_attach": "opphengt", "method_aerial": "luftspenn",
    "method_blow": "blåsen i røyr",
    "package_title": "Breibandsplan for {county}: data",
    "package_description": "Område, grøfter, husstandar, kostnader og byggjeår i breibandsplanen for {county}.",
    "package_keywords": "breiband;fiber;utbygging;fylkesplan;husstandar",
    "dispatch_title": "Breibandsplan for {county}",
}  # fmt: skip

LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"nb": MappingProxyType({**_BOTH, **_NB}), "nn": MappingProxyType({**_BOTH, **_NN})}
)
"""For each language, every label by its key."""
