"""One picture: everything drawn, lit, veiled, blurred, with noise; and what is where in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data_samples.renderer import clouds, light
from data_samples.renderer.camera import Lens, Pose
from data_samples.renderer.ground import KINDS, Canvas, linear
from data_samples.renderer.noise import Tile, field, lit
from data_samples.renderer.sight import Sight, SunSight
from data_samples.renderer.things import Discharge, OutfallMouth, Scene
from data_samples.renderer.water import water_colours

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

SCALE = 1.25
SUN_CELL_M = 0.11
SHADOW_CELL_M = 0.5
VEIL_STEP = 3
SENSOR_NOISE = 0.0065
BLUR_PX = 0.55
SKY_SEEN = np.array([0.55, 0.63, 0.74], np.float32)
VISIBLE_SHARE = 0.16

DETAIL = {
    "asphalt": (Tile.of(field(21, 0.1, 0.02, 1.2), 24.0), 0.085, 0.075),
    "grass": (Tile.of(field(22, 0.65, 0.03, 1.5), 26.0), 0.25, 0.16),
    "soil": (Tile.of(lit(23, 1.45, 205.0, 0.10, 2.0), 27.0), 0.15, 0.15),
    "concrete": (Tile.of(field(24, 0.35, 0.05, 1.2), 25.0), 0.05, 0.085),
    "paving": (Tile.of(field(25, 0.25, 0.02, 1.2), 23.0), 0.07, 0.05),
    "gravel": (Tile.of(lit(26, 0.9, 205.0, 0.02, 2.0), 21.0), 0.16, 0.07),
    "net": (Tile.of(lit(27, 1.3, 205.0, 0.06, 3.0), 25.0), 0.17, 0.08),
}
PATCHY = Tile.of(field(28, 1.45, 0.25), 110.0)
PATCHY_FINE = Tile.of(field(29, 1.1, 0.08), 31.0)


@dataclass(frozen=True)
class Stage:
    """A scene made ready for rendering: painted ground, shadow map, clouds' shadow."""

    scene: Scene
    canvas: Canvas
    sun: SunSight
    cloud_shadow: Float32Array
    to_sun: FloatArray
    pairs: list[tuple[OutfallMouth, Discharge]]


@dataclass(frozen=True)
class Rendered:
    """A picture and what is where. Masks are `scale` times finer than the picture, veils coarser."""

    pixels: NDArray[np.uint8]
    ident: NDArray[np.int32]
    veils: dict[str, Float32Array]
    discharges: dict[str, NDArray[np.bool_]]
    soil: NDArray[np.bool_]
    scale: float


def staged(scene: Scene, canvas: Canvas, to_sun: FloatArray, sun_cell_m: float = SUN_CELL_M) -> Stage:
    """Make the shadow map and the clouds' shadow of a scene."""
    half_x, half_y = scene.half_size_m
    sun = SunSight.empty(half_x, half_y, sun_cell_m, to_sun)
    sun.block_faces(scene.faces)
    sun.block_leaves(scene.leaves)
    _block_ground(sun, canvas)
    shadow = clouds.shadow_depth(scene.clouds, half_x, half_y, SHADOW_CELL_M, to_sun)
    mouths = {mouth.name: mouth for mouth in scene.mouths}
    return Stage(scene, canvas, sun, shadow, to_sun, [(mouths[d.outfall], d) for d in scene.discharges])


def _block_ground(sun: SunSight, canvas: Canvas) -> None:
    """The ground itself stands in the light of the lower water."""
    kind = cv2.resize(canvas.kind, sun.height.shape[::-1], interpolation=cv2.INTER_NEAREST)
    solid = kind != KINDS.index("hole")
    sun.height[solid] = np.maximum(sun.height[solid], 0.0)


def render(stage: Stage, lens: Lens, pose: Pose, rng: np.random.Generator) -> Rendered:
    """Render one picture of a staged scene."""
    sight = Sight.empty(lens, pose, SCALE)
    soil = _draw_ground(sight, stage)
    shares, ripple = _draw_water(sight, stage)
    sight.draw_faces(stage.scene.faces)
    sight.draw_leaves(stage.scene.leaves)
    for share in shares.values():
        share[sight.ident != 1] = 0
    radiance = _lit(sight, stage, ripple)
    veils = _veils(sight, stage)
    for puffs in stage.scene.clouds:
        radiance = _behind(radiance, veils[puffs.name], puffs.colour)
    distance = sight.depth * np.linalg.norm(sight.ray, axis=-1)
    radiance = light.through_air(radiance, np.nan_to_num(distance, posinf=5000.0))
    return Rendered(
        _photographed(radiance, lens, rng),
        sight.ident,
        {name: v.depth for name, v in veils.items()},
        {name: share > VISIBLE_SHARE for name, share in shares.items()},
        soil & (sight.ident == 0),
        SCALE,
    )


def _level_of(sight: Sight, depth: Float32Array) -> NDArray[np.int32]:
    """Which copy of the ground raster suits the size of a pixel on the ground."""
    across = depth / (sight.lens.focal_px * sight.scale)
    steep = np.abs(sight.ray[..., 2]) / np.linalg.norm(sight.ray, axis=-1)
    size = across / np.sqrt(np.clip(steep, 0.05, 1))
    return np.clip(np.floor(np.log2(np.clip(size / 0.055, 0.1, 100))), 0, 3).astype(np.int32)


def _draw_ground(sight: Sight, stage: Stage) -> NDArray[np.bool_]:
    """Draw the flat ground where it is not cut open for the creek; give back where it is bare soil."""
    down = sight.ray[..., 2] < -1e-3
    depth = np.where(down, -sight.pose.z_m / np.minimum(sight.ray[..., 2], -1e-3), np.inf).astype(np.float32)
    near = np.where(down, depth, 0)
    x = sight.ray[..., 0] * near + np.float32(sight.pose.x_m)
    y = sight.ray[..., 1] * near + np.float32(sight.pose.y_m)
    kind = stage.canvas.kind_at(x, y)
    level = _level_of(sight, near)
    colour = stage.canvas.colour_at(x, y, 0)
    for step in range(1, 4):
        use = level == step
        if use.any():
            colour[use] = stage.canvas.colour_at(x, y, step)[use]
    colour = _detailed(colour, kind, x, y, level)
    ground = down & (kind != KINDS.index("hole"))
    sight.depth[ground] = depth[ground]
    sight.colour[ground] = colour[ground]
    sight.normal[ground] = np.array([0, 0, 1], np.float32)
    sight.ident[ground] = 0
    return ground & (kind == KINDS.index("soil"))


def _detailed(
    colour: Float32Array, kind: NDArray[np.uint8], x: Float32Array, y: Float32Array, level: NDArray[np.int32]
) -> Float32Array:
    """Multiply grain and patches of each surface kind onto the painted colour."""
    for name, (tile, fine, patchy) in DETAIL.items():
        use = kind == KINDS.index(name)
        if not use.any():
            continue
        px, py = x[use], y[use]
        grain = tile.at(px, py, 0)
        far = level[use]
        if far.max() > 0:
            grain = np.where(far > 0, tile.at(px, py, 2), grain)
        patches = PATCHY.at(px, py) + 0.6 * PATCHY_FINE.at(py, px)
        factor = np.clip(1 + fine * grain + patchy * patches, 0.25, 2.2)[:, None]
        if name == "grass":
            dry = np.clip(0.5 * PATCHY.at(py * 0.9 + 17, px * 0.9) + 0.25 * PATCHY_FINE.at(px, py), -0.4, 0.9)[:, None]
            colour[use] = colour[use] * factor * (1 + dry * np.array([0.55, 0.25, 0.05], np.float32))
        else:
            colour[use] *= factor
    return colour


def _draw_water(sight: Sight, stage: Stage) -> tuple[dict[str, Float32Array], Float32Array]:
    creek = stage.scene.creek
    open_ = np.isinf(sight.depth) & (sight.ray[..., 2] < -1e-3)
    shares = {d.name: np.zeros(sight.depth.shape, np.float32) for _, d in stage.pairs}
    ripples = np.zeros(sight.depth.shape, np.float32)
    at = np.nonzero(open_)
    if not len(at[0]):
        return shares, ripples
    depth = (creek.water_z_m - sight.pose.z_m) / sight.ray[at][:, 2]
    x = sight.ray[at][:, 0] * depth + sight.pose.x_m
    y = sight.ray[at][:, 1] * depth + sight.pose.y_m
    colour, ripple, found = water_colours(creek, stage.pairs, x, y)
    sight.depth[at] = depth
    sight.colour[at] = colour
    slope = np.float32(0.025)
    sight.normal[at] = np.stack([ripple * slope, -ripple * slope, np.ones_like(ripple)], axis=1)
    sight.ident[at] = 1
    ripples[at] = ripple
    for name, share in found.items():
        shares[name][at] = share
    return shares, ripples


def _lit(sight: Sight, stage: Stage, ripple: Float32Array) -> Float32Array:
    known = np.isfinite(sight.depth)
    sight.depth[~known] = 3000.0
    points = sight.points()
    shade = stage.sun.shade_at(points)
    cells = stage.sun.cells(points) * (stage.sun.cell_m / SHADOW_CELL_M)
    dust = cv2.remap(
        stage.cloud_shadow, cells[..., 0].astype(np.float32), cells[..., 1].astype(np.float32), cv2.INTER_LINEAR
    )
    sun_share = (1 - shade) * np.exp(-0.8 * dust * np.clip(1 - points[..., 2] / 12, 0, 1))
    radiance = light.lit_colour(sight.colour, sight.normal, sun_share.astype(np.float32), stage.to_sun)
    _mirror_sky(radiance, sight, ripple)
    radiance[~known] = SKY_SEEN
    return radiance


def _mirror_sky(radiance: Float32Array, sight: Sight, ripple: Float32Array) -> None:
    """Add the sky mirrored in water, glass and paint (Schlick's approximation of Fresnel's formula)."""
    shiny = (sight.ident == 1) | (sight.gloss > 0)
    at = np.nonzero(shiny)
    if not len(at[0]):
        return
    ray = sight.ray[at]
    cosine = np.abs((ray * sight.normal[at]).sum(axis=1)) / np.linalg.norm(ray, axis=1)
    base = np.where(sight.ident[at] == 1, 0.022, 0.10 * (sight.gloss[at] > 0.15) + 0.03)
    mirror = base + (1 - base) * np.clip(1 - cosine, 0, 1) ** 5
    strength = np.where(sight.ident[at] == 1, 0.9 + 0.16 * ripple[at], sight.gloss[at] * 1.6)
    up = np.where(sight.ident[at] == 1, 1.0, np.clip(sight.normal[at][:, 2], 0.15, 1))
    radiance[at] += (mirror * strength * up)[:, None].astype(np.float32) * SKY_SEEN


def _veils(sight: Sight, stage: Stage) -> dict[str, clouds.Veil]:
    ray = np.ascontiguousarray(sight.ray[::VEIL_STEP, ::VEIL_STEP])
    depth = cv2.erode(sight.depth, np.ones((VEIL_STEP, VEIL_STEP), np.uint8))[::VEIL_STEP, ::VEIL_STEP]
    made = {}
    for puffs in stage.scene.clouds:
        windows = [_coarse(w) for w in sight.windows_around(puffs.centres, clouds.CUT_SIGMAS * puffs.sigmas_m)]
        veil = clouds.veil(puffs, sight.pose.centre, ray, depth, windows, stage.to_sun)
        size = sight.depth.shape[::-1]
        made[puffs.name] = clouds.Veil(
            cv2.resize(veil.depth, size, interpolation=cv2.INTER_LINEAR),
            cv2.resize(veil.light, size, interpolation=cv2.INTER_LINEAR),
        )
    return made


def _coarse(window: tuple[slice, slice] | None) -> tuple[slice, slice] | None:
    if window is None:
        return None
    rows, columns = window
    return (
        slice(rows.start // VEIL_STEP, rows.stop // VEIL_STEP + 1),
        slice(columns.start // VEIL_STEP, columns.stop // VEIL_STEP + 1),
    )


def _behind(radiance: Float32Array, veil: clouds.Veil, colour: tuple[float, float, float]) -> Float32Array:
    kept = np.exp(-veil.depth)[..., None]
    glow = linear(colour) * (light.SUN * 0.58 * veil.light[..., None] + light.SKY * 0.60)
    return radiance * kept + glow * (1 - kept)


def _photographed(radiance: Float32Array, lens: Lens, rng: np.random.Generator) -> NDArray[np.uint8]:
    small = cv2.resize(radiance, (lens.width_px, lens.height_px), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), BLUR_PX)
    u = (np.arange(lens.width_px) - lens.cx_px) / lens.focal_px
    v = (np.arange(lens.height_px) - lens.cy_px) / lens.focal_px
    falloff = (1 + 0.45 * (u[None, :] ** 2 + v[:, None] ** 2)) ** -1
    toned = light.developed(small * falloff[..., None].astype(np.float32))
    sharp = toned + np.float32(0.35) * (toned - cv2.GaussianBlur(toned, (0, 0), 1.2))
    grain = rng.standard_normal((lens.height_px, lens.width_px, 1), dtype=np.float32)
    tint = rng.standard_normal((lens.height_px, lens.width_px, 3), dtype=np.float32)
    noisy = sharp + np.float32(SENSOR_NOISE) * (grain + np.float32(0.4) * tint)
    return np.round(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
