"""What a picture shows apart from its colours: a perceptual hash for finding copies, also recoloured ones, and the
exact comparison of two pictures. Pure NumPy over thumbnails; any thread.

The hash is a histogram of oriented gradients (Dalal & Triggs, CVPR 2005) with unsigned orientations, taken from the
colour channel that changes most, so that another colour of the product leaves it as it is. The comparison fits one
picture to the other by least squares: their channels mixed freely (another colour), and the tangents of small shifts,
scalings (Simard et al., 1998: crops of a few per cent), and asks how much of the picture is left unexplained.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from visualsearch.thumbnail import Thumbnail

SIDE = 40  # pixels: the details of a 60 × 80 shop thumbnail
CELLS, BINS = 8, 9
HASH = CELLS * CELLS * BINS
_CELL = SIDE // CELLS
_FLAT = 0.1  # gradient energy of a cell and its neighbours that counts as nothing: noise is not scaled up
_APART = 0.1  # distance from the background, of 0..√3, at which a pixel belongs to the product for two thirds
_RIDGE = 0.01
_NOISE = 0.3  # squared error of a whole picture that compression alone may leave


def tiles(thumbnails: list[Thumbnail]) -> np.ndarray:
    """Thumbnails as uint8 (n, SIDE, SIDE, 3): all of the picture, whatever its proportions."""
    found = np.empty((len(thumbnails), SIDE, SIDE, 3), np.uint8)
    for place, thumbnail in enumerate(thumbnails):
        with Image.open(io.BytesIO(thumbnail.jpeg), formats=("JPEG",)) as opened:
            opened.draft("RGB", (SIDE * 2, SIDE * 2))
            image = opened.convert("RGB")
        reducing = image.width > 2 * SIDE or image.height > 2 * SIDE
        how = Image.Resampling.BOX if reducing else Image.Resampling.BICUBIC
        found[place] = np.asarray(image.resize((SIDE, SIDE), how))
    return found


def hashes(pictures: np.ndarray) -> np.ndarray:
    """uint8 (n, SIDE, SIDE, 3) → perceptual hashes uint8 (n, HASH)."""
    light = pictures.astype(np.float32) / 255
    across, down = np.zeros_like(light), np.zeros_like(light)
    across[:, :, 1:-1] = light[:, :, 2:] - light[:, :, :-2]
    down[:, 1:-1] = light[:, 2:] - light[:, :-2]
    channel = (across**2 + down**2).argmax(3)[..., None]
    across = np.take_along_axis(across, channel, 3)[..., 0]
    down = np.take_along_axis(down, channel, 3)[..., 0]
    strength = (
        across**2 + down**2
    ) ** 0.25  # the root of the length: weak edges inside count beside the outline
    angle = np.arctan2(down, across) % np.pi / np.pi * BINS
    lower = np.floor(angle).astype(np.int64)
    share = angle - lower
    at = np.arange(SIDE) // _CELL
    cell = np.arange(len(pictures))[:, None, None] * CELLS**2 + at[:, None] * CELLS + at
    size = len(pictures) * HASH
    counts = np.bincount((cell * BINS + lower % BINS).ravel(), (strength * (1 - share)).ravel(), size)
    counts += np.bincount((cell * BINS + (lower + 1) % BINS).ravel(), (strength * share).ravel(), size)
    counts = counts.reshape(-1, CELLS, CELLS, BINS)
    energy = np.pad((counts**2).sum(3), ((0, 0), (1, 1), (1, 1)))
    around = sum(energy[:, i : i + CELLS, j : j + CELLS] for i in range(3) for j in range(3))
    counts /= np.sqrt(around + _FLAT)[..., None]
    return np.minimum(counts * 510, 255).round().astype(np.uint8).reshape(-1, HASH)


class Comparison:
    """Pictures made ready for comparing many pairs of them: uint8 (n, SIDE, SIDE, 3)."""

    def __init__(self, pictures: np.ndarray) -> None:
        light = _smoothed(pictures.astype(np.float32) / 255)
        self._mask = _product(light)
        self._colour = _mean_colour(light, self._mask)
        terms = _terms(light, self._mask)
        self._terms = np.ascontiguousarray(terms[:, 1:-1, 1:-1].reshape(len(light), -1, terms.shape[-1]))
        self._target = np.ascontiguousarray(light[:, 1:-1, 1:-1].reshape(len(light), -1, 3))
        self._products = np.matmul(self._terms.transpose(0, 2, 1), self._terms)

    def differences(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Pairs of places, int (k,) each → float32 (k, 3): what is left unexplained of the picture as a whole (the
        worse direction), of its details inside the outline (the better one), and how far apart the mean colours of the
        products are, 0..√3."""
        whole, inside = zip(self._unexplained(first, second), self._unexplained(second, first), strict=True)
        colour = np.linalg.norm(self._colour[first] - self._colour[second], axis=1)
        return np.stack([np.maximum(*whole), np.minimum(*inside), colour], 1).astype(np.float32)

    def _unexplained(self, source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        terms, wanted = self._terms[source], self._target[target]
        products, right = self._products[source], np.matmul(terms.transpose(0, 2, 1), wanted)
        total = ((wanted - wanted.mean(1, keepdims=True)) ** 2).sum((1, 2))
        fitted = _left_over(terms, wanted, products, right)
        outline = slice(0, _OUTLINE)
        shape = _left_over(terms[:, :, outline], wanted, products[:, outline, outline], right[:, outline])
        return fitted / (total + _NOISE), fitted / (shape + _NOISE)


_OUTLINE = 4  # of the terms: what the product's outline alone explains


def _terms(light: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(n, SIDE, SIDE, 11): one, the outline and its shifts, shifts and scalings of the picture, its channels."""
    grey = light.mean(3)
    along = np.linspace(-1, 1, SIDE, dtype=np.float32)
    across, down = np.gradient(grey, axis=2), np.gradient(grey, axis=1)
    outline = np.gradient(mask, axis=2), np.gradient(mask, axis=1)
    scaled = across * along, down * along[:, None]
    channels = np.moveaxis(light, 3, 0)
    return np.stack([np.ones_like(grey), mask, *outline, across, down, *scaled, *channels], -1)


def _left_over(terms: np.ndarray, wanted: np.ndarray, products: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Squared error (k,) of the least-squares fit of each pair."""
    ridge = _RIDGE * np.eye(products.shape[1], dtype=np.float32)
    weights = np.linalg.solve(products + ridge, right)
    return ((wanted - np.matmul(terms, weights)) ** 2).sum((1, 2))


def _smoothed(light: np.ndarray) -> np.ndarray:
    """With a small binomial filter, so that tangents hold over a pixel or two."""
    down = light.copy()
    down[:, 1:-1] = (light[:, :-2] + 2 * light[:, 1:-1] + light[:, 2:]) / 4
    both = down.copy()
    both[:, :, 1:-1] = (down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]) / 4
    return both


def _product(light: np.ndarray) -> np.ndarray:
    """How much each pixel belongs to the product, 0..1: how far it is from the border's median colour."""
    border = np.concatenate([light[:, 0], light[:, -1], light[:, :, 0], light[:, :, -1]], 1)
    background = np.median(border, axis=1)[:, None, None]
    return (1 - np.exp(-((light - background) ** 2).sum(3) / _APART**2)).astype(np.float32)


def _mean_colour(light: np.ndarray, mask: np.ndarray) -> np.ndarray:
    weight = mask[..., None] + 1e-3
    return (light * weight).sum((1, 2)) / weight.sum((1, 2))
