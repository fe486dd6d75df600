"""The covariance written out for independent errors is the general one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.camera import Camera
from geo.ground import pixel_to_ground
from geo.pose import CameraPose
from geo.station import station_of
from geo.terrain import flat
from geo.uncertainty import ground_covariance, pose_sigmas

CAMERA = Camera(4000, 3000, 2900.0, 2880.0, 2000.0, 1500.0, (), 0.02, "35mm")  # its lens is unknown: k1 errs too
POSE = CameraPose("EPSG:4549", 633000.0, 3459400.0, 120.0, 35.0, -60.0, 1.0, 2.0, 5.0, 2.5, 1.0, 0.7)


@pytest.mark.parametrize("pitch", [-90.0, -60.0, -35.0, -12.0])
@pytest.mark.parametrize("rough", [False, True])
def test_the_quick_covariance_is_the_general_one(pitch, rough):
    pose = replace(POSE, pitch_deg=pitch)
    uv = np.random.default_rng(1).uniform((0, 0), (4000, 3000), (2000, 2))
    at = pixel_to_ground(uv, CAMERA, pose, flat())
    turn = station_of(CAMERA, pose).turn
    direction = np.column_stack([(uv - (2000.0, 1500.0)) / (2900.0, 2880.0), np.ones(len(uv))])[at.ok] @ turn.T
    depth = -120.0 / direction[:, 2]
    normal = np.array([0.0, 0.0, 1.0])
    if rough:
        normal = np.column_stack([np.random.default_rng(2).normal(0, 0.15, (len(depth), 2)), np.ones(len(depth))])
    facing = (direction * normal).sum(axis=-1) < -0.05  # the ground that a ray can see
    general = replace(pose, joint=tuple(map(tuple, np.diag(pose_sigmas(CAMERA, pose) ** 2))))
    quick, gsd = ground_covariance(direction, depth, normal, turn, CAMERA, pose, 2.0)
    slow, gsd_too = ground_covariance(direction, depth, normal, turn, CAMERA, general, 2.0)
    size = np.trace(slow, axis1=1, axis2=2)[:, None, None]
    assert facing.sum() > 700
    assert np.abs((quick - slow) / size)[facing].max() < 1e-3
    assert np.abs(np.linalg.det(quick) / np.linalg.det(slow) - 1.0)[facing].max() < 0.02
    assert np.abs(gsd / gsd_too - 1.0)[facing].max() < 1e-3
