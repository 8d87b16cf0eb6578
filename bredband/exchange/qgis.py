"""QGIS layer styles (QML) for the layers of ``plan.gpkg``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from xml.sax.saxutils import quoteattr

_VIRIDIS = ((68, 1, 84), (59, 82, 139), (33, 145, 140), (94, 201, 98), (253, 231, 37))


def styles(years: Sequence[int], label: Mapping[str, str]) -> dict[str, str]:
    """Give a QML document for every layer that is drawn.

    Parameters
    ----------
    years
        The build years; each gets a colour of its own from dark (first) to light (last).
    label
        What ground classes are called in the legend.
    """
    by_year = {str(year): colour for year, colour in zip(years, _ramp(len(years)), strict=True)}
    grounds = {
        "soft": "120,140,60", "cultivated": "170,150,60", "forest": "60,110,60", "bog": "110,90,130",
        "verge": "120,120,120", "asphalt": "60,60,60", "rock": "150,60,50", "bridge": "40,90,150",
        "tunnel": "40,90,150", "water": "40,90,150", "duct": "0,150,150",
        "pole_line": "0,110,190",
    }  # fmt: skip
    return {
        "kommuner": _single("fill", _fill("255,255,255,0", "80,80,80,255", 0.6)),
        "areas": _single("fill", _fill("150,150,150,60", "120,120,120,255", 0.3)),
        "schedule": _categorised(
            "build_year",
            "fill",
            {year: _fill(f"{colour},170", "50,50,50,255", 0.3) for year, colour in by_year.items()},
        ),
        "routes": _categorised(
            "ground",
            "line",
            {name: _line(f"{rgb},255", 0.5) for name, rgb in grounds.items()},
            label,
        ),
        "drops": _single("line", _line("110,110,110,255", 0.2)),
        "cabinets": _single("marker", _marker("199,119,0,255", 2.2)),
        "premises": _single("marker", _marker("31,78,121,200", 0.9)),
        "mast_candidates": _categorised(
            "chosen",
            "marker",
            {"true": _marker("150,20,90,255", 3.4), "false": _marker("150,20,90,110", 2.2)},
            {"true": label["mast_chosen"], "false": label["mast_other"]},
        ),
    }


def _ramp(count: int) -> list[str]:
    """Pick ``count`` colours evenly along viridis, as ``r,g,b``."""
    colours = []
    for index in range(count):
        place = index / max(count - 1, 1) * (len(_VIRIDIS) - 1)
        low = min(int(place), len(_VIRIDIS) - 2)
        part = place - low
        mixed = (
            round(a + part * (b - a)) for a, b in zip(_VIRIDIS[low], _VIRIDIS[low + 1], strict=True)
        )
        colours.append(",".join(str(value) for value in mixed))
    return colours


def _fill(colour: str, outline: str, width_mm: float) -> str:
    return _layer(
        "SimpleFill",
        {
            "color": colour,
            "style": "solid",
            "outline_color": outline,
            "outline_style": "solid",
            "outline_width": f"{width_mm}",
            "outline_width_unit": "MM",
        },
    )


def _line(colour: str, width_mm: float) -> str:
    return _layer(
        "SimpleLine",
        {
            "line_color": colour,
            "line_style": "solid",
            "line_width": f"{width_mm}",
            "line_width_unit": "MM",
        },
    )


def _marker(colour: str, size_mm: float) -> str:
    return _layer(
        "SimpleMarker",
        {
            "name": "circle",
            "color": colour,
            "outline_style": "no",
            "size": f"{size_mm}",
            "size_unit": "MM",
        },
    )


def _layer(kind: str, options: Mapping[str, str]) -> str:
    """Write one symbol layer, in the form of QGIS 3.26 and in the one before it."""
    new = "".join(
        f'<Option name={quoteattr(key)} type="QString" value={quoteattr(value)}/>'
        for key, value in options.items()
    )
    old = "".join(f"<prop k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in options.items())
    return f'<layer class="{kind}" enabled="1" pass="0" locked="0"><Option type="Map">{new}</Option>{old}</layer>'


def _symbol(kind: str, name: str, layer: str) -> str:
    return f'<symbol type="{kind}" name="{name}" alpha="1" clip_to_extent="1">{layer}</symbol>'


def _single(kind: str, layer: str) -> str:
    return _document(
        f'<renderer-v2 type="singleSymbol"><symbols>{_symbol(kind, "0", layer)}</symbols></renderer-v2>'
    )


def _categorised(
    field: str,
    kind: str,
    layers: Mapping[str, str],
    label: Mapping[str, str] = MappingProxyType({}),
) -> str:
    categories = "".join(
        f'<category symbol="{i}" value={quoteattr(value)} '
        f'label={quoteattr(label.get(value, value))} render="true"/>'
        for i, value in enumerate(layers)
    )
    symbols = "".join(_symbol(kind, str(i), layer) for i, layer in enumerate(layers.values()))
    return _document(
        f'<renderer-v2 type="categorizedSymbol" attr="{field}">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )


def _document(renderer: str) -> str:
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>"
        f'<qgis version="3.22.0" styleCategories="Symbology">{renderer}</qgis>'
    )
