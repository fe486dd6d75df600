"""Pix4D-style tags and other makers' names: which convention they mean, and when that cannot be known."""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL.TiffImagePlugin import IFDRational

from geo.attitude import rotation
from geo.camera import camera_of
from geo.camera_tags import gimbal_angles_of
from geo.errors import NoAttitude, UnknownCamera
from geo.lens import rays_to_pixels
from geo.pose import pose_of
from geo.positioning import Positioning, has_rtk
from geo.tags import tags_of
from geo.terrain import flat
from tests.geo.pictures import gps_at, jpeg

PUTUO = (121.40, 31.25)
PIX4D = 'xmlns:Camera="http://pix4d.com/camera/1.0"'


def packet(attributes="", inner="", declared=PIX4D):
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f"<rdf:Description {declared} {attributes}>{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def angles(yaw, pitch, roll):
    return f'Camera:Yaw="{yaw}" Camera:Pitch="{pitch}" Camera:Roll="{roll}"'


def read(attributes="", inner="", declared=PIX4D, make="Sentera", details=None, size=(80, 60)):
    return tags_of(
        jpeg(packet(attributes, inner, declared), exif={0x010F: make}, details=details, gps=gps_at(*PUTUO), size=size),
        "x.jpg",
    )


def pix4d_world_from_camera(yaw, pitch, roll):
    """By Pix4D's own words: x forward, y right, z down; the camera looks along z, the picture's top is forward."""
    turn = np.eye(3)
    for axis, angle in (((0, 0, 1), yaw), ((0, 1, 0), pitch), ((1, 0, 0), roll)):
        turn = turn @ cv2.Rodrigues(np.array(axis, dtype=float) * np.deg2rad(angle))[0]
    north, east, down = turn
    enu = np.array([east, north, -down])  # columns: forward, right, down
    return np.column_stack([enu[:, 1], -enu[:, 0], enu[:, 2]])  # the camera's right, down, ahead


def test_the_makers_own_example_holds_both_conventions():
    """Parrot's documentation of its photo metadata gives one picture's angles in both."""
    assert gimbal_angles_of(146.781036, 38.011101, -0.041258) == pytest.approx(
        (146.848038, -51.988888, -0.052789), abs=1e-5
    )


@pytest.mark.parametrize("written", [(0, 0, 5), (0, 45, 0), (90, 0, 3), (200, 60, -12), (310, 89, 7), (45, 30, 20)])
def test_pix4d_angles_turn_the_camera_as_pix4d_says(written):
    assert rotation(*gimbal_angles_of(*written)) == pytest.approx(pix4d_world_from_camera(*written), abs=1e-9)


def test_pitch_0_looks_down_and_90_ahead():
    assert gimbal_angles_of(90, 0, 0)[:2] == pytest.approx((90.0, -90.0))
    assert gimbal_angles_of(90, 90, 0)[:2] == pytest.approx((90.0, 0.0), abs=1e-9)


@pytest.mark.parametrize("as_elements", [False, True])
def test_camera_tags_are_used_where_their_namespace_is_declared(as_elements):
    inner = "<Camera:Yaw>30</Camera:Yaw><Camera:Pitch>45</Camera:Pitch><Camera:Roll>0</Camera:Roll>"
    tags = read("" if as_elements else angles(30, 45, 0), inner if as_elements else "")
    assert (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg) == pytest.approx((30.0, -45.0))
    assert (tags.angles_from, tags.yaw_doubt_deg, tags.tilt_doubt_deg) == ("camera_tags", 2.0, 1.0)
    pose = pose_of(replace(tags, relative_altitude_m=100.0), flat())
    assert (pose.sigma_yaw_deg, pose.sigma_pitch_deg) == pytest.approx((np.hypot(2.5, 2.0), np.hypot(1.0, 1.0)))


def test_another_prefix_for_the_same_namespace_is_the_same():
    tags = read('P:Yaw="30" P:Pitch="45" P:Roll="0"', declared='xmlns:P="http://pix4d.com/camera/1.0/"')
    assert tags.gimbal_pitch_deg == pytest.approx(-45.0)


@pytest.mark.parametrize("declared", ["", 'xmlns:Camera="http://ns.google.com/photos/1.0/camera/"'])
def test_somebody_elses_camera_is_not_believed(declared):
    assert read(angles(30, 45, 0), declared=declared).gimbal_pitch_deg is None


def test_an_undeclared_camera_is_said():
    assert "angles_of_unknown_frame" in read(angles(30, 45, 0), declared="").warnings


@pytest.mark.parametrize(
    ("pitch", "word"),
    [(-45, "camera_angles_ambiguous"), (-90, "camera_angles_ambiguous"), (0, "camera_angles_all_zero")],
)
def test_a_pitch_that_fits_the_other_convention_is_refused_and_the_maker_named(pitch, word):
    tags = read(angles(30 if pitch else 0, pitch, 0))
    assert (tags.gimbal_pitch_deg, word in tags.warnings) == (None, True)
    with pytest.raises(NoAttitude) as refused:
        pose_of(replace(tags, relative_altitude_m=100.0), flat())
    assert "Sentera" in refused.value.detail
    assert word in refused.value.detail


def test_the_makers_own_gimbal_goes_first_and_a_contradiction_is_said():
    own = 'xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:GimbalYawDegree="30" '
    own += 'drone-dji:GimbalPitchDegree="-60" drone-dji:GimbalRollDegree="0" '
    for camera, off in (((30, 30, 0), 0), ((30, -60, 0), 0), ((30, 80, 0), 50), ((30, 30, 20), 20)):
        tags = read(own + angles(*camera))
        assert (tags.gimbal_pitch_deg, tags.angles_from) == (-60.0, "gimbal")
        assert ("camera_angles_contradict" in tags.warnings) is (off > 0)
        assert (tags.yaw_doubt_deg or 0.0, tags.tilt_doubt_deg or 0.0) == pytest.approx((off, off), abs=1e-6)
    upside = read(
        own.replace('"-60"', '"-90"') + angles(120, 0, 0)
    )  # straight down both, turned by 90° about that axis
    assert upside.yaw_doubt_deg == pytest.approx(90.0)


def test_the_sign_of_sensefly_roll_is_a_doubt():
    declared = 'xmlns:Camera="http://ns.sensefly.com/Camera/1.0/"'
    tags = read(angles(30, 3, 8), declared=declared, make="senseFly")
    assert "sensefly_roll_sign" in tags.warnings
    assert tags.tilt_doubt_deg > 15
    assert "sensefly_roll_sign" not in read(angles(30, 3, 0.5), declared=declared, make="senseFly").warnings


# ---- other makers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "declared", "attributes", "inner"),
    [
        (
            "Parrot", 'xmlns:drone-parrot="http://www.parrot.com/drone-parrot/1.0/"', "",
            "<drone-parrot:CameraYawDegree>146.8</drone-parrot:CameraYawDegree>"
            "<drone-parrot:CameraPitchDegree>-52</drone-parrot:CameraPitchDegree>"
            "<drone-parrot:CameraRollDegree>0.1</drone-parrot:CameraRollDegree>",
        ),
        (
            "Autel Robotics", "",
            'drone:GimbalYawDegree="146.8" drone:GimbalPitchDegree="-52" drone:GimbalRollDegree="+0.1"', "",
        ),
        (
            "Yuneec", 'xmlns:drone-yuneec="http://www.yuneec.com/drone-yuneec/1.0/"',
            'drone-yuneec:GimbalYaw="146.8" drone-yuneec:GimbalPitch="-52" drone-yuneec:GimbalRoll="0.1"', "",
        ),
        (
            "Skydio", "", "",
            '<drone-skydio:CameraOrientationNED rdf:parseType="Resource"><drone-skydio:Roll>0.1</drone-skydio:Roll>'
            "<drone-skydio:Pitch>-52</drone-skydio:Pitch><drone-skydio:Yaw>146.8</drone-skydio:Yaw>"
            "</drone-skydio:CameraOrientationNED>",
        ),
        (
            "Skydio", "", "",
            '<drone-skydio:CameraOrientationNED drone-skydio:Roll="0.1" drone-skydio:Pitch="-52" '
            'drone-skydio:Yaw="146.8"/>',
        ),
    ],
)  # fmt: skip
def test_other_makers_are_read_by_their_own_names(make, declared, attributes, inner):
    tags = read(attributes, inner, declared, make)
    assert (tags.gimbal_yaw_deg, tags.gimbal_pitch_deg, tags.gimbal_roll_deg) == (146.8, -52.0, 0.1)


def test_a_maker_that_writes_no_angles_is_refused_by_name():
    with pytest.raises(NoAttitude) as refused:
        pose_of(replace(read(make="Hubsan"), relative_altitude_m=50.0), flat())
    assert "Hubsan" in refused.value.detail


# ---- accuracy, heights, lens ----------------------------------------------------------------------------------------


def test_stated_accuracy_goes_into_the_pose_and_never_makes_gnss_better_than_it_is():
    base = angles(30, 45, 0)
    for written, expected in (
        ("6.0", 6.0),
        ("0.5", 2.0),
        ("0.02", np.sqrt(0.02**2 + 1.0**2 + 1.5**2)),
        ("845389/2097152", 2.0),
    ):
        tags = replace(read(f'{base} Camera:GPSXYAccuracy="{written}"'), relative_altitude_m=100.0)
        assert pose_of(tags, flat()).sigma_xy_m == pytest.approx(expected)
    assert has_rtk(read(f'{base} Camera:GPSXYAccuracy="0.02" Camera:GPSZAccuracy="0.03"'))


def test_stale_corrections_are_no_rtk():
    rtk = 'xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" drone-dji:RtkFlag="50" drone-dji:RtkStdLat="0.01" '
    assert has_rtk(read(rtk + 'drone-dji:RtkDiffAge="1.2"'))
    old = read(rtk + 'drone-dji:RtkDiffAge="45"')
    assert (has_rtk(old), "rtk_corrections_old" in old.warnings) == (False, True)
    assert not has_rtk(read(rtk.replace('"50"', '"34"')))


def test_imu_accuracy_widens_the_angles():
    tags = read(
        angles(30, 45, 0) + ' Camera:IMUYawAccuracy="10" Camera:IMUPitchAccuracy="3" Camera:IMURollAccuracy="4"'
    )
    assert (tags.yaw_doubt_deg, tags.tilt_doubt_deg) == pytest.approx((np.hypot(10, 2), np.hypot(4, 1)))


def test_a_height_above_ground_stands_on_the_ground_beneath():
    tags = read(angles(30, 45, 0) + ' Camera:AboveGroundAltitude="11485529/262144"')
    assert tags.above_ground_m == pytest.approx(43.81, abs=0.01)
    pose = pose_of(tags, flat(7.0), Positioning(takeoff_height_m=500.0))
    assert pose.height_m == pytest.approx(50.81, abs=0.01)


LENS = (
    ' Camera:PerspectiveFocalLength="5.43" Camera:PrincipalPoint="2.45,1.85" '
    'Camera:PerspectiveDistortion="-0.1,0.12,-0.08,0.0004,-0.0007" Camera:ModelType="perspective"'
)
# A sensor 4.8 mm wide in 80 pixels: EXIF says 166.7 pixels a centimetre.
DETAILS = {0xA20E: IFDRational(16667, 100), 0xA210: 3}


def test_the_lens_of_camera_tags_is_in_millimetres_on_the_sensor():
    camera = camera_of(read(angles(30, 45, 0) + LENS, details=DETAILS))
    assert (camera.source, camera.fx_px) == ("perspective", pytest.approx(5.43 / 0.06, rel=1e-4))
    assert (camera.cx_px, camera.cy_px) == pytest.approx((2.45 / 0.06, 1.85 / 0.06), abs=0.01)
    assert camera.distortion == (-0.1, 0.12, 0.0004, -0.0007, -0.08)  # OpenCV's order


def test_the_lens_is_scaled_with_a_reduced_picture():
    details = {**DETAILS, 0xA002: 160, 0xA003: 120}  # the picture was 160 by 120 when it left the camera
    camera = camera_of(read(angles(30, 45, 0) + LENS.replace("2.45,1.85", "4.85,3.65"), details=details))
    assert camera.fx_px == pytest.approx(5.43 / 0.06 / 2, rel=1e-4)
    assert (camera.cx_px, camera.cy_px) == pytest.approx((4.85 / 0.06 / 2, 3.65 / 0.06 / 2), abs=0.01)


def test_a_lens_written_as_a_list_is_read():
    items = "".join(f"<rdf:li>{n}</rdf:li>" for n in (-0.1, 0.12, -0.08, 0.0004, -0.0007))
    inner = f"<Camera:PerspectiveDistortion><rdf:Seq>{items}</rdf:Seq></Camera:PerspectiveDistortion>"
    assert read("", inner).perspective_distortion == (-0.1, 0.12, 0.0004, -0.0007, -0.08)


def test_a_fisheye_in_the_tags_is_no_pinhole():
    with pytest.raises(UnknownCamera):
        camera_of(read(LENS.replace("perspective", "fisheye"), details={**DETAILS, 0xA405: 24}))


FISHEYE = (
    ' Camera:ModelType="fisheye" Camera:FisheyePolynomial="0,1,{p2},{p3}" '
    'Camera:FisheyeAffineMatrix="{c},{d},0,{f}" Camera:PrincipalPoint="2.4,1.8"'
)


def test_pix4d_fisheye_tags_put_a_ray_where_their_definition_says():
    """Pix4D: theta = 2/pi atan(r/z), rho = theta + p2 theta^2 + p3 theta^3, pixel = centre + C rho (x, y)/r."""
    tags = read(angles(30, 45, 0) + FISHEYE.format(p2=-0.02, p3=0.05, c=60, d=0, f=60), details=DETAILS)
    camera = camera_of(tags)
    ray = np.array([[0.6, -0.3, 0.5]])
    radius = math.hypot(0.6, 0.3)
    theta = 2 / math.pi * math.atan2(radius, 0.5)
    rho = theta - 0.02 * theta**2 + 0.05 * theta**3
    expected = (40 + 60 * rho * 0.6 / radius, 30 - 60 * rho * 0.3 / radius)
    assert rays_to_pixels(ray, camera)[0] == pytest.approx(expected, abs=2e-3)  # EXIF rounds the pitch of the pixels


@pytest.mark.parametrize("changes", [{"d": 3}, {"c": 0}, {"p2": "x"}])
def test_a_fisheye_that_cannot_be_read_is_refused_and_never_a_pinhole(changes):
    said = {"p2": 0, "p3": 0, "c": 60, "d": 0, "f": 60, **changes}
    with pytest.raises(UnknownCamera):
        camera_of(read(angles(30, 45, 0) + FISHEYE.format(**said), details={**DETAILS, 0xA405: 24}))
