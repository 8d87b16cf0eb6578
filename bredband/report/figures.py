"""The figures of the documents, in one house style."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from bredband.grid import cell_centres_m
from bredband.plan import Plan
from bredband.report.glyphs import FALLBACK_FONT, FONT, drawable, font_files
from bredband.report.words import Words, words

INK = "#1b2a36"
BLUE = "#1f4e79"
TEAL = "#2a9d8f"
SAND = "#e9c46a"
GREY = "#8a949c"
PALE = "#eef1f3"

Draw = Callable[[str, Literal["png", "svg"]], bytes]
"""Gives the picture of a figure by its name, in the format asked for."""

_LEGEND_COLUMNS = 4
_WIDTH_IN = 6.3
_STYLE: Any = {
    "font.family": [FONT, FALLBACK_FONT],
    "font.size": 9.5,
    "text.parse_math": False,
    "text.color": INK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#d9dee2",
    "grid.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "hatch.linewidth": 0.5,
    "hatch.color": GREY,
    "legend.frameon": False,
    "svg.hashsalt": "bredband",
    "svg.fonttype": "path",
}


def drawing(
    content: Mapping[str, Any],
    plan: Plan | None,
    more: Mapping[str, Callable[[Any], None]] = MappingProxyType({}),
) -> Draw:
    """Give what draws the figures of the county plan: ``map``, ``economy``, ``served``, ``kommuner``.

    Each is laid out once and kept, whatever the number of documents and formats that show it.
    A picture is ``png`` at 200 dots per inch, or ``svg``; the same input gives the same bytes.

    Parameters
    ----------
    content
        The content of ``plan.json``; the figures of every chart come from here.
    plan
        The tables that the map draws; None where no map is asked for.
    more
        What paints the figures of a document of its own, by name.
    """
    say = words(content["publication"]["language"])
    paints: Mapping[str, Callable[[Any], None]] = {
        "map": lambda figure: _map(figure, plan, say),
        "economy": lambda figure: _economy(figure, content["by_year"], say),
        "served": lambda figure: _served(figure, content, say),
        "kommuner": lambda figure: _kommuner(figure, content["by_kommune"], say),
        **more,
    }
    laid_out = cache(lambda name: _lay_out(paints[name]))

    @cache
    def draw(name: str, file_format: Literal["png", "svg"]) -> bytes:
        return _picture(laid_out(name), file_format)

    return draw


def draw_comparison(
    name: str,
    contents: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    file_format: Literal["png", "svg"] = "svg",
) -> bytes:
    """Draw one figure that sets plans side by side.

    Parameters
    ----------
    name
        ``comparison_served`` (lines) or ``comparison_money`` (bars).
    contents, names
        The contents of each ``plan.json``, and what each plan is called.
    """
    say = words(contents[0]["publication"]["language"])

    def paint(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.grid(axis="y")
        years = sorted({row["build_year"] for content in contents for row in content["by_year"]})
        colours = year_colours(len(contents))
        markers = "osD^vP*X"
        for i, (content, plan_name) in enumerate(zip(contents, names, strict=True)):
            by_year = {row["build_year"]: row for row in content["by_year"]}
            known = [year for year in years if year in by_year]
            if name == "comparison_served":
                shares = [by_year[year]["served_share"] for year in known]
                marker = markers[i % len(markers)]
                axes.plot(known, shares, color=colours[i], marker=marker, label=drawable(plan_name))
            else:
                width = 0.8 / len(contents)
                places = [year + (i - (len(contents) - 1) / 2) * width for year in known]
                amounts = [by_year[year]["grant_nok"] / 1e6 for year in known]
                axes.bar(places, amounts, width, color=colours[i], label=drawable(plan_name))
        axes.set_xticks(years)
        if name == "comparison_served":
            axes.yaxis.set_major_formatter(lambda share, _: _percent(share, 0))
        else:
            axes.set_ylabel(say("economy.axis"))
        figure.legend(loc="outside upper center", ncols=2)

    return _picture(_lay_out(paint), file_format)


def _lay_out(paint: Callable[[Any], None]) -> Any:
    """Make a figure in the house style with everything in its place."""
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    _know_fonts()
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH_IN, 3.2), layout="constrained")
        paint(figure)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")
    return figure


def _picture(figure: Any, file_format: Literal["png", "svg"]) -> bytes:
    """Make a picture of a figure that is laid out."""
    import matplotlib as mpl  # noqa: PLC0415

    file = io.BytesIO()
    metadata = {"Date": None} if file_format == "svg" else {"Software": None}
    with mpl.rc_context(_STYLE):
        figure.savefig(file, format=file_format, dpi=200, metadata=metadata)
    return file.getvalue()


@cache
def _know_fonts() -> None:
    """Tell matplotlib of the fonts that are not its own, once."""
    from matplotlib.font_manager import fontManager  # noqa: PLC0415

    for file in font_files():
        fontManager.addfont(file)


def year_colours(count: int) -> list[Any]:
    """Pick a colour per year along viridis, dark first; readable without colour vision."""
    import matplotlib as mpl  # noqa: PLC0415

    return list(mpl.colormaps["viridis"](np.linspace(0.0, 0.93, count)))


def _map(figure: Any, plan: Plan | None, say: Words) -> None:
    """Draw the areas by build year over the kommune borders."""
    assert plan is not None, "a map is drawn from a plan's tables"
    west, south, east, north = plan.kommuner.total_bounds
    height = _WIDTH_IN * (north - south) / max(east - west, 1.0)
    figure.set_size_inches(_WIDTH_IN, float(np.clip(height, 3.0, 7.6)) + 0.7)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.set_aspect("equal")
    plan.kommuner.plot(ax=axes, facecolor=PALE, edgecolor="none")
    others = [*_unserved(axes, plan, say), *_not_built(axes, plan, say)]
    years = plan.scenario.rollout.years
    handles = []
    for year, colour in zip(years, year_colours(len(years)), strict=True):
        built = plan.schedule[plan.schedule["build_year"] == year]
        if len(built):
            built.plot(ax=axes, facecolor=colour, edgecolor="white", linewidth=0.4, alpha=0.9)
        handles.append(patch(facecolor=colour, edgecolor="white", label=str(year)))
    trench = plan.routes[plan.routes["area_id"].isin(plan.schedule["area_id"])]
    if len(trench):
        trench.plot(ax=axes, color=INK, linewidth=0.35)
        others.append(_line(color=INK, linewidth=1.0, label=say("map.trench")))
    plan.kommuner.boundary.plot(ax=axes, color=INK, linewidth=0.9)
    _name_kommuner(axes, plan)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    draw_scale_bar(axes, east - west)
    figure.legend(
        handles=_by_row([*handles, *reversed(others)], _LEGEND_COLUMNS),
        loc="outside lower center",
        ncols=_LEGEND_COLUMNS,
    )


def _by_row(handles: Sequence[Any], columns: int) -> list[Any]:
    """Order handles so that a legend, which fills column by column, reads row by row."""
    return [handle for first in range(columns) for handle in handles[first::columns]]


def _unserved(axes: Any, plan: Plan, say: Words) -> list[Any]:
    """Draw who lacks the target today, summed in grid cells: a document tells of no single home."""
    served = plan.coverage.set_index("premises_id")["served"]
    homes = plan.premises[plan.premises["households"] > 0]
    lacking = ~served.reindex(homes["premises_id"]).to_numpy(dtype=bool)
    if not lacking.any():
        return []
    households = homes["households"].to_numpy(dtype=np.int64)
    fewest = plan.scenario.output.fewest_households
    centre_m = cell_centres_m(
        homes.geometry.get_coordinates().to_numpy(), households, fewest=fewest
    )
    middle_m, cell = np.unique(centre_m[lacking], axis=0, return_inverse=True)
    sums = np.bincount(cell.ravel(), households[lacking])
    size = np.clip(0.8 + 0.4 * sums, 1.2, 12.0)
    axes.scatter(middle_m[:, 0], middle_m[:, 1], s=size, color=GREY, linewidths=0)
    return [
        _line(color=GREY, marker="o", markersize=2.5, linestyle="none", label=say("map.unserved"))
    ]


def _not_built(axes: Any, plan: Plan, say: Words) -> list[Any]:
    waiting = plan.areas[~plan.areas["area_id"].isin(plan.schedule["area_id"])]
    if waiting.empty:
        return []
    style = {"facecolor": "#dfe3e6", "edgecolor": GREY, "linewidth": 0.4, "hatch": "////"}
    waiting.plot(ax=axes, **style)
    return [patch(label=say("map.not_built"), **style)]


def _name_kommuner(axes: Any, plan: Plan) -> None:
    from matplotlib.patheffects import withStroke  # noqa: PLC0415

    points = plan.kommuner.geometry.representative_point()
    for name, point in zip(plan.kommuner["name"], points, strict=True):
        axes.annotate(
            drawable(name),
            (point.x, point.y),
            ha="center",
            fontweight="bold",
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )


def draw_scale_bar(axes: Any, width_m: float) -> None:
    """Draw a bar of a round length, about a fifth of the map, and an arrow to the north."""
    steps = [base * 10**power for power in range(1, 6) for base in (1, 2, 5)]
    length_m = max((step for step in steps if step <= width_m / 5), default=10)
    share = length_m / width_m
    axes.plot([0.02, 0.02 + share], [0.02, 0.02], transform=axes.transAxes, color=INK, linewidth=2)
    text = f"{length_m / 1000:g} km".replace(".", ",") if length_m >= 1000 else f"{length_m} m"
    axes.text(0.02 + share / 2, 0.03, text, transform=axes.transAxes, ha="center")
    axes.annotate(
        "N",
        (0.97, 0.99),
        (0.97, 0.91),
        xycoords="axes fraction",
        ha="center",
        va="center",
        arrowprops={"arrowstyle": "-|>", "color": INK},
    )


def patch(**style: Any) -> Any:
    """Make a coloured field for a legend."""
    from matplotlib.patches import Patch  # noqa: PLC0415

    return Patch(**style)


def _line(**style: Any) -> Any:
    from matplotlib.lines import Line2D  # noqa: PLC0415

    return Line2D([], [], **style)


def _economy(figure: Any, years: Sequence[Mapping[str, Any]], say: Words) -> None:
    """Draw who pays each year as stacked bars, with the grant budget as a line across."""
    axes = figure.add_subplot()
    axes.grid(axis="y")
    places = np.arange(len(years))
    base = np.zeros(len(years))
    for name, colour in (("grant", BLUE), ("local", SAND), ("operator", TEAL)):
        amounts = np.array([year[f"{name}_nok"] for year in years]) / 1e6
        if amounts.any():
            axes.bar(places, amounts, 0.6, bottom=base, color=colour, label=say(f"economy.{name}"))
            base += amounts
    budgets = np.array([year["budget_nok"] for year in years]) / 1e6
    axes.hlines(
        budgets, places - 0.42, places + 0.42, color=INK, linewidth=2, label=say("economy.budget")
    )
    for place, amount in zip(places, base, strict=True):
        axes.annotate(
            f"{amount:.1f}".replace(".", ","),
            (place, amount),
            (0, 3),
            textcoords="offset points",
            ha="center",
        )
    axes.set_xticks(places, [str(year["build_year"]) for year in years])
    axes.set_ylabel(say("economy.axis"))
    axes.margins(y=0.12)
    figure.legend(loc="outside upper center", ncols=4)


def _served(figure: Any, content: Mapping[str, Any], say: Words) -> None:
    """Draw the share of households that meet the target, year by year."""
    figure.set_size_inches(_WIDTH_IN, 2.4)
    years = content["by_year"]
    shares = [content["kpis"]["served_before_share"], *(year["served_share"] for year in years)]
    axes = figure.add_subplot()
    axes.grid(axis="y")
    axes.plot(shares, color=BLUE, linewidth=2, marker="o")
    for place, share in enumerate(shares):
        axes.annotate(
            _percent(share), (place, share), (0, 6), textcoords="offset points", ha="center"
        )
    axes.set_xticks(
        range(len(shares)), [say("economy.today"), *(str(year["build_year"]) for year in years)]
    )
    lowest = max(0.0, np.floor(min(shares) * 10 - 1) / 10)
    axes.set_ylim(lowest, 1.0 + 0.08 * (1 - lowest))
    axes.yaxis.set_major_formatter(lambda share, _: _percent(share, 0))


def _kommuner(figure: Any, rows: Sequence[Mapping[str, Any]], say: Words) -> None:
    """Draw a line per kommune from the share today to the share after the plan."""
    figure.set_size_inches(_WIDTH_IN, 0.9 + 0.32 * len(rows))
    ordered = sorted(rows, key=lambda row: row["served_after_share"])
    before = [row["served_before_share"] for row in ordered]
    after = [row["served_after_share"] for row in ordered]
    axes = figure.add_subplot()
    axes.grid(axis="x")
    places = range(len(ordered))
    axes.hlines(places, before, after, color=GREY, linewidth=2, zorder=1)
    axes.scatter(
        before, places, s=45, color=SAND, edgecolor=INK, zorder=2, label=say("column.before")
    )
    axes.scatter(
        after,
        places,
        s=45,
        color=BLUE,
        edgecolor=INK,
        marker="s",
        zorder=3,
        label=say("column.after"),
    )
    axes.set_yticks(places, [drawable(row["name"]) for row in ordered])
    axes.set_xlim(max(0.0, min(before) - 0.05), 1.0)
    axes.set_ylim(-0.6, len(ordered) - 0.4)
    axes.xaxis.set_major_formatter(lambda share, _: _percent(share, 0))
    axes.tick_params(axis="y", length=0)
    figure.legend(loc="outside upper center", ncols=2)


def _percent(share: float, decimals: int = 1) -> str:
    return f"{100 * share:.{decimals}f} %".replace(".", ",")
