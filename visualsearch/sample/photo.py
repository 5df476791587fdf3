"""A product's photo: its template in its colours, posed in a scene."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

from PIL import Image, ImageChops

from visualsearch.sample import garments, patterns
from visualsearch.sample.dice import Dice
from visualsearch.sample.patterns import Colour
from visualsearch.sample.scene import (
    PHOTO_HEIGHT,
    PHOTO_WIDTH,
    Scene,
    affine,
    background_of,
    choose_scene,
    light,
)
from visualsearch.sample.template import SHADOW_REDUCTION, Template

_QUALITY = 88
_SIZE = (PHOTO_WIDTH, PHOTO_HEIGHT)


@dataclass(frozen=True)
class Look:
    """How a product looks, whatever the photo: its cut, cloth and colours.

    ``palette`` holds the pattern's slots; ``paint`` the colours of single roles of the template.
    """

    silhouette: str
    cut: int
    pattern: str
    tile: int
    palette: tuple[Colour, ...]
    paint: tuple[tuple[str, Colour], ...]


def photograph(look: Look, dice: Dice, detail: bool = False) -> bytes:
    """A JPEG of the product, PHOTO_WIDTH × PHOTO_HEIGHT. ``detail`` moves the camera close."""
    template = garments.template(look.silhouette, look.cut)
    scene = choose_scene(dice, template.standing)
    box = (0, 0, *template.alpha.size)
    largest = 1.0
    if detail:
        scene, box, largest = _close(scene, box)
    matrix = affine(scene.pose, box, largest)
    cloth = _dressed(look).transform(_SIZE, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    alpha = template.alpha.transform(_SIZE, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    photo = background_of(scene)
    photo.paste((28, 26, 34), mask=_thrown(template, matrix))
    photo.paste(cloth, mask=alpha)
    buffer = io.BytesIO()
    ImageChops.multiply(photo, light(scene.light)).save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


def _close(scene: Scene, box: tuple[int, int, int, int]) -> tuple[Scene, tuple[int, int, int, int], float]:
    """The scene with the camera before the garment's upper middle."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    part = (left + width // 5, top, right - width // 5, top + height * 3 // 5)
    return replace(scene, pose=replace(scene.pose, zoom=1.1)), part, 1.6


def _dressed(look: Look) -> Image.Image:
    """The template in the look's colours, RGB; cloth runs on outside of the garment, so that no edge shows."""
    template = garments.template(look.silhouette, look.cut)
    tile = patterns.tile(look.pattern, look.tile).coloured(look.palette)
    cloth = Image.frombytes("RGB", template.alpha.size, tile[template.fabric].tobytes(), "raw", "RGBX")
    for role, colour in look.paint:
        patch = template.roles.get(role)
        if patch is not None:
            cloth.paste(colour, patch.corner, patch.mask)
    return ImageChops.screen(ImageChops.multiply(cloth, template.darken), template.lighten)


def _thrown(template: Template, matrix: tuple[float, ...]) -> Image.Image:
    """The shadow's mask on the photo: a little to the right and below, or on the ground."""
    a, b, c, d, e, f = matrix
    small = (PHOTO_WIDTH // SHADOW_REDUCTION, PHOTO_HEIGHT // SHADOW_REDUCTION)
    dx, dy = (0.0, 0.6) if template.standing else (0.9, 1.6)
    x = (c + template.corner[0]) / SHADOW_REDUCTION - a * dx - b * dy
    y = (f + template.corner[1]) / SHADOW_REDUCTION - d * dx - e * dy
    posed = template.shadow.transform(
        small, Image.Transform.AFFINE, (a, b, x, d, e, y), Image.Resampling.BILINEAR
    )
    strength = 130 if template.standing else 105
    return posed.point([value * strength // 255 for value in range(256)]).resize(
        _SIZE, Image.Resampling.BILINEAR
    )
