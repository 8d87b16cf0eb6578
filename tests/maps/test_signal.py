"""The radio layer: its picture, and the box that shows it."""

from __future__ import annotations

import base64
import dataclasses
import io

import numpy as np
from PIL import Image

from bredband.maps.page import _bounds
from bredband.maps.signal import COLOURS, _borders, colours_of_masts, signal_pictures


def pixels(signal, plan, layer: str = "signal") -> np.ndarray:
    text = getattr(signal_pictures(signal, _bounds(plan)), layer)
    picture = Image.open(io.BytesIO(base64.b64decode(text.partition(",")[2])))
    return np.asarray(picture.convert("RGBA"))


def test_strong_in_the_west_nothing_in_the_north_and_a_border_between(plan, background):
    found = pixels(background.signal, plan)
    colours = [tuple(bytes.fromhex(colour[1:])) for colour in COLOURS]
    middle = found[int(0.6 * len(found))]
    shown = [tuple(pixel[:3]) for pixel in middle if pixel[3]]
    order = [colours.index(pixel) for pixel in shown if pixel in colours]
    assert order == sorted(order, reverse=True)
    assert set(order) == set(range(5))
    servers = pixels(background.signal, plan, "servers")
    owners = {tuple(pixel[:3]) for pixel in servers[int(0.6 * len(servers))] if pixel[3]}
    assert len(owners) == 3, "two masts and the border between them"
    assert (found[:20, :, 3] == 0).mean() > 0.9


def test_no_border_is_drawn_where_the_masts_end() -> None:
    """Two masts side by side in a county where the rest has no answer: one line, between them."""
    best = np.full((5, 6), -1, np.int16)
    best[1:4, 1:3], best[1:4, 3:5] = 0, 1
    drawn = np.zeros(best.shape, bool)
    drawn[1:4, 3] = True
    assert np.array_equal(_borders(best), drawn)


def test_no_answer_anywhere_is_an_empty_picture(plan, background):
    nothing = dataclasses.replace(
        background.signal,
        rsrp_dbm=np.full_like(background.signal.rsrp_dbm, np.nan),
        best=np.full_like(background.signal.best, -1),
    )
    assert not pixels(nothing, plan)[..., 3].any()


def test_masts_beside_each_other_have_different_colours():
    rng = np.random.default_rng(3)
    best = np.repeat(np.repeat(rng.integers(-1, 12, (9, 9)), 4, 0), 4, 1).astype(np.int16)
    colour = colours_of_masts(best, 12)
    for here, before in ((best[1:], best[:-1]), (best[:, 1:], best[:, :-1])):
        both = (here != before) & (here >= 0) & (before >= 0)
        assert (colour[here[both]] != colour[before[both]]).all()
    chain = np.array([[0, 0, 1, 1, 2, 2]], np.int16)
    assert colours_of_masts(chain, 3).tolist() == [1, 0, 1]


def test_the_best_mast_is_a_layer_with_names(open_page):
    with open_page("kart") as page:
        page.locator("details", has=page.locator("[data-layer=servers]")).evaluate(
            "d => d.open = true"
        )
        page.locator("[data-layer=servers]").check()
        assert page.locator(".leaflet-servers-pane img").is_visible()
        assert "Beste mast" in page.locator("#legend-body").inner_text()


def test_the_layer_is_off_until_asked_for(open_page):
    with open_page("kart") as page:
        assert page.locator(".leaflet-signal-pane img").count() == 0
        page.locator("details", has=page.locator("[data-layer=signal]")).evaluate(
            "d => d.open = true"
        )
        page.locator("[data-layer=signal]").check()
        assert page.locator(".leaflet-signal-pane img").is_visible()
        assert "Beregnet radiosignal" in page.locator("#legend-body").inner_text()
        page.locator("[data-layer=signal]").uncheck()
        assert page.locator(".leaflet-signal-pane img").count() == 0


def test_a_map_without_masts_has_no_such_layer(open_page):
    with open_page("nynorsk") as page:
        assert page.locator("[data-layer=signal]").count() == 0
        assert page.locator("[data-layer=terrain]").count() == 1
