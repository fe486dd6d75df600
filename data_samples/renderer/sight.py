"""What is seen where: a depth buffer with colour, normal and object number, filled face by face.

`Sight` looks through a camera; `SunSight` looks down the sunlight onto the ground plane and keeps the height of the
first surface that catches the light, which is the shadow map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from data_samples.renderer.camera import Lens, Pose, axes, project, rays
from data_samples.renderer.surfaces import NOISE, face_colours
from data_samples.renderer.things import Face, Leaf

FloatArray = NDArray[np.float64]
Float32Array = NDArray[Any]  # float32; OpenCV's stubs only say numbers

NEAR_M = 1.0
WIDEST = 1.3


@dataclass
class Sight:
    """Buffers of one view, `scale` times finer than the picture."""

    lens: Lens
    pose: Pose
    scale: float
    ray: Float32Array
    depth: Float32Array
    colour: Float32Array
    normal: Float32Array
    ident: NDArray[np.int32]
    gloss: Float32Array

    @classmethod
    def empty(cls, lens: Lens, pose: Pose, scale: float) -> Sight:
        """Nothing seen yet: depth infinite."""
        ray = rays(lens, pose, scale)
        rows, columns = ray.shape[:2]
        return cls(
            lens,
            pose,
            scale,
            ray,
            np.full((rows, columns), np.inf, np.float32),
            np.zeros((rows, columns, 3), np.float32),
            np.zeros((rows, columns, 3), np.float32),
            np.full((rows, columns), -1, np.int32),
            np.zeros((rows, columns), np.float32),
        )

    def points(self) -> Float32Array:
        """The seen points, (rows, columns, 3) local metres."""
        return self.ray * self.depth[..., None] + self.pose.centre.astype(np.float32)

    def windows_around(self, centres: FloatArray, radii: FloatArray) -> list[tuple[slice, slice] | None]:
        """Rows and columns that each ball can touch; None where it is outside or (partly) behind.

        Args:
            centres: (n, 3) local metres.
            radii: (n,) metres.

        Returns:
            n windows.
        """
        depth = (centres - self.pose.centre) @ axes(self.pose)[2]
        uv = self._pixels(centres)
        off_axis = np.hypot(*((uv / self.scale - [self.lens.cx_px, self.lens.cy_px]) / self.lens.focal_px).T)
        reach = radii / np.maximum(depth - radii, NEAR_M) * self.lens.focal_px * self.scale * (1 + off_axis**2) + 2
        seen = (depth - radii > NEAR_M) & (off_axis < WIDEST + radii / np.maximum(depth - radii, NEAR_M))
        return [self._clip(uv[k] - reach[k], uv[k] + reach[k]) if seen[k] else None for k in range(len(centres))]

    def _pixels(self, points: FloatArray) -> FloatArray:
        """Where points fall in the buffers; far outside the picture, where Brown's terms fold back, without them."""
        uv = project(points, self.lens, self.pose)
        plain = project(points, replace(self.lens, distortion=(0.0,) * 5), self.pose)
        off_axis = np.hypot(*((plain - [self.lens.cx_px, self.lens.cy_px]) / self.lens.focal_px).T)
        return np.where((off_axis < WIDEST)[:, None], uv, plain) * self.scale

    def _clip(self, low: FloatArray, high: FloatArray) -> tuple[slice, slice] | None:
        rows, columns = self.depth.shape
        u0, v0 = max(0, int(low[0])), max(0, int(low[1]))
        u1, v1 = min(columns, int(high[0]) + 1), min(rows, int(high[1]) + 1)
        return (slice(v0, v1), slice(u0, u1)) if u0 < u1 and v0 < v1 else None

    def draw_faces(self, faces: Sequence[Face]) -> None:
        """Draw all faces that look towards the camera and fall into the picture."""
        sizes = np.array([len(f.corners) for f in faces])
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        relative = np.concatenate([f.corners for f in faces]) - self.pose.centre
        following = np.arange(len(relative)) + 1
        following[starts + sizes - 1] = starts
        edges = np.cross(relative[following], relative)
        first = relative[starts]
        normals = np.cross(relative[starts + 1] - first, relative[starts + sizes - 1] - first)
        normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
        offsets = np.einsum("ij,ij->i", normals, first)
        uv = self._pixels(relative + self.pose.centre)
        uv[relative @ axes(self.pose)[2] < NEAR_M] = np.nan
        low, high = np.minimum.reduceat(uv, starts), np.maximum.reduceat(uv, starts)
        rows, columns = self.depth.shape
        with np.errstate(invalid="ignore"):
            seen = (high > 0).all(axis=1) & (low[:, 0] < columns) & (low[:, 1] < rows) & (offsets < -1e-9)
        for index in np.flatnonzero(seen).tolist():
            window = self._clip(low[index] - 1, high[index] + 1)
            if window is not None:
                own = slice(starts[index], starts[index] + sizes[index])
                planes = np.column_stack([*edges[own], normals[index]]).astype(np.float32)
                self._draw(faces[index], planes, np.float32(offsets[index]), window)

    def _draw(self, face: Face, planes: Float32Array, offset: np.float32, window: tuple[slice, slice]) -> None:
        """Draw one face where rays pass inside its edges, in front of what is there.

        `planes` (3, k + 1) holds the normals of the planes through the camera and each edge, and the face's own.
        """
        across = self.ray[window] @ planes
        inside = across[..., 0] >= 0
        for side in range(1, planes.shape[1] - 1):
            inside &= across[..., side] >= 0
        at = np.nonzero(inside)
        if not len(at[0]):
            return
        depth = offset / across[..., -1][at]
        nearer = (depth < self.depth[window][at]) & (depth > 0)
        at, depth = (at[0][nearer], at[1][nearer]), depth[nearer]
        if not len(depth):
            return
        points = self.ray[window][at] * depth[:, None] + self.pose.centre.astype(np.float32)
        colour, keep, gloss = face_colours(face, points)
        if keep is not None:
            at, colour, depth = (at[0][keep], at[1][keep]), colour[keep], depth[keep]
        self._store(window, at, depth, colour, planes[:, -1], face.ident)
        self.gloss[window][at] = gloss

    def _store(
        self,
        window: tuple[slice, slice],
        at: tuple[NDArray[np.intp], ...],
        depth: Float32Array,
        colour: Float32Array,
        normal: Float32Array,
        ident: int,
    ) -> None:
        self.depth[window][at] = depth
        self.colour[window][at] = colour
        self.normal[window][at] = normal
        self.ident[window][at] = ident
        self.gloss[window][at] = 0

    def draw_leaves(self, leaves: Sequence[Leaf]) -> None:
        """Draw balls of leaves: spheres with ragged edges and rough shading."""
        centres = np.array([leaf.centre for leaf in leaves])
        windows = self.windows_around(centres, np.array([leaf.radius_m for leaf in leaves]))
        for leaf, centre, window in zip(leaves, centres, windows, strict=True):
            if window is not None:
                self._draw_leaf(leaf, centre, window)

    def _draw_leaf(self, leaf: Leaf, centre: FloatArray, window: tuple[slice, slice]) -> None:
        ray = self.ray[window]
        to_centre = (centre - self.pose.centre).astype(np.float32)
        a = (ray * ray) @ np.ones(3, np.float32)
        b = ray @ to_centre
        root = b * b - a * np.float32(to_centre @ to_centre - leaf.radius_m**2)
        at = np.nonzero(root > 0)
        if not len(at[0]):
            return
        depth = (b[at] - np.sqrt(root[at])) / a[at]
        points = ray[at] * depth[:, None] + self.pose.centre.astype(np.float32)
        out = (points - centre.astype(np.float32)) / np.float32(leaf.radius_m)
        facing = -(out * ray[at]).sum(axis=1) / np.sqrt(a[at])
        rough = NOISE["leaf"].at(points[:, 0] + 0.7 * points[:, 2], points[:, 1] + 0.7 * points[:, 2])
        coarse = NOISE["clump"].at(points[:, 0] - 0.4 * points[:, 2], points[:, 1] + 0.5 * points[:, 2])
        keep = (depth < self.depth[window][at]) & (facing > 0.32 + 0.24 * rough)
        at = (at[0][keep], at[1][keep])
        light = 1 + 0.34 * rough[keep] + 0.12 * coarse[keep]
        colour = np.power(np.array(leaf.colour, np.float32), np.float32(2.2)) * np.clip(light, 0.25, 1.9)[:, None]
        deep = np.clip(0.55 + 0.45 * out[keep, 2:3], 0.35, 1)
        normal = out[keep].astype(np.float32)
        normal[:, 0] += 0.35 * rough[keep]
        normal[:, 1] += 0.35 * coarse[keep]
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        self._store(window, at, depth[keep] + np.float32(0.2 * leaf.radius_m), colour * deep, normal, leaf.ident)


@dataclass
class SunSight:
    """Height of the surface that catches the sunlight on its way to each cell of the plane z = 0."""

    half_x_m: float
    half_y_m: float
    cell_m: float
    to_sun: FloatArray
    height: Float32Array

    @classmethod
    def empty(cls, half_x_m: float, half_y_m: float, cell_m: float, to_sun: FloatArray) -> SunSight:
        """Nothing stands in the light yet."""
        shape = (round(2 * half_y_m / cell_m), round(2 * half_x_m / cell_m))
        return cls(half_x_m, half_y_m, cell_m, to_sun, np.full(shape, -50.0, np.float32))

    def cells(self, points: FloatArray | Float32Array) -> FloatArray:
        """Points (..., 3) as raster coordinates of the place their shadow falls on the plane, (..., 2)."""
        drift = self.to_sun[:2] / self.to_sun[2]
        ground = points[..., :2] - points[..., 2:] * drift.astype(points.dtype)
        offset = np.array([self.half_x_m, self.half_y_m], points.dtype)
        cells: FloatArray = (ground + offset) / self.cell_m - 0.5
        return cells

    def block_faces(self, faces: Sequence[Face]) -> None:
        """Let faces stand in the light, whichever side it meets."""
        for face in faces:
            if face.texture in ("lattice", "glass_thin"):
                continue
            self._block(face)

    def _block(self, face: Face) -> None:
        cells = self.cells(face.corners)
        rows, columns = self.height.shape
        low = np.maximum(np.floor(cells.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(cells.max(axis=0)).astype(int) + 1, [columns, rows])
        if (low >= high).any():
            return
        mask = np.zeros((high[1] - low[1], high[0] - low[0]), np.uint8)
        cv2.fillPoly(mask, [np.round((cells - low) * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
        normal = np.cross(face.corners[1] - face.corners[0], face.corners[-1] - face.corners[0])
        towards = normal @ self.to_sun / self.to_sun[2]
        if abs(towards) < 1e-9:
            return
        at = np.nonzero(mask)
        x = (at[1] + low[0] + 0.5) * self.cell_m - self.half_x_m
        y = (at[0] + low[1] + 0.5) * self.cell_m - self.half_y_m
        z = (normal @ face.corners[0] - normal[0] * x - normal[1] * y) / towards
        z = z.clip(face.corners[:, 2].min(), face.corners[:, 2].max()).astype(np.float32)
        window = self.height[low[1] : high[1], low[0] : high[0]]
        window[at] = np.maximum(window[at], z)

    def block_leaves(self, leaves: Sequence[Leaf]) -> None:
        """Let balls of leaves stand in the light, with gaps."""
        stretch = 1 / self.to_sun[2]
        azimuth = np.degrees(np.arctan2(self.to_sun[1], self.to_sun[0]))
        for leaf in leaves:
            middle = self.cells(np.array(leaf.centre))
            radius = 0.92 * leaf.radius_m / self.cell_m
            reach = int(radius * stretch) + 2
            c0, r0 = int(middle[0]) - reach, int(middle[1]) - reach
            if c0 < 0 or r0 < 0 or c0 + 2 * reach >= self.height.shape[1] or r0 + 2 * reach >= self.height.shape[0]:
                continue
            mask = np.zeros((2 * reach + 1, 2 * reach + 1), np.uint8)
            axes_px = (max(1, round(radius * stretch)), max(1, round(radius)))
            cv2.ellipse(mask, (reach, reach), axes_px, azimuth, 0, 360, 1, -1)
            at = np.nonzero(mask)
            gaps = NOISE["leaf"].at((at[1] + c0) * self.cell_m * 0.5, (at[0] + r0) * self.cell_m * 0.5)
            keep = gaps < 1.15
            at = (at[0][keep], at[1][keep])
            window = self.height[r0 : r0 + 2 * reach + 1, c0 : c0 + 2 * reach + 1]
            window[at] = np.maximum(window[at], np.float32(leaf.centre[2]))

    def shade_at(self, points: Float32Array, bias_m: float = 0.25) -> Float32Array:
        """Share of sunlight that is taken away at points (rows, columns, 3), with softened edges."""
        cells = self.cells(points).astype(np.float32)
        taken = np.zeros(points.shape[:2], np.float32)
        taps = ((-0.6, -0.3), (0.6, 0.3), (-0.3, 0.7), (0.3, -0.7))
        for du, dv in taps:
            height = cv2.remap(
                self.height,
                cells[..., 0] + np.float32(du),
                cells[..., 1] + np.float32(dv),
                cv2.INTER_NEAREST,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=-50.0,
            )
            taken += height > points[..., 2] + bias_m
        return taken / len(taps)
