"""From tree edges to routes."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.ops import substring

from bredband.network.design import _cut

metres = st.integers(-50, 50).map(float)
lines = st.lists(st.tuples(metres, metres), min_size=2, max_size=8, unique=True).map(
    shapely.LineString
)
shares = st.floats(0, 1)


@given(st.lists(st.tuples(lines, shares, shares), min_size=1, max_size=5))
def test_lines_are_cut_as_shapely_cuts_them_one_by_one(cases):
    whole = np.array([line for line, _, _ in cases], dtype=object)
    length_m = shapely.length(whole)
    ends = np.sort([[one, other] for _, one, other in cases], axis=1)
    ends[ends[:, 1] - ends[:, 0] < 0.01] = [0, 1]
    from_m, to_m = (np.round(share * length_m, 3) for share in ends.T)
    to_m = np.where(ends[:, 1] == 1, length_m, to_m)
    found = _cut(whole, from_m, to_m)
    for i, line in enumerate(whole):
        wanted = substring(line, from_m[i], to_m[i])
        assert shapely.hausdorff_distance(found[i], wanted) < 1e-6
        assert abs(found[i].length - wanted.length) < 1e-5
