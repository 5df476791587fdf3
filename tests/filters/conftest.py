"""A synthetic catalog for queries: real SQLite, real embedding files, drawn vectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from visualsearch.catalog.snapshot import Snapshot, load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.text import index_items
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Query, Results
from visualsearch.jobs import JobControl
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.space import Space, build, open_space

ITEMS = 700
DIMS = {"style": 320, "colour": 60}
KINDS = ("shirt", "dress", "shoe", "bag")
COLOURS = ("red", "green", "blue", "white", "black")
WORDS = ("summer", "cotton", "slim", "vintage", "soft")


@dataclass
class World:
    """A catalog with everything that is awkward: see ``make_world``."""

    catalog: Catalog
    snapshot: Snapshot
    store: EmbeddingStore
    space: Space
    engine: Engine
    embeddings: dict[bytes, tuple[np.ndarray, np.ndarray]]
    kind: np.ndarray
    kinds = KINDS
    colours = COLOURS
    words = WORDS


def no_pictures(example: Example) -> tuple[np.ndarray, np.ndarray]:
    raise AssertionError(example)


def answers(world: World, query: Query, mode: str = "two-phase") -> list[Results]:
    """What is told of a query, phase by phase."""
    found: list[Results] = []
    world.engine.run(query, found.append, JobControl(), mode=mode)
    return found


def make_world(
    folder: Path, items: int = ITEMS, seed: int = 1, noise: float = 0.8, copies: float = 0.15
) -> World:
    """Duplicates (one picture of several items), items with several images and with none, gone items and images,
    rows that came after the index was built, missing and multiple attribute values."""
    rng = np.random.default_rng(seed)
    catalog = Catalog.open(folder / "catalog", create=True)
    kind = rng.integers(0, len(KINDS), items + 1)
    colour = rng.integers(0, len(COLOURS), items + 1)
    centres = rng.normal(size=(len(KINDS), DIMS["style"])), rng.random((len(COLOURS), DIMS["colour"])) ** 6
    pictures: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
    images: list[tuple[int, int, str, bytes, int]] = []
    for item in range(1, items + 1):
        for position in range(rng.choice([0, 1, 1, 1, 1, 2, 3])):
            if pictures and rng.random() < copies:
                digest = list(pictures)[rng.integers(0, len(pictures))]
            else:
                digest = rng.bytes(16)
                style = centres[0][kind[item]] + noise * rng.normal(size=DIMS["style"])
                histogram = np.maximum(centres[1][colour[item]] + 0.05 * rng.random(DIMS["colour"]), 0)
                pictures[digest] = style.astype(np.float32), (histogram / histogram.sum()).astype(np.float32)
            images.append((item, position, f"{item}-{position}.jpg", digest, int(rng.random() < 0.05)))
    _fill(catalog, rng, kind, colour, images, items)
    store = EmbeddingStore.open(folder / "embeddings", DIMS)
    embedded = [digest for digest in pictures if rng.random() < 0.95]
    late = len(embedded) * 9 // 10
    _append(store, pictures, embedded[:late])
    assert build(store, folder / "embeddings", JobControl())
    _append(store, pictures, embedded[late:])
    snapshot = load_snapshot(catalog)
    space = open_space(store, folder / "embeddings", catalog.active_images(), snapshot.size)
    assert space is not None
    known = {digest: pictures[digest] for digest in embedded}
    return World(catalog, snapshot, store, space, Engine(catalog, snapshot, space, no_pictures), known, kind)


def _fill(catalog, rng, kind, colour, images, items) -> None:
    with catalog.write() as connection:
        # Ids in another order than the numbers.
        ids = [(number, f"p{(number * 7919) % 100_003:06}") for number in range(1, items + 1)]
        connection.executemany("INSERT INTO item(number, id) VALUES (?, ?)", ids)
        connection.executemany(
            "INSERT INTO image(item, position, path, digest, gone) VALUES (?, ?, ?, ?, ?)", images
        )
        attributes = [
            (1, "kind", "category"),
            (2, "colour", "category"),
            (3, "price", "number"),
            (4, "name", "text"),
        ]
        for number, name, type_ in attributes:
            connection.execute("INSERT INTO attribute VALUES (?, ?, ?, '', ?)", (number, name, type_, number))
        for attribute, values in ((1, KINDS), (2, COLOURS)):
            connection.executemany(
                "INSERT INTO category_value(attribute, text) VALUES (?, ?)", [(attribute, v) for v in values]
            )
        value = dict(connection.execute("SELECT text, number FROM category_value"))
        rows: list[tuple[int, int, object]] = []
        for item in range(1, items + 1):
            if rng.random() < 0.9:
                rows.append((1, item, value[KINDS[kind[item]]]))
            for code in {int(colour[item]), *rng.integers(0, len(COLOURS), rng.integers(0, 2)).tolist()}:
                rows.append((2, item, value[COLOURS[code]]))
            if rng.random() < 0.8:
                rows.append((3, item, float(rng.integers(1, 40))))
            rows.append((4, item, " ".join(rng.choice(WORDS, rng.integers(1, 6)))))
        connection.executemany("INSERT INTO item_value VALUES (?, ?, ?)", rows)
        gone = [(int(item),) for item in rng.choice(np.arange(1, items + 1), items // 20, replace=False)]
        connection.executemany("UPDATE item SET gone = 1 WHERE number = ?", gone)
        index_items(connection, range(1, items + 1))


def _append(store: EmbeddingStore, pictures: dict, digests: list[bytes]) -> None:
    array = np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16)
    style = np.stack([pictures[digest][0] for digest in digests])
    colour = np.stack([pictures[digest][1] for digest in digests])
    store.append(array, {"style": style, "colour": colour})


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("world"))
    yield made
    made.store.close()
    made.catalog.close()


@pytest.fixture
def noisy_world(tmp_path: Path) -> Iterator[World]:
    """One in which the kinds are hard to tell apart, and no picture is of two of them."""
    made = make_world(tmp_path, seed=7, noise=1.5, copies=0.0)
    yield made
    made.store.close()
    made.catalog.close()
