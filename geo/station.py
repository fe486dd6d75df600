"""Where a camera itself stands and looks: the pose is the gimbal's, the camera sits on it a little off and askew.

The only place where boresight and lever arm are applied; both ways between pixel and ground go through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geo.attitude import BODY_OF_CAMERA, WORLD_OF_NED, ned_rotation
from geo.camera import Camera
from geo.pose import CameraPose
from geo.types import FloatArray


@dataclass(frozen=True)
class Station:
    """A camera in the world.

    Attributes:
        position_m: (3,) x east, y north, height of the projection centre.
        turn: (3, 3) from camera axes (right, down, forward) to the world's (east, north, up).
        gimbal_axes: (3, 3), one a row: down, right and forward of the gimbal in the world, about which boresight yaw,
            pitch and roll turn the camera.
    """

    position_m: FloatArray
    turn: FloatArray
    gimbal_axes: FloatArray


def station_of(camera: Camera, pose: CameraPose) -> Station:
    """Put a camera into its pose.

    Args:
        camera: `boresight_deg` and `lever_arm_m` say how it sits on the gimbal.
        pose: of the gimbal, as the maker's angles have it.

    Source: docs/ideas/coordinates.md.
    """
    gimbal = WORLD_OF_NED @ ned_rotation(pose.yaw_grid_deg, pose.pitch_deg, pose.roll_deg)
    position, mounted = pose.position_m, gimbal
    if any(camera.boresight_deg):
        mounted = gimbal @ ned_rotation(*camera.boresight_deg)
    if any(camera.lever_arm_m):
        position = position + gimbal @ np.array(camera.lever_arm_m)
    return Station(position, mounted @ BODY_OF_CAMERA, gimbal.T[[2, 1, 0]])
