"""The discharge baseline on painted water and on real pictures without any discharge."""

import cv2
import numpy as np
import pytest

from models.vision import zoo
from models.vision.merge import iou
from models.vision.pictures import read_picture
from models.vision.water import WaterLimits, departure, surfaces

WATER = np.array([92, 108, 88.0])
RNG = np.random.default_rng


def river(seed=0, height=384, width=512):
    """Grass above, a wall, calm grey-green water below that grows lighter to the right."""
    random = RNG(seed)
    image = np.empty((height, width, 3))
    image[:] = np.array([80, 105, 55]) + random.normal(0, 25, (height, width, 1))
    water = WATER + np.linspace(-8, 8, width)[None, :, None] + random.normal(0, 1.5, (height, width, 1))
    image[130:] = np.broadcast_to(water, (height, width, 3))[130:]
    image[115:130] = 170
    return np.clip(image, 0, 255)


def with_patch(image, colour, *, u=250, v=135, spread=40, strongest=0.9, sharp=False):
    vv, uu = np.mgrid[: image.shape[0], : image.shape[1]]
    distance = np.hypot(uu - u, (vv - v) / 1.5) / spread
    opacity = strongest * ((distance < 1).astype(float) if sharp else np.exp(-(distance**2) / 2))
    opacity[:130] = 0
    a = opacity[..., None]
    rows, columns = np.nonzero(opacity > 0.3 * strongest)
    box = np.array([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]], float)
    return (image * (1 - a) + np.array(colour) * a).astype(np.uint8), box


@pytest.fixture()
def detector():
    return zoo.load("discharge_baseline")


@pytest.mark.parametrize(
    ("colour", "strongest"), [((160, 130, 95), 0.9), ((205, 205, 195), 0.4)], ids=["brown", "milky"]
)
def test_a_soft_patch_at_the_bank_is_found_with_its_colour(detector, colour, strongest):
    image, box = with_patch(river(), colour, strongest=strongest)
    found = detector.detect([image])[0]
    assert len(found) == 1 and found.label[0] == "discharge"
    assert iou(found.box, box)[0, 0] > 0.3
    cues = found.cues[0]
    assert cues["lighter"] > 3 and cues["redder"] > 0 and cues["rim_contact"] > 0
    assert cues["edge_sharpness"] < WaterLimits().sharp_edge


def test_plain_water_its_gradient_and_its_ripples_are_quiet(detector):
    assert len(detector.detect([river().astype(np.uint8)])[0]) == 0


def test_a_shadow_on_the_water_is_no_discharge(detector):
    """Half the light, same tint, soft edge."""
    image, _ = with_patch(river(), WATER * 0.5)
    assert len(detector.detect([image])[0]) == 0


def test_a_boat_with_sharp_edges_is_no_discharge(detector):
    image, _ = with_patch(river(), (190, 160, 130), v=260, sharp=True, strongest=1.0)
    assert len(detector.detect([image])[0]) == 0


def test_weed_on_the_water_is_no_discharge(detector):
    image, _ = with_patch(river(), (90, 140, 60))
    assert len(detector.detect([image])[0]) == 0


def test_a_stain_on_a_road_is_not_in_water(detector):
    road = np.clip(np.full((384, 512, 3), 128.0) + RNG(1).normal(0, 1.5, (384, 512, 1)), 0, 255)
    image, _ = with_patch(road, (170, 140, 100))
    assert len(detector.detect([image])[0]) == 0


def test_half_the_light_keeps_the_tint_and_halves_only_lightness():
    """The claim behind `departure`, in linear light, through OpenCV's CIELAB."""
    linear = np.array([[[0.30, 0.42, 0.25]]], np.float32)
    encode = lambda x: np.where(x <= 0.0031308, 12.92 * x, 1.055 * x ** (1 / 2.4) - 0.055).astype(np.float32)  # noqa: E731
    full, half = (cv2.cvtColor(encode(k * linear), cv2.COLOR_RGB2Lab) for k in (1.0, 0.5))
    off = departure(half, full)
    assert off[0, 0, 0] < -10
    assert np.abs(off[0, 0, 1:]).max() < 0.5


def test_water_is_what_is_calm_and_of_waters_colour():
    lab = cv2.cvtColor((river() / 255).astype(np.float32), cv2.COLOR_RGB2Lab)
    found = list(surfaces(lab, WaterLimits()))
    assert len(found) == 1
    assert found[0].mask[150:].mean() > 0.9 and found[0].mask[:110].mean() < 0.05


@pytest.mark.given
def test_real_water_without_discharges_is_nearly_quiet(shared, detector):
    """Eight pictures of a bay and fourteen river banks, none with a discharge that a person saw."""
    folder = shared / "data/detection"
    files = [
        *(folder / "backgrounds/free/weedon_mangrove_bay").glob("*.jpg"),
        *(folder / "real_eval_outfall_nadir/images").iterdir(),
    ]
    false = [len(detector.detect([read_picture(f)])[0]) for f in files if f.suffix in {".jpg", ".png"}]
    assert len(false) >= 20 and sum(false) <= 2
