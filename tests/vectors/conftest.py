"""A small store with an index, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from visualsearch.jobs import JobControl
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.space import Space, build, open_space

DIMS = {"style": 40, "colour": 12}


@dataclass
class Shelf:
    """A store, its folder, and the pictures of the items 1, 2, 3, … in the order of the rows."""

    folder: Path
    store: EmbeddingStore
    digests: np.ndarray

    def append(self, count: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        digests = rng.integers(1, 256, (count, 16), dtype=np.uint8)
        centres = np.random.default_rng(0).normal(size=(5, DIMS["style"]))
        style = centres[rng.integers(0, 5, count)] + rng.normal(size=(count, DIMS["style"]))
        colour = rng.random((count, DIMS["colour"]))
        self.store.append(digests, {"style": style.astype(np.float32), "colour": colour.astype(np.float32)})
        self.digests = np.concatenate([self.digests, digests])

    def build(self, control: JobControl | None = None) -> bool:
        return build(self.store, self.folder, control or JobControl())

    def open(self, previous: Space | None = None) -> Space | None:
        items = np.arange(1, len(self.digests) + 1, dtype=np.int32)
        return open_space(self.store, self.folder, (items, self.digests), len(items) + 1, previous)

    def again(self) -> Shelf:
        """The same folder, as another process would open it."""
        self.store.close()
        return Shelf(self.folder, EmbeddingStore.open(self.folder, DIMS), self.digests)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    folder = tmp_path / "embeddings"
    made = Shelf(folder, EmbeddingStore.open(folder, DIMS), np.empty((0, 16), np.uint8))
    yield made
    made.store.close()
