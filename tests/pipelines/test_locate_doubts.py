"""What a flight's frames say against each other reaches the places, the outcomes and the key of the work."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from geo.camera_height import height_source
from geo.flight_checks import FrameDoubts
from geo.tags import Tags
from pipelines import locate
from pipelines.engine.stage import Work, work_done
from pipelines.errors import Refusal
from pipelines.records import Done, Frame, FrameDetection, Refused, Status
from pipelines.settings import LocateSettings
from tests.geo.oblique import Ground, World
from tests.geo.test_flight_checks import flight

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def frames(tags):
    return [
        Frame(
            f"fr-{n:02d}", "F-1", f"{n:064d}", f"{n:02d}.jpg", "picture", None, NOW, NOW, t.width_px, t.height_px,
            t.to_json(),
        )
        for n, t in enumerate(tags)
    ]  # fmt: skip


def located(items, doubts):
    box = FrameDetection("de-1", "", "outfall", (1900, 1400, 2100, 1600), 0.9, None, {}, "m", "0" * 64)
    work = [
        locate.FrameToLocate(f, (replace(box, frame_id=f.id),), f.id, doubts.get(f.id, FrameDoubts())) for f in items
    ]
    return list(locate.run(work, as_of=NOW, run_id="r", settings=LocateSettings()))


def test_a_doubted_frame_has_a_wider_ellipse_and_says_why():
    tags = flight(model="FC330")
    tags = [replace(t, focal_mm=3.6, warnings=()) for t in tags]
    tags[2] = replace(tags[2], flight_yaw_deg=120.0)
    items = frames(tags)
    doubts = locate.doubts_in(items, LocateSettings())
    plain, doubted = located(items, {}), located(items, doubts)
    for n, (before, after) in enumerate(zip(plain, doubted, strict=True)):
        wider = after.result.observations[0].ground.sigma_major_m / before.result.observations[0].ground.sigma_major_m
        assert (wider > 3.0) if n == 2 else wider == pytest.approx(1.0)
    assert (doubted[2].reason, doubted[3].reason) == ("yaw_against_track", None)
    assert doubted[2].warnings[0].values["figure"] == pytest.approx(120.0)
    done = work_done("locate", Work("fr-02", "k", None), doubted[2])
    assert (done.status, done.reason, done.detail) == (Status.OK, "yaw_against_track", "yaw_against_track 120.0")


def test_a_frame_that_the_flight_refuses_gives_no_place():
    tags = [replace(t, focal_mm=3.6) for t in flight(model="FC330")]
    tags[7] = replace(tags[7], width_px=3000, height_px=4000)
    items = frames(tags)
    outcome = located(items, locate.doubts_in(items, LocateSettings()))
    assert outcome[7] == Refused("fr-07", "picture_turned", "picture_shape_differs 0.75")
    assert all(isinstance(o, Done) for n, o in enumerate(outcome) if n != 7)


def test_flights_and_cameras_are_not_held_against_each_other():
    first, second = frames(flight()[:6]), [replace(f, flight_id="F-2") for f in frames(flight()[12:])]
    far = [replace(f, id=f"{f.id}-b", tags={**f.tags, "lon": 100.0}) for f in second]
    doubts = locate.doubts_in([*first, *far], LocateSettings())
    assert set(doubts.values()) == {FrameDoubts()}


def test_the_frames_of_a_flight_over_a_model_share_their_take_off_and_their_answer_to_its_datum(tmp_path):
    """Alone, one picture takes this model for levelled and another does not: Shanghai, a hill, 11 m."""
    world = World("EPSG:4549", 121.4, 31.25, 10.85, levelled=True, declared=None)
    Ground(world, 3).write(tmp_path / "dsm.tif")
    tags = [
        Tags(4000, 3000, model="FC6310R", lon=121.4 + k * 3e-4, lat=31.25, relative_altitude_m=relative,
             absolute_altitude_m=161.0 + k, gimbal_yaw_deg=10.0, gimbal_pitch_deg=-60.0, gimbal_roll_deg=0.0,
             rtk_flag=50, focal_mm=8.8)
        for k, relative in enumerate((94.0, 95.0, 105.0, 97.0))
    ]  # fmt: skip
    settings = LocateSettings(terrain=str(tmp_path / "dsm.tif"))
    terrain = locate.terrain_of(settings.terrain)
    alone = {source.how for tag in tags if (source := height_source(tag, terrain)) is not None}
    doubts = locate.doubts_in(frames(tags), settings)
    assert len(alone) == 2
    assert len({doubt.height for doubt in doubts.values()}) == 1 and doubts["fr-00"].height is not None
    assert len({doubt.takeoff_m for doubt in doubts.values()}) == 1
    poses = [locate.view_of(f, terrain, doubts[f.id], trust=locate.trust_of(settings))[1] for f in frames(tags)]
    assert [round(b.height_m - a.height_m, 3) for a, b in pairwise(poses)] == pytest.approx([1.0] * 3, abs=0.01)


def test_a_word_that_is_no_datum_is_refused_before_a_frame_is_blamed():
    with pytest.raises(Refusal, match="bad_settings"):
        locate.require_terrain(LocateSettings(terrain_datum="sea"))
    assert locate.trust_of(LocateSettings(terrain_datum="egm96", rtk_base_known=True)).rtk_base_known
