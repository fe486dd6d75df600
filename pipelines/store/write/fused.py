"""Where attributions of several sights were weighed, and what each sight weighed in it. Never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipelines.records import FusedPlace
from pipelines.store.canonical import instant
from pipelines.store.transaction import Tx

PLACE = """
INSERT INTO fused_place (id, alert_id, lon, lat, crs, x_m, y_m, cov_xx_m2, cov_xy_m2, cov_yy_m2, sigma_major_m,
    sigma_minor_m, misfit, received_at, run_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""
SIGHT = """
INSERT INTO fused_sight (place_id, observation_id, kept, weight_xx, weight_xy, weight_yx, weight_yy)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (place_id, observation_id) DO NOTHING
"""


def insert_places(tx: Tx, places: Iterable[FusedPlace], *, run_id: str, at: datetime) -> None:
    """Write places and their sights. One that stands already, of the same sights at the same place, stays as it is.

    Args:
        tx: the transaction in which their attributions are written.
        places: each under the id of its attribution.
        run_id: the run.
        at: when it was known.
    """
    for place in places:
        g = place.ground
        cells = (
            place.id, place.alert_id, g.lon, g.lat, g.crs, g.x_m, g.y_m, g.cov_xx_m2, g.cov_xy_m2, g.cov_yy_m2,
            g.sigma_major_m, g.sigma_minor_m, place.misfit, instant(at), run_id,
        )  # fmt: skip
        tx.execute(PLACE, cells)
        tx.executemany(SIGHT, ((place.id, s.observation_id, int(s.kept), *s.weight) for s in place.sights))
