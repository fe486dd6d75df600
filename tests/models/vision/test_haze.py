"""The dust baseline: it reacts to a local veil and to nothing that covers the whole picture; figures on real ones."""

import cv2
import numpy as np
import pytest

from models.errors import BadShape
from models.vision import zoo
from models.vision.haze import HazeDetector, candidates, confidence_of, measured
from models.vision.haze_fit import fitted, painted
from models.vision.merge import iou
from models.vision.pictures import read_picture

SHARE = [1.0, 1.0, 1.0, 1.0]


def textured(seed=0, height=300, width=400):
    """Ground with texture at several scales, dark enough that dust shows on it."""
    random = np.random.default_rng(seed)
    out = np.full((height, width), 80.0)
    for size in (4, 12, 40):
        small = random.normal(0, 1, (height // size + 2, width // size + 2)).astype(np.float32)
        out += 14 * cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    out = out + random.normal(0, 6, out.shape)
    return np.clip(np.stack([out * 1.05, out, out * 0.8], axis=2), 0, 255).astype(np.uint8)


def veiled(image, opacity, colour=(205, 190, 165)):
    a = opacity[..., None]
    return np.clip(image * (1 - a) + np.array(colour) * a, 0, 255).astype(np.uint8)


def cloud(height=300, width=400, u=230.0, v=160.0, radius=45.0, strongest=0.85):
    vv, uu = np.mgrid[:height, :width]
    lumps = cv2.resize(
        np.random.default_rng(3).uniform(0.6, 1.4, (9, 12)).astype(np.float32),
        (width, height),
        interpolation=cv2.INTER_CUBIC,
    )
    return np.clip(strongest * lumps * np.exp(-((uu - u) ** 2 + (vv - v) ** 2) / (2 * radius**2)), 0, 0.95)


@pytest.fixture()
def detector():
    return zoo.load("haze_baseline")


def test_a_cloud_of_dust_is_found_where_it_is_and_its_cues_say_why(detector):
    opacity = cloud()
    found = detector.detect([veiled(textured(), opacity)])[0]
    v, u = np.nonzero(opacity > 0.25)
    assert len(found) == 1
    assert iou(found.box, np.array([[u.min(), v.min(), u.max(), v.max()]], float))[0, 0] > 0.5
    cues = found.cues[0]
    assert cues["contrast_loss"] > 0.3 and cues["veil_lift"] > 0.05 and cues["mean_opacity"] > 0.2
    assert 0 < cues["area_fraction"] < 0.4
    assert np.isnan(found.probability[0]) and found.label[0] == "dust_plume"


@pytest.mark.parametrize("opacity", [0.0, 0.3, 0.6])
def test_haze_over_the_whole_picture_is_no_plume(detector, opacity):
    assert len(detector.detect([veiled(textured(), np.full((300, 400), opacity))])[0]) == 0


def test_a_pale_roof_with_clear_edges_is_less_likely_than_dust_of_the_same_size():
    roof = textured()
    roof[90:230, 160:300] = (205, 190, 165)
    dust = veiled(textured(), cloud())
    best = [max((confidence_of(c.cues) for c in candidates(image)), default=0.0) for image in (roof, dust)]
    assert best[0] < 0.5 < best[1]


def test_an_even_picture_and_a_tiny_one_have_nothing_to_compare(detector):
    assert [len(d) for d in detector.detect([np.full((50, 60, 3), 128, np.uint8), np.zeros((1, 1, 3), np.uint8)])] == [
        0,
        0,
    ]


def test_boxes_scale_with_the_picture(detector):
    small = veiled(textured(), cloud())
    large = cv2.resize(small, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    a, b = detector.detect([small, large])
    assert len(a) == len(b) == 1
    assert iou(a.box * 3, b.box)[0, 0] > 0.8


def test_the_sky_is_not_judged():
    image = textured()
    image[:110] = (190, 205, 230)
    assert measured(image).veil[:90].max() == 0


def test_a_grey_array_is_refused_by_name(detector):
    with pytest.raises(BadShape) as caught:
        detector.detect([textured(), np.zeros((5, 5), np.uint8)])  # type: ignore[list-item]
    assert caught.value.where == "images[1]"


def test_fitting_finds_the_slope_that_made_the_labels():
    """Labels drawn from a logistic of one cue: that cue gets the weight, an idle one next to none."""
    random = np.random.default_rng(1)
    names = ("warmth", "mean_opacity")
    cues = [dict(zip(names, random.normal(0, 1, 2), strict=True)) for _ in range(4000)]
    right = [bool(random.uniform() < 1 / (1 + np.exp(-2 * c["mean_opacity"]))) for c in cues]
    weights, _ = fitted(cues, right)
    assert weights["mean_opacity"].slope == pytest.approx(2.0, abs=0.25)
    assert abs(weights["warmth"].slope) < 0.15


def test_a_painted_plume_lies_in_its_box():
    """On black, 40 of at most 101 levels means an opacity near 0.4; the box is drawn around 0.25."""
    mixed, box = painted(np.zeros((360, 480, 3), np.uint8), np.random.default_rng(4))
    v, u = np.nonzero(mixed[:, :, 0] > 40)
    assert len(u) > 50
    assert u.min() / 480 >= box[0] and (u.max() + 1) / 480 <= box[2]
    assert v.min() / 360 >= box[1] and (v.max() + 1) / 360 <= box[3]


@pytest.mark.given
def test_real_dust_is_found_and_plain_flights_stay_mostly_quiet(shared, detector):
    """What the card says: five of six dust photographs at IoU 0.3, a quarter of a false box a plain drone picture."""
    folder = shared / "data/detection"
    hits = 0
    for file in sorted((folder / "real_eval/images").glob("dust*")):
        image = read_picture(file)
        h, w = image.shape[:2]
        text = (folder / "real_eval/labels" / f"{file.stem}.txt").read_text().split()
        u, v, bw, bh = (float(x) for x in text[1:5])
        drawn = np.array([[(u - bw / 2) * w, (v - bh / 2) * h, (u + bw / 2) * w, (v + bh / 2) * h]])
        found = detector.detect([image])[0]
        hits += bool(len(found) and iou(found.box, drawn).max() >= 0.3)
    assert hits >= 5
    plain = (
        sorted((folder / "vehicles/images/val").iterdir())
        + sorted((folder / "backgrounds/free/garfield_park").glob("*.jpg"))[1::2]
    )
    false = [len(detector.detect([read_picture(f)])[0]) for f in plain]
    assert np.mean(false) <= 0.35


def test_a_lower_threshold_never_loses_a_place():
    image = veiled(textured(5), cloud(strongest=0.6))
    strict, loose = (HazeDetector("h", "", None, c).detect([image])[0] for c in (0.7, 0.1))
    assert len(loose) >= len(strict)
    assert all(iou(strict.box[i : i + 1], loose.box).max() == 1 for i in range(len(strict)))
