"""Ask the Irregular Terrain Model (Longley-Rice) about a profile, through the package itmlogic.

The model is that of NTIA/ITS, version 1.2.2, in point-to-point mode. It was fitted to
measurements in the United States at 20 MHz to 20 GHz and from a kilometre on, and knows nothing
of clutter; here it is a second opinion and nothing else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bredband.errors import InputError
from bredband.radio.diffraction import make_profile
from bredband.scenario.radio import Polarisation

LOWEST_MHZ, HIGHEST_MHZ = 20.0, 20_000.0
"""Outside this band the model says nothing."""


@dataclass(frozen=True)
class Ground:
    """What the model asks of ground and air.

    Attributes
    ----------
    permittivity, conductivity_s
        Electric ground constants; NTIA's for average ground.
    sea_level_refractivity
        Refractivity at sea level, N-units.
    climate
        NTIA's number: 5 continental temperate, 6 maritime temperate over land.
    variability
        NTIA's mode of variability: 12 is broadcast mode without location variability.
    time_share, location_share, situation_share
        Shares of time, places and situations in which the loss is not exceeded.
    """

    permittivity: float = 15.0
    conductivity_s: float = 0.005
    sea_level_refractivity: float = 301.0
    climate: int = 6
    variability: int = 12
    time_share: float = 0.5
    location_share: float = 0.5
    situation_share: float = 0.5


def itm_loss_db(
    distance_m: ArrayLike,
    height_m: ArrayLike,
    *,
    frequency_mhz: float,
    tx_height_m: float,
    rx_height_m: float,
    ground: Ground | None = None,
    polarisation: Polarisation = "vertical",
) -> float:
    """Compute the basic transmission loss of one profile by Longley-Rice, in dB.

    Parameters
    ----------
    distance_m, height_m, frequency_mhz, tx_height_m, rx_height_m, polarisation
        As in `bredband.radio.diffraction.delta_bullington_db`; the points evenly spaced.
    ground
        Ground and air; the median over temperate land if None.

    Returns
    -------
    float
        NaN outside 20 MHz to 20 GHz, where the model says nothing.

    Raises
    ------
    InputError
        If the profile has a gap or its points are not evenly spaced.

    Notes
    -----
    G. A. Hufford, "The ITS Irregular Terrain Model, version 1.2.2, the Algorithm" (1995).
    Compared with NTIA's five point-to-point cases to 0.005 dB, their rounding. In line of sight
    the package reads the height of the last point but one for the receiver's ground.
    """
    from itmlogic.misc.qerfi import qerfi  # noqa: PLC0415 - only a second opinion needs it
    from itmlogic.preparatory_subroutines.qlrpfl import qlrpfl  # noqa: PLC0415
    from itmlogic.preparatory_subroutines.qlrps import qlrps  # noqa: PLC0415
    from itmlogic.statistics.avar import avar  # noqa: PLC0415

    ground = ground or Ground()
    profile = make_profile(distance_m, height_m, tx_height_m=tx_height_m, rx_height_m=rx_height_m)
    steps = np.diff(profile.distance_km) * 1000.0
    if not np.allclose(steps, steps[0], rtol=1e-3):
        raise InputError(
            "Longley-Rice trenger et profil med like stor avstand mellom alle punktene.",
            advice="Hent høydene på nytt med fast avstand.",
        )
    if not LOWEST_MHZ <= frequency_mhz <= HIGHEST_MHZ:
        return math.nan
    last = len(steps)
    tenth = int(0.1 * last)
    middle_m = float(np.mean(profile.height_m[tenth : last - tenth + 1]))
    vertical = int(polarisation == "vertical")
    state: dict[str, Any] = {
        "pfl": [last, float(steps[0]), *profile.height_m.tolist()],
        "hg": [tx_height_m, rx_height_m],
        "klim": ground.climate,
        "klimx": ground.climate,
        "mdvar": ground.variability,
        "mdvarx": ground.variability,
        "kwx": 0,
        "lvar": 5,
    }
    constants = (ground.permittivity, ground.conductivity_s)
    state["wn"], state["gme"], state["ens"], state["zgnd"] = qlrps(
        frequency_mhz, middle_m, ground.sea_level_refractivity, vertical, *constants
    )
    state = qlrpfl(state)
    shares = (ground.time_share, ground.location_share, ground.situation_share)
    above_free, state = avar(*qerfi(list(shares)), state)
    free = 32.45 + 20.0 * math.log10(frequency_mhz) + 20.0 * math.log10(state["dist"] / 1000.0)
    return float(free + above_free)
