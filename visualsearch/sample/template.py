"""A garment without its colours: where it is, how it is lit, where its fabric runs.

Drawing folds and relief takes some 50 ms; colouring what was drawn takes a few. So a garment is rendered once as a
`Template`, and products are coloured from templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from visualsearch.sample.patterns import TILE
from visualsearch.sample.shapes import Point, cosine, coverage, noise, ribbon, sine, softened

WIDTH, HEIGHT = 288, 384
SCALE = 0.96  # pixels a unit of the design grid
SHADOW_REDUCTION = 4
_MARGIN = 3  # pixels around a garment, so that posing it does not fray its edge
_LIGHT_X, _LIGHT_Y = 0.55, 0.8  # the light comes from above, a little from the left


@dataclass(frozen=True)
class Fold:
    """A ridge (height > 0) or groove (height < 0) along a line; ``width`` in units."""

    line: tuple[Point, ...]
    width: float = 9.0
    height: float = 1.0


@dataclass(frozen=True)
class Part:
    """A piece of a garment, sewn on top of those before it.

    ``role`` says which of a product's colours it takes ("body" is the fabric). ``angle``: degrees by which the fabric
    is turned. ``roundness``: units from the edge over which it curves. ``lift``: strength of the shadow that
    it throws on what is below. ``tone``: factor of its brightness. ``seams``: thin grooves.
    """

    outlines: Sequence[Sequence[Point]]
    role: str = "body"
    angle: float = 0.0
    roundness: float = 13.0
    relief: float = 1.0
    lift: float = 0.3
    tone: float = 1.0
    folds: Sequence[Fold] = ()
    seams: Sequence[Sequence[Point]] = ()
    holes: Sequence[Sequence[Point]] = ()
    gloss: float = 0.0


def stretched(parts: Sequence[Part], x: float, y: float) -> list[Part]:
    """The parts with the whole garment stretched about the grid's middle; buttons move but stay round."""

    def place(line: Sequence[Point]) -> list[Point]:
        return [((px - 150) * x + 150, (py - 200) * y + 200) for px, py in line]

    result = []
    for part in parts:
        if part.role in ("button", "metal"):
            xs, ys = [px for px, _ in part.outlines[0]], [py for _, py in part.outlines[0]]
            middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
            dx, dy = place([middle])[0][0] - middle[0], place([middle])[0][1] - middle[1]
            shift = [[(px + dx, py + dy) for px, py in outline] for outline in part.outlines]
            result.append(replace(part, outlines=shift))
            continue
        folds = [replace(fold, line=tuple(place(fold.line))) for fold in part.folds]
        outlines, seams = [place(outline) for outline in part.outlines], [place(seam) for seam in part.seams]
        result.append(replace(part, outlines=outlines, folds=folds, seams=seams))
    return result


@dataclass(frozen=True)
class Patch:
    """A mask, L, cut down to where it is not empty; (left, top) is its corner in the template."""

    corner: tuple[int, int]
    mask: Image.Image


@dataclass(frozen=True)
class Template:
    """Images are cut down to the garment and _MARGIN around it; ``corner`` is where that is on the canvas.

    ``alpha``: L. ``darken``, ``lighten``: RGB to multiply and to screen with. ``fabric``: intp (height × width,), the
    pixel of the pattern's tile that lies there. ``roles``: where each role but the body's is. ``shadow``: L, of
    the whole canvas, smaller by SHADOW_REDUCTION. ``standing``: it stands on the ground instead of lying flat.
    """

    corner: tuple[int, int]
    alpha: Image.Image
    darken: Image.Image
    lighten: Image.Image
    fabric: np.ndarray
    roles: dict[str, Patch]
    shadow: Image.Image
    standing: bool


@dataclass
class _Canvas:
    alpha: np.ndarray = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.float32))
    light: np.ndarray = field(default_factory=lambda: np.ones((HEIGHT, WIDTH), np.float32))
    u: np.ndarray = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.int32))
    v: np.ndarray = field(default_factory=lambda: np.zeros((HEIGHT, WIDTH), np.int32))
    roles: dict[str, np.ndarray] = field(default_factory=dict)


def render(parts: Sequence[Part], seed: int, standing: bool = False) -> Template:
    """Draw the parts, the lowest first. The same parts and seed give the same template."""
    canvas = _Canvas()
    weave = noise(seed, WIDTH, HEIGHT, 34, 42) * np.float32(0.035) + noise(
        seed + 1, WIDTH, HEIGHT, 2, 2
    ) * np.float32(0.012)
    for part in parts:
        _sew(canvas, part)
    rim = softened(canvas.alpha, 2)
    edge = np.float32(0.72) + np.float32(0.28) * np.clip(rim * 2 - 1, 0, 1)
    light = canvas.light * (1 + weave) * edge
    here, corner = _garment_box(canvas.alpha)
    roles = {
        role: _patch(mask[here]) for role, mask in canvas.roles.items() if role != "body" and mask.max() > 0
    }
    return Template(
        corner=corner,
        alpha=_grey(canvas.alpha[here]),
        darken=_grey(np.minimum(light, 1)[here]).convert("RGB"),
        lighten=_grey(np.clip(light - 1, 0, 1)[here] * np.float32(0.75)).convert("RGB"),
        fabric=((canvas.v % TILE) * TILE + canvas.u % TILE)[here].ravel().astype(np.intp),
        roles=roles,
        shadow=_shadow(canvas.alpha, standing),
        standing=standing,
    )


def _garment_box(alpha: np.ndarray) -> tuple[tuple[slice, slice], tuple[int, int]]:
    """Where the garment and its margin are: rows and columns, and the corner (left, top)."""
    rows, columns = np.flatnonzero(alpha.max(axis=1)), np.flatnonzero(alpha.max(axis=0))
    top, left = max(int(rows[0]) - _MARGIN, 0), max(int(columns[0]) - _MARGIN, 0)
    return (slice(top, int(rows[-1]) + 1 + _MARGIN), slice(left, int(columns[-1]) + 1 + _MARGIN)), (left, top)


def _sew(canvas: _Canvas, part: Part) -> None:
    """Put one part on the canvas; works within the part's window only."""
    left, top, right, bottom = _window(part.outlines)
    here = (slice(top, bottom), slice(left, right))
    size = (right - left, bottom - top, SCALE, left, top)
    mask = coverage(part.outlines, *size)
    if part.holes:
        mask = mask * (1 - coverage(part.holes, *size))
    if part.lift:
        thrown = np.roll(softened(mask, 3), (3, 1), axis=(0, 1))
        canvas.light[here] *= 1 - np.float32(part.lift) * thrown * (1 - mask)
    height = _height(part, mask, size)
    slope_x, slope_y = _slopes(height)
    light = 1 + np.float32(_LIGHT_X) * slope_x + np.float32(_LIGHT_Y) * slope_y
    if part.gloss:
        shine = np.clip(light - np.float32(1.06), 0, 1)
        light = light + shine * np.float32(part.gloss * 4)
    if part.seams:
        stitched = coverage([ribbon(seam, 1.5) for seam in part.seams], *size)
        light = light * (1 - np.float32(0.34) * stitched)
        light = light + np.float32(0.10) * np.roll(stitched, (1, 1), axis=(0, 1)) * (1 - stitched)
    light = np.clip(light, np.float32(0.4), np.float32(1.5)) * np.float32(part.tone)
    canvas.light[here] = canvas.light[here] * (1 - mask) + light * mask
    canvas.alpha[here] = 1 - (1 - canvas.alpha[here]) * (1 - mask)
    for role in {*canvas.roles, part.role}:
        weight = canvas.roles.setdefault(role, np.zeros((HEIGHT, WIDTH), np.float32))
        weight[here] = weight[here] * (1 - mask) + (mask if role == part.role else 0)
    _lay_fabric(canvas, part, mask > np.float32(0.5), here, slope_x, slope_y)


def _window(outlines: Sequence[Sequence[Point]]) -> tuple[int, int, int, int]:
    """Pixels around the outlines, with a margin for shadows: left, top, right, bottom."""
    xs = [x * SCALE for outline in outlines for x, _ in outline]
    ys = [y * SCALE for outline in outlines for _, y in outline]
    return (
        max(int(min(xs)) - 14, 0),
        max(int(min(ys)) - 14, 0),
        min(int(max(xs)) + 16, WIDTH),
        min(int(max(ys)) + 16, HEIGHT),
    )


def _height(part: Part, mask: np.ndarray, size: tuple[int, int, float, int, int]) -> np.ndarray:
    """Height of the cloth in pixels, float32 like the mask: round at the edges, with the part's folds."""
    radius = max(1, round(part.roundness * SCALE / 2))
    height = softened(mask, radius) * np.float32(part.roundness * 0.42 * part.relief)
    for sign in (1, -1):
        for width in sorted({fold.width for fold in part.folds if fold.height * sign > 0}):
            alike = [fold for fold in part.folds if fold.width == width and fold.height * sign > 0]
            strength = sum(abs(fold.height) for fold in alike) / len(alike)
            band = coverage([ribbon(fold.line, width, taper=True) for fold in alike], *size)
            bump = softened(band, max(1, round(width * SCALE / 3.2)))
            height = height + bump * np.float32(sign * strength * width * 0.2)
    return height


def _slopes(height: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Central differences along x and y."""
    x, y = np.zeros_like(height), np.zeros_like(height)
    x[:, 1:-1] = (height[:, 2:] - height[:, :-2]) / 2
    y[1:-1] = (height[2:] - height[:-2]) / 2
    return x, y


def _lay_fabric(
    canvas: _Canvas,
    part: Part,
    inside: np.ndarray,
    here: tuple[slice, slice],
    slope_x: np.ndarray,
    slope_y: np.ndarray,
) -> None:
    """Say which pixel of the pattern lies where: turned with the part, shifted where the cloth slopes."""
    rows, columns = np.mgrid[here[0], here[1]].astype(np.float32)
    x = columns + np.clip(softened(slope_x, 2, 1) * 6, -4, 4)
    y = rows + np.clip(softened(slope_y, 2, 1) * 6, -4, 4)
    c, s = np.float32(cosine(part.angle)), np.float32(sine(part.angle))
    shift = 37 if part.angle else 0  # a seam does not match the pattern on its other side
    canvas.u[here] = np.where(inside, np.rint(x * c + y * s).astype(np.int32) + shift, canvas.u[here])
    canvas.v[here] = np.where(inside, np.rint(y * c - x * s).astype(np.int32) + 2 * shift, canvas.v[here])


def _shadow(alpha: np.ndarray, standing: bool) -> Image.Image:
    small = np.asarray(_grey(alpha).reduce(SHADOW_REDUCTION), np.float32) / 255
    if standing:
        rows = np.flatnonzero(small.max(axis=1) > 0.3)
        columns = np.flatnonzero(small[max(rows[-1] - 2, 0) : rows[-1] + 1].max(axis=0) > 0.3)
        flat = np.zeros_like(small)
        flat[rows[-1] - 1 : rows[-1] + 2, columns[0] : columns[-1] + 1] = 1
        return _grey(
            np.clip(softened(flat, 1) * np.float32(0.75) + softened(flat, 3) * np.float32(0.9), 0, 1)
        )
    return _grey(softened(small, 1) * np.float32(0.6) + softened(small, 4) * np.float32(0.4))


def _patch(values: np.ndarray) -> Patch:
    mask = _grey(values)
    box = mask.getbbox() or (0, 0, 1, 1)
    return Patch(box[:2], mask.crop(box))


def _grey(values: np.ndarray) -> Image.Image:
    """Values of 0 to 1 as a greyscale image."""
    return Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
