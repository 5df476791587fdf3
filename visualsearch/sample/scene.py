"""What surrounds a product on its photo: background, light and the camera's position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from visualsearch.sample.dice import Dice
from visualsearch.sample.shapes import cosine, noise, sine

PHOTO_WIDTH, PHOTO_HEIGHT = 240, 320
_MARGIN = 40  # backgrounds are larger by this, so that each photo shows another part
_WIDTH, _HEIGHT = PHOTO_WIDTH + _MARGIN, PHOTO_HEIGHT + _MARGIN

BACKGROUNDS: dict[str, float] = {"white": 0.46, "grey": 0.24, "tint": 0.14, "wood": 0.08, "room": 0.08}
VARIANTS = 6
LIGHTS = 24
_TINTS = (
    (232, 222, 210),
    (214, 226, 232),
    (236, 216, 214),
    (218, 230, 214),
    (228, 222, 236),
    (240, 228, 200),
)
_WOODS = ((168, 124, 84), (204, 170, 128), (126, 88, 60), (214, 196, 170), (150, 142, 134), (184, 136, 92))
_WALLS = (
    (206, 212, 210),
    (222, 206, 190),
    (190, 202, 214),
    (214, 214, 220),
    (200, 210, 192),
    (228, 220, 208),
)


@dataclass(frozen=True)
class Pose:
    """``turn`` in degrees; ``zoom`` relative to filling the frame; shifts in pixels of the photo."""

    turn: float = 0.0
    zoom: float = 1.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    stretch: float = 1.0
    mirrored: bool = False


@dataclass(frozen=True)
class Scene:
    background: str
    variant: int
    crop: tuple[int, int]
    light: int
    pose: Pose


def choose_scene(dice: Dice, standing: bool) -> Scene:
    """A shop's usual photo: mostly on white, nearly straight, now and then something else."""
    loose = dice.chance(0.15)
    turn = dice.between(-4, 4) if standing or not loose else dice.between(-14, 14)
    pose = Pose(
        turn=round(turn, 2),
        zoom=dice.between(0.9, 1.02),
        shift_x=dice.between(-5, 5),
        shift_y=dice.between(-8, 8),
        stretch=dice.between(0.96, 1.04),
        mirrored=dice.chance(0.4),
    )
    return Scene(
        background=dice.weighted(BACKGROUNDS),
        variant=dice.whole(0, VARIANTS - 1),
        crop=(dice.whole(0, _MARGIN), dice.whole(0, _MARGIN)),
        light=dice.whole(0, LIGHTS - 1),
        pose=pose,
    )


def affine(pose: Pose, box: tuple[int, int, int, int], largest: float = 1.0) -> tuple[float, ...]:
    """Coefficients for ``Image.transform`` that put the garment's box into the frame's middle.

    ``largest`` bounds the enlargement, since enlarged drawings look soft.
    """
    left, top, right, bottom = box
    fit = min(PHOTO_WIDTH * 0.88 / (right - left), PHOTO_HEIGHT * 0.9 / (bottom - top), largest)
    scale_x, scale_y = fit * pose.zoom * pose.stretch, fit * pose.zoom
    c, s = cosine(pose.turn), sine(pose.turn)
    flip = -1.0 if pose.mirrored else 1.0
    a, b = flip * c / scale_x, flip * s / scale_x
    d, e = -s / scale_y, c / scale_y
    x, y = PHOTO_WIDTH / 2 + pose.shift_x, PHOTO_HEIGHT / 2 + pose.shift_y
    return a, b, (left + right) / 2 - a * x - b * y, d, e, (top + bottom) / 2 - d * x - e * y


def background_of(scene: Scene) -> Image.Image:
    """A fresh background, RGB, of the photo's size."""
    left, top = scene.crop
    return _background(scene.background, scene.variant).crop(
        (left, top, left + PHOTO_WIDTH, top + PHOTO_HEIGHT)
    )


@lru_cache(maxsize=len(BACKGROUNDS) * VARIANTS)
def _background(kind: str, variant: int) -> Image.Image:
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH].astype(np.float32)
    x, y = columns / _WIDTH - np.float32(0.5), rows / _HEIGHT - np.float32(0.5)
    glow = 1 - (x * x + (y + np.float32(0.1)) * (y + np.float32(0.1))) * np.float32(0.5)
    if kind == "white":
        level = glow * np.float32(0.06) + np.float32(0.945 + 0.004 * variant)
        colour = (255, 255, 255)
    elif kind == "grey":
        level = glow * np.float32(0.3) + np.float32(0.62) - y * np.float32(0.03 * variant)
        colour = (226 - 5 * variant, 227 - 5 * variant, 230 - 5 * variant)
    elif kind == "tint":
        level, colour = glow * np.float32(0.16) + np.float32(0.86), _TINTS[variant]
    elif kind == "wood":
        level, colour = _planks(variant, rows, columns) * glow, _WOODS[variant]
    else:
        level, colour = _wall_and_floor(variant, y) * glow, _WALLS[variant]
    pixels = level[..., None] * np.array(colour, np.float32)
    return Image.fromarray(np.rint(np.clip(pixels, 0, 255)).astype(np.uint8))


def _planks(variant: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Boards with grain, upright or lying, and dark gaps."""
    upright = variant % 2 == 0
    across = columns if upright else rows
    cells = (3, 70) if upright else (70, 3)
    grain = noise(20 + variant, _WIDTH, _HEIGHT, *cells) * np.float32(0.07)
    wide = noise(40 + variant, _WIDTH, _HEIGHT, *((9, 140) if upright else (140, 9))) * np.float32(0.05)
    board = (across / 62).astype(np.int32)
    tone = ((board * 37 + variant * 11) % 7).astype(np.float32) * np.float32(0.022)
    gap = np.where(across % 62 < 2, np.float32(0.62), np.float32(1))
    return (np.float32(0.96) + grain + wide - tone) * gap


def _wall_and_floor(variant: int, y: np.ndarray) -> np.ndarray:
    """A wall that meets a darker floor, with a soft edge, and plaster."""
    floor = np.clip((y - np.float32(0.24 + 0.02 * (variant % 3))) * 26, 0, 1)
    plaster = noise(60 + variant, _WIDTH, _HEIGHT, 5, 5) * np.float32(0.012)
    return 1 + plaster - floor * np.float32(0.2) + np.clip(y, 0, 1) * np.float32(0.06)


@lru_cache(maxsize=LIGHTS)
def light(number: int) -> Image.Image:
    """A light to multiply a photo with, RGB: from one of eight sides, neutral, warm or cool."""
    angle, tint = (number % 8) * 45, number // 8
    rows, columns = np.mgrid[0:PHOTO_HEIGHT, 0:PHOTO_WIDTH].astype(np.float32)
    across = (columns / PHOTO_WIDTH - np.float32(0.5)) * np.float32(cosine(angle))
    along = (rows / PHOTO_HEIGHT - np.float32(0.5)) * np.float32(sine(angle))
    level = np.float32(0.955) + (across + along) * np.float32(0.05 + 0.04 * (number % 3))
    colour = ((255, 255, 255), (255, 250, 240), (246, 250, 255))[tint]
    pixels = np.clip(level, 0, 1)[..., None] * np.array(colour, np.float32)
    return Image.fromarray(np.rint(pixels).astype(np.uint8))
