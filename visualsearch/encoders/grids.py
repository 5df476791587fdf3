"""What an encoder sees where in a photo: the grids of features whose means are the embedding.

``GridLoader`` is for callers; ``python -m visualsearch.encoders.grids`` is the process that it starts. It runs the same
compiled network as the encoder does, but keeps the inputs of the last operations, which average over the grids.
"""

from __future__ import annotations

import os
import sys
import threading
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from visualsearch.encoders import color, messages, processes
from visualsearch.encoders.responder import Responder
from visualsearch.errors import EncoderError, ImageRefused

if TYPE_CHECKING:
    from visualsearch.encoders.decode import Frame
    from visualsearch.encoders.encoder import CompiledEncoder

Region = tuple[float, float, float, float]
"""Left, top, width, height of a box, in shares of the upright photo (0 to 1)."""

_REMEMBERED = 24  # grids: 1.3 MB each


@dataclass(frozen=True, eq=False)
class Layer:
    """One part of an embedding: ``cells`` float32 (rows, columns, channels), of which means are taken, over all of them
    or, with ``side`` 3, over each of 3 × 3 fields, less the mean of the fields."""

    cells: np.ndarray
    side: int = 1

    @property
    def _fields(self) -> np.ndarray:
        """Which field each cell is in, int64 (rows, columns)."""
        down, across = (np.arange(count) // -(-count // self.side) for count in self.cells.shape[:2])
        return down[:, None] * self.side + across

    def embedding(self) -> np.ndarray:
        """As the network makes it: float64 (side · side · channels,)."""
        cells = self.cells.reshape(-1, self.cells.shape[-1]).astype(np.float64)
        fields = self._fields.ravel()
        return self._joined([cells[fields == field].mean(axis=0) for field in range(self.side**2)])

    def embedding_of(self, region: Region, frame: Frame) -> np.ndarray:
        """That of a box: cells count by how much of them is in it."""
        rows, columns, channels = self.cells.shape
        left, top, width, height = region
        width, height = width / self.side, height / self.side
        means = []
        for field in range(self.side**2):
            down, across = divmod(field, self.side)
            box = (left + across * width, top + down * height, width, height)
            weights = _inside(box, frame, rows, columns).ravel()
            means.append(weights @ self.cells.reshape(-1, channels) / weights.sum())
        return self._joined(means)

    def split(self, weights: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Each cell's part of weights · (embedding − offset), both float64 (side · side · channels,): float64 (rows,
        columns)."""
        fields = self._fields.ravel()
        given = weights.reshape(self.side**2, -1)
        taken = (given * offset.reshape(given.shape)).sum(axis=1)
        if self.side > 1:
            given = given - given.mean(axis=0)
        cells = self.cells.reshape(len(fields), -1).astype(np.float64)
        parts = (cells * given[fields]).sum(axis=1) - taken[fields]
        return (parts / np.bincount(fields)[fields]).reshape(self.cells.shape[:2])

    def _joined(self, means: list[np.ndarray]) -> np.ndarray:
        joined = np.stack(means)
        return (joined - joined.mean(axis=0) if self.side > 1 else joined).ravel()


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """``layers``: the parts of the style embedding, in order. ``pixels`` uint8 (height, width, 3): the whole photo as
    the colour block sees it. ``frame``: what of the photo the layers cover."""

    layers: tuple[Layer, ...]
    pixels: np.ndarray
    frame: Frame

    @cached_property
    def shared_bins(self) -> tuple[np.ndarray, np.ndarray]:
        """Colour bins and shares of the pixels, int and float64 (8, height · width); the shares sum to 1."""
        bins, shares = color.shared_bins(self.pixels)
        return bins, shares / shares.sum()

    @property
    def style(self) -> np.ndarray:
        """The style embedding of the whole photo, float64 (dimension,)."""
        return np.concatenate([layer.embedding() for layer in self.layers])

    def style_parts(self, weights: np.ndarray, offset: np.ndarray) -> np.ndarray:
        """Each cell's part of weights · (style − offset), both float64 (dimension,), on the coarsest of the layers'
        grids: float64 (rows, columns)."""
        rows, columns = np.min([layer.cells.shape[:2] for layer in self.layers], axis=0).tolist()
        parts = np.zeros((rows, columns))
        start = 0
        for layer in self.layers:
            stop = start + layer.side**2 * layer.cells.shape[-1]
            own = layer.split(weights[start:stop], offset[start:stop])
            parts += _shared_out(rows, own.shape[0]) @ own @ _shared_out(columns, own.shape[1]).T
            start = stop
        return parts

    def embedding(self, region: Region) -> tuple[np.ndarray, np.ndarray]:
        """Style float32 (dimension,) and colour float32 (486,) of a box alone, before any projection.

        Style is made of means of the cells by how much of each is in the box; colour the histogram of the pixels in it.
        """
        style = np.concatenate([layer.embedding_of(region, self.frame) for layer in self.layers])
        height, width, _ = self.pixels.shape
        bins, shares = self.shared_bins
        kept = shares * _inside(region, (0.0, 0.0, 1.0, 1.0), height, width).ravel()
        histogram = np.bincount(bins.ravel(), kept.ravel(), color.COLOUR_DIMENSION)
        return style.astype(np.float32), (histogram / histogram.sum()).astype(np.float32)


def _shared_out(coarse: int, fine: int) -> np.ndarray:
    """How the cells of a fine row go into those of a coarse one over the same length: float64 (coarse, fine), columns
    of sum 1."""
    edges = np.arange(coarse + 1) / coarse
    places = np.arange(fine + 1) / fine
    high = np.minimum(edges[1:, None], places[None, 1:])
    low = np.maximum(edges[:-1, None], places[None, :-1])
    return np.maximum(high - low, 0.0) * fine


def _inside(region: Region, frame: Frame, rows: int, columns: int) -> np.ndarray:
    """How much of each cell of a grid over ``frame`` is in the box, float64 (rows, columns); the nearest where none."""
    down = _overlaps(region[1], region[3], frame[1], frame[3], rows)
    across = _overlaps(region[0], region[2], frame[0], frame[2], columns)
    return np.outer(down, across)


def _overlaps(start: float, length: float, low: float, reach: float, count: int) -> np.ndarray:
    edges = low + reach * np.arange(count + 1) / count
    overlaps = np.minimum(edges[1:], start + length) - np.maximum(edges[:-1], start)
    overlaps = np.maximum(overlaps, 0.0)
    if overlaps.sum() <= 1e-9:
        middles = (edges[1:] + edges[:-1]) / 2
        overlaps[np.abs(middles - (start + length / 2)).argmin()] = 1.0
    return overlaps


class GridLoader:
    """Grids of photos by one encoder, the last ones remembered. Safe from any thread. The process starts on first
    use."""

    def __init__(self, compiled: CompiledEncoder) -> None:
        self.fingerprint = compiled.fingerprint
        numbers = (compiled.input_size, compiled.scale, compiled.offset)
        self._responder = Responder(__spec__.name, str(compiled.file), *map(str, numbers))
        self._lock = threading.Lock()
        self._known: dict[tuple[str, int, int], FeatureGrid] = {}

    def load(self, path: Path) -> FeatureGrid:
        """The grid of a photo. Raises ImageRefused, and EncoderError for an encoder that does not end in a mean."""
        try:
            stat = path.stat()
        except OSError as error:
            raise ImageRefused(f"The picture {path} cannot be read ({error.strerror}).") from error
        key = (str(path), stat.st_size, stat.st_mtime_ns)
        with self._lock:
            found = self._known.pop(key, None)
        if found is None:
            header, body = self._responder.ask({"path": str(path)})
            layers, start = [], 0
            for shape, side in header["layers"]:
                cells = np.frombuffer(body, np.float32, int(np.prod(shape)), start).reshape(shape)
                layers.append(Layer(cells, side))
                start += cells.nbytes
            pixels = np.frombuffer(body, np.uint8, offset=start).reshape(header["pixels"])
            left, top, width, height = header["frame"]
            found = FeatureGrid(tuple(layers), pixels, (left, top, width, height))
        with self._lock:
            self._known[key] = found  # the last used at the end
            while len(self._known) > _REMEMBERED:
                del self._known[next(iter(self._known))]
        return found

    def close(self) -> None:
        """End the process."""
        self._responder.close()


# What follows runs in the child process.


class _GridNetwork:
    """A compiled encoder of which the features before the last means can be read."""

    def __init__(self, file: Path, input_size: int) -> None:
        from visualsearch.encoders.runtime import Network

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that keeping all tensors takes memory
            self._network = Network(file, input_size, keep_all=True)
        self._grids = self._network.averaged_tensors()

    def __call__(self, tensor: np.ndarray) -> list[tuple[np.ndarray, int]]:
        """float32 (1, size, size, 3) → each layer's cells float32 (rows, columns, channels), and its side."""
        self._network(tensor)
        return [
            (np.ascontiguousarray(self._network.tensor(index)[0], np.float32), side)
            for index, side in self._grids
        ]


def main(arguments: list[str]) -> None:
    """``FILE INPUT_SIZE SCALE OFFSET``; requests on standard input until it ends."""
    from visualsearch.encoders import decode

    processes.leave_signals_to_parent()
    out = processes.private_stdout()
    file, size, scale, offset = arguments
    network: _GridNetwork | None = None
    while (frame := messages.read(sys.stdin.buffer)) is not None:
        request, _ = frame
        try:
            network = network or _GridNetwork(Path(file), int(size))
            data = decode.read_file(Path(request["path"]))
            messages.write(out, *_answer(network, data, int(size), float(scale), float(offset)))
        except ImageRefused as refusal:
            messages.write(out, {"refused": str(refusal)})
        except EncoderError as error:
            messages.write(out, {"error": error.told()})
    os._exit(0)


def _answer(
    network: _GridNetwork, data: bytes, size: int, scale: float, offset: float
) -> tuple[dict[str, Any], bytes]:
    from visualsearch.encoders import decode

    seen, tiny, where = decode.looked_at(data, size)
    tensor = np.multiply(seen[None], np.float32(scale), dtype=np.float32)
    tensor += np.float32(offset)
    layers = network(tensor)
    shapes = [(cells.shape, side) for cells, side in layers]
    header = {"layers": shapes, "pixels": tiny.shape, "frame": where}
    grids = [cells.tobytes() for cells, _ in layers]
    return header, b"".join([*grids, np.ascontiguousarray(tiny).tobytes()])


if __name__ == "__main__":
    main(sys.argv[1:])
