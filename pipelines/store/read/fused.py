"""The place at which an alert of several sights is attributed, and which sights gave it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipelines.store.canonical import instant_or_none
from pipelines.store.home import Store

PLACE = """
SELECT p.* FROM fused_place AS p JOIN alert_attribution AS l ON l.attribution_id = p.id AND l.alert_id = p.alert_id
WHERE p.alert_id = ?1 AND CASE WHEN ?2 IS NULL THEN l.ended_at IS NULL
    ELSE l.linked_at <= ?2 AND (l.ended_at IS NULL OR l.ended_at > ?2) END
ORDER BY l.id DESC LIMIT 1
"""
SIGHTS = "SELECT * FROM fused_sight WHERE place_id = ? ORDER BY observation_id"


def of_alert(store: Store, alert_id: str, *, as_of: datetime | None = None) -> Mapping[str, Any] | None:
    """Where an alert is attributed now, or was at an instant.

    Returns:
        id of the attribution, lon, lat, sigma_major_m, sigma_minor_m, misfit, and `sights`: observation, kept, and
        weight, the (2, 2) matrix by which its place counts (rows east, north; all of them add up to the unit matrix).
        None where it rests on one sight.
    """
    with store.snapshot():
        found = store.rows(PLACE, (alert_id, instant_or_none(as_of)))
        if not found:
            return None
        place = found[0]
        sights = store.rows(SIGHTS, (place["id"],))
    told = {key: place[key] for key in ("lon", "lat", "sigma_major_m", "sigma_minor_m", "misfit")}
    return {
        "attribution": place["id"], **told,
        "sights": [
            {
                "observation": s["observation_id"], "kept": bool(s["kept"]),
                "weight": [[s["weight_xx"], s["weight_xy"]], [s["weight_yx"], s["weight_yy"]]],
            }
            for s in sights
        ],
    }  # fmt: skip
