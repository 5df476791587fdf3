"""Embeddings that the catalog does not hold, made on demand: of pictures from outside, and of regions of photos."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from visualsearch.catalog.store import Catalog
from visualsearch.errors import EncoderError, ImageRefused

if TYPE_CHECKING:  # loaded by the first picture from outside
    import numpy as np

    from visualsearch.encoders.client import EncoderClient
    from visualsearch.encoders.encoder import CompiledEncoder
    from visualsearch.encoders.grids import FeatureGrid, GridLoader
    from visualsearch.filters.query import Example

Embedding: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Style float32 (dimension,) and colour float32 (486,) of one picture, before any projection."""
_Name: TypeAlias = "tuple[str, tuple[float, float, float, float] | None]"  # a file and a region of it
_Stamp: TypeAlias = "tuple[int, int]"  # bytes, ns: what a file that was changed is told by

_REMEMBERED = 256  # pictures and regions; more than anybody has in a tray


class ExternalExamples:
    """Encodes picture files and remembers the last ones, also where the file goes meanwhile: one that a browser made
    for a drop, or on a disk that was taken away. Safe from any thread; one encodes at a time."""

    def __init__(self, catalog: Catalog, compiled: Callable[[], CompiledEncoder]) -> None:
        """``compiled`` gives the encoder whenever it is needed; another fingerprint starts other processes."""
        self._catalog = catalog
        self._compiled = compiled
        self._lock = threading.Lock()
        self._client: EncoderClient | None = None
        self._grids: GridLoader | None = None
        self._fingerprint = ""
        self._known: dict[_Name, tuple[_Stamp, Embedding]] = {}

    def embedding(self, example: Example) -> Embedding:
        """The embedding of a picture file, or of an example's region. Raises ImageRefused (with the photo's name),
        EncoderError."""
        file = Path(example.file) if example.file is not None else self._photo(example.item)
        name = (str(file), example.region)
        with self._lock:
            fingerprint = self._current().fingerprint
            stamp, known = self._known.get(name, (None, None))
        try:
            stat = file.stat()
        except OSError as error:
            if known is not None:
                return known
            raise ImageRefused(f"The picture {file} cannot be read ({error.strerror}).") from error
        if known is not None and stamp == (stat.st_size, stat.st_mtime_ns):
            return known
        made = self._encode(file) if example.region is None else self.grid(file).embedding(example.region)
        with self._lock:
            while len(self._known) >= _REMEMBERED:
                del self._known[next(iter(self._known))]
            if self._fingerprint == fingerprint:
                self._known[name] = (stat.st_size, stat.st_mtime_ns), made
        return made

    def grid(self, file: Path) -> FeatureGrid:
        """What the encoder sees where in a photo. Raises ImageRefused (with the photo's name), EncoderError."""
        from visualsearch.encoders.grids import GridLoader

        with self._lock:
            compiled = self._current()
            loader = self._grids = self._grids or GridLoader(compiled)
        try:
            return loader.load(file)
        except ImageRefused as refusal:
            raise ImageRefused(f"The picture {file.name} cannot be used: {refusal}") from refusal

    def close(self) -> None:
        """End the processes."""
        with self._lock:
            self._stop()

    def _photo(self, item: int | None) -> Path:
        file = self._catalog.first_paths([item]).get(item) if item is not None else None
        if file is None:
            raise ImageRefused("This item has no photo that a region could be of.")
        return file

    def _current(self) -> CompiledEncoder:
        """The catalog's encoder; what was of another one is ended and forgotten."""
        compiled = self._compiled()
        if compiled.fingerprint != self._fingerprint:
            self._stop()
            self._fingerprint = compiled.fingerprint
        return compiled

    def _encode(self, file: Path) -> Embedding:
        with self._lock:
            compiled = self._current()
            if self._client is None:
                from visualsearch.encoders.client import EncoderClient

                self._client = EncoderClient(compiled)
            (encoded,) = self._client.encode_files([file])
        if encoded.refused is not None:
            raise ImageRefused(f"The picture {file.name} cannot be used: {encoded.refused}")
        if encoded.style is None or encoded.colour is None:
            raise EncoderError(f"The encoder gave nothing for {file.name}.")
        return encoded.style, encoded.colour

    def _stop(self) -> None:
        if self._client is not None:
            self._client.close()
        if self._grids is not None:
            self._grids.close()
        self._client = self._grids = None
        self._fingerprint = ""
        self._known.clear()
