"""What an encoder sees where in a photo: the grid of features whose mean is the embedding.

``GridLoader`` is for callers; ``python -m visualsearch.encoders.grids`` is the process that it starts. It runs the same
compiled network as the encoder does, but keeps the input of the last operation, which averages over the grid.
"""

from __future__ import annotations

import os
import signal
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

_REMEMBERED = 32  # grids: half a megabyte each


@dataclass(frozen=True, eq=False)
class FeatureGrid:
    """``cells`` float32 (rows, columns, dimension): their mean is the style embedding. ``pixels`` uint8
    (height, width, 3): the whole photo as the colour block sees it. ``frame``: what of the photo the cells cover."""

    cells: np.ndarray
    pixels: np.ndarray
    frame: Frame

    @cached_property
    def shared_bins(self) -> tuple[np.ndarray, np.ndarray]:
        """Colour bins and shares of the pixels, int and float64 (8, height · width); the shares sum to 1."""
        bins, shares = color.shared_bins(self.pixels)
        return bins, shares / shares.sum()

    def embedding(self, region: Region) -> tuple[np.ndarray, np.ndarray]:
        """Style float32 (dimension,) and colour float32 (486,) of a box alone, before any projection.

        Style is the mean of the cells by how much of each is in the box; colour the histogram of the pixels in it.
        """
        rows, columns, dimension = self.cells.shape
        weights = _inside(region, self.frame, rows, columns).ravel()
        style = weights @ self.cells.reshape(-1, dimension) / weights.sum()
        height, width, _ = self.pixels.shape
        bins, shares = self.shared_bins
        kept = shares * _inside(region, (0.0, 0.0, 1.0, 1.0), height, width).ravel()
        histogram = np.bincount(bins.ravel(), kept.ravel(), color.COLOUR_DIMENSION)
        return style.astype(np.float32), (histogram / histogram.sum()).astype(np.float32)


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
            cells = np.frombuffer(body, np.float32, int(np.prod(header["cells"]))).reshape(header["cells"])
            pixels = np.frombuffer(body, np.uint8, offset=cells.nbytes).reshape(header["pixels"])
            left, top, width, height = header["frame"]
            found = FeatureGrid(cells, pixels, (left, top, width, height))
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
    """A compiled encoder of which the features before the last mean can be read."""

    def __init__(self, file: Path, input_size: int) -> None:
        from visualsearch.encoders.runtime import Network

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that keeping all tensors takes memory
            self._network = Network(file, input_size, keep_all=True)
        self._grid = self._network.averaged_tensor()

    def __call__(self, tensor: np.ndarray) -> np.ndarray:
        """float32 (1, size, size, 3) → float32 (rows, columns, dimension)."""
        self._network(tensor)
        return self._network.tensor(self._grid)[0]


def main(arguments: list[str]) -> None:
    """``FILE INPUT_SIZE SCALE OFFSET``; requests on standard input until it ends."""
    from visualsearch.encoders import decode

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it closes the pipe
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
            messages.write(out, {"error": str(error), "hint": error.hint})
    os._exit(0)


def _answer(
    network: _GridNetwork, data: bytes, size: int, scale: float, offset: float
) -> tuple[dict[str, Any], bytes]:
    from visualsearch.encoders import decode

    seen, tiny, where = decode.looked_at(data, size)
    tensor = np.multiply(seen[None], np.float32(scale), dtype=np.float32)
    tensor += np.float32(offset)
    cells = np.ascontiguousarray(network(tensor), np.float32)
    header = {"cells": cells.shape, "pixels": tiny.shape, "frame": where}
    return header, cells.tobytes() + np.ascontiguousarray(tiny).tobytes()


if __name__ == "__main__":
    main(sys.argv[1:])
