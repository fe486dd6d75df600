"""What resembles a plume and is none, painted over photographs; and what cameras do to any picture."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from scipy.special import expit

from models.vision.detections import FloatArray, UInt8Image
from models.vision.training.composites.noise import cut
from models.vision.training.composites.painted import DUSTS, GAMMA

Look = Callable[[FloatArray, np.random.Generator, FloatArray], FloatArray]


def lookalike(image: UInt8Image, random: np.random.Generator, tiles: FloatArray) -> UInt8Image:
    """A photograph with one thing in it that a plume is taken for: its truth is nothing."""
    scene = (image.astype(np.float32) / 255) ** GAMMA
    made = LOOKS[int(random.integers(len(LOOKS)))](scene, random, tiles)
    return np.asarray(np.clip(made, 0, 1) ** (1 / GAMMA) * 255 + 0.5, dtype=np.uint8)


def haze(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """Over the whole picture, thicker towards its upper edge: distance, not a source."""
    height = scene.shape[0]
    far = np.linspace(random.uniform(0.4, 2.0), random.uniform(0.0, 0.4), height, dtype=np.float32)[:, None, None]
    passes = np.exp(-random.uniform(0.2, 1.2) * far)
    grey = np.quantile(scene, 0.9) * random.uniform(0.7, 1.1) * random.uniform(0.92, 1.05, 3)
    return np.asarray(scene * passes + grey.astype(np.float32) * (1 - passes))


def pale_ground(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """Rock, tailings, concrete: the ground itself is pale there, its texture kept and its border clear."""
    height, width = scene.shape[:2]
    field = cut(tiles, random, height, width, random.uniform(0.6, 2.5))
    sharp = random.uniform(3, 40)
    mask = expit(sharp * (field - random.uniform(0.2, 1.2)))[..., None]
    grey = scene.mean(axis=2, keepdims=True)
    texture = 1 + random.uniform(0.15, 0.5) * cut(tiles, random, height, width, 0.2)[..., None]
    pale = DUSTS[int(random.integers(7))].astype(np.float32) * float(np.quantile(scene, 0.95)) * texture
    own = np.clip(grey / max(float(np.median(grey)), 0.02), 0.6, 1.6)
    return np.asarray(scene * (1 - mask) + pale * own * mask)


def glare(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """The sun in the lens: a wide veil around one point, a bright core, and sometimes a streak."""
    height, width = scene.shape[:2]
    v, u = np.mgrid[:height, :width].astype(np.float32)
    far = np.hypot(u - random.uniform(-0.1, 1.1) * width, v - random.uniform(-0.2, 0.6) * height) / max(height, width)
    veil = random.uniform(0.1, 0.5) * np.exp(-far / random.uniform(0.1, 0.5))
    return np.asarray(scene + (veil[..., None] * random.uniform(0.85, 1.1, 3)).astype(np.float32))


def dirt(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """Drops and smears on the lens: round, soft, out of focus, brighter or darker, anywhere."""
    height, width = scene.shape[:2]
    drawn = np.zeros((height, width), np.float32)
    for _ in range(int(random.integers(1, 9))):
        place = int(random.uniform(0, width)), int(random.uniform(0, height))
        radius = int(random.uniform(0.01, 0.06) * max(height, width)) + 1
        cv2.circle(drawn, place, radius, float(random.uniform(0.2, 0.7)), -1)
    mask = cv2.GaussianBlur(drawn, (0, 0), random.uniform(0.004, 0.02) * max(height, width))[..., None]
    smeared = cv2.GaussianBlur(scene, (0, 0), random.uniform(2, 8))
    return np.asarray(scene * (1 - mask) + smeared * random.uniform(0.7, 1.5) * mask)


def shade(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """A cloud's shadow and the sun beside it."""
    height, width = scene.shape[:2]
    field = cut(tiles, random, height, width, random.uniform(1.0, 3.0))
    lit = expit(random.uniform(3, 12) * field)
    return np.asarray(scene * (random.uniform(0.35, 0.7) + (1.35 - 0.5) * lit)[..., None])


def washed(scene: FloatArray, random: np.random.Generator, tiles: FloatArray) -> FloatArray:
    """Wet or worn ground: a patch of lower contrast under the same light, without any veil's colour."""
    height, width = scene.shape[:2]
    mask = expit(random.uniform(4, 20) * (cut(tiles, random, height, width, 1.5) - 0.8))[..., None]
    soft = cv2.GaussianBlur(scene, (0, 0), random.uniform(1.5, 5))
    return np.asarray(scene * (1 - mask) + soft * random.uniform(0.6, 1.15) * mask)


LOOKS: tuple[Look, ...] = (haze, pale_ground, pale_ground, glare, dirt, shade, washed)


def photographed(image: UInt8Image, random: np.random.Generator) -> UInt8Image:
    """What any camera may do: exposure, contrast, colour, blur, noise, compression."""
    x: FloatArray = image.astype(np.float32) / 255
    if random.uniform() < 0.8:
        x = np.clip(x, 1e-4, 1) ** random.uniform(0.7, 1.4) * random.uniform(0.8, 1.15)
        grey = x.mean(axis=2, keepdims=True)
        x = grey + (x - grey) * random.uniform(0.4, 1.3)
        x = x * random.uniform(0.93, 1.07, 3).astype(np.float32)
    if random.uniform() < 0.3:
        x = np.asarray(cv2.GaussianBlur(x, (0, 0), random.uniform(0.4, 1.6)), dtype=np.float32)
    if random.uniform() < 0.5:
        x = x + random.normal(0, random.uniform(0.003, 0.025), x.shape).astype(np.float32)
    made = np.asarray(np.clip(x, 0, 1) * 255 + 0.5, dtype=np.uint8)
    if random.uniform() < 0.6:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(35, 95))]
        _, data = cv2.imencode(".jpg", made[..., ::-1], quality)
        made = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)[..., ::-1].copy()
    return made
