"""Embeddings of pictures from outside the catalog, made on demand by one encoder process."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from visualsearch.errors import EncoderError, ImageRefused

if TYPE_CHECKING:  # loaded by the first picture from outside
    import numpy as np

    from visualsearch.encoders.client import EncoderClient
    from visualsearch.encoders.compile import CompiledEncoder

Embedding: TypeAlias = "tuple[np.ndarray, np.ndarray]"
"""Style float32 (dimension,) and colour float32 (486,) of one picture, before any projection."""

_REMEMBERED = 256  # pictures; more than anybody has in a tray


class ExternalExamples:
    """Encodes picture files and remembers the last ones. Safe from any thread; one encodes at a time."""

    def __init__(self, compiled: Callable[[], CompiledEncoder]) -> None:
        """``compiled`` gives the encoder whenever it is needed; another fingerprint starts another process."""
        self._compiled = compiled
        self._lock = threading.Lock()
        self._client: EncoderClient | None = None
        self._fingerprint = ""
        self._known: dict[tuple[str, int, int], Embedding] = {}

    def embedding(self, file: str) -> Embedding:
        """The embedding of a picture file. Raises ImageRefused (with the file's name), EncoderError."""
        try:
            stat = Path(file).stat()
        except OSError as error:
            raise ImageRefused(f"The picture {file} cannot be read ({error.strerror}).") from error
        key = (file, stat.st_size, stat.st_mtime_ns)
        with self._lock:
            compiled = self._compiled()
            if compiled.fingerprint != self._fingerprint:
                self._restart(compiled)
            if key not in self._known:
                embedding = self._encode(Path(file))
                while len(self._known) >= _REMEMBERED:
                    del self._known[next(iter(self._known))]
                self._known[key] = embedding
            return self._known[key]

    def close(self) -> None:
        """End the encoder process."""
        with self._lock:
            self._stop()

    def _encode(self, file: Path) -> Embedding:
        assert self._client is not None
        (encoded,) = self._client.encode_files([file])
        if encoded.refused is not None:
            raise ImageRefused(f"The picture {file.name} cannot be used: {encoded.refused}")
        if encoded.style is None or encoded.colour is None:
            raise EncoderError(f"The encoder gave nothing for {file.name}.")
        return encoded.style, encoded.colour

    def _restart(self, compiled: CompiledEncoder) -> None:
        from visualsearch.encoders.client import EncoderClient

        self._stop()
        self._client = EncoderClient(compiled)
        self._fingerprint = compiled.fingerprint

    def _stop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
        self._fingerprint = ""
        self._known.clear()
