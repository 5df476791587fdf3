"""A small labelled catalog for simulated people: real SQLite, real embedding files, drawn vectors."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example
from visualsearch.jobs import JobControl
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.space import build, open_space

ITEMS = 400
KINDS = ("bag", "dress", "shirt", "shoe", "skirt")  # 80 items each
COLOURS = ("black", "blue", "green", "red")  # of most kinds 20 items each, too few; see ``_colour``
DIMS = {"style": 40, "colour": 30}


def no_pictures(example: Example) -> tuple[np.ndarray, np.ndarray]:
    raise AssertionError(example)


def _colour(item: int) -> str:
    """Bags are black or blue, 40 each: the only kinds in a colour that are common enough."""
    return COLOURS[item // 5 % 2] if item % 5 == 0 else COLOURS[item // 5 % 4]


def _rarity(item: int) -> str:
    """rare: 24 items; common: 121, just above 30 %; some: 25; most: the rest, far above."""
    return "rare" if item <= 24 else "common" if item <= 145 else "some" if item <= 170 else "most"


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Attributes: kind (seen in the style block), colour (in the colour block), rarity, year, name."""
    folder = tmp_path_factory.mktemp("labelled")
    catalog = Catalog.open(folder / "catalog", create=True)
    items = np.arange(1, ITEMS + 1)
    digests = [bytes([0, *int(item).to_bytes(4, "big"), *range(11)]) for item in items]
    labels = {
        1: [KINDS[item % 5] for item in items],
        2: [_colour(item) for item in items],
        3: [_rarity(item) for item in items],
    }
    with catalog.write() as connection:
        connection.executemany(
            "INSERT INTO item(number, id) VALUES (?, ?)", [(int(item), f"p{item:04}") for item in items]
        )
        connection.executemany(
            "INSERT INTO image(item, position, path, digest, gone) VALUES (?, 0, ?, ?, 0)",
            [(int(item), f"{item}.jpg", digest) for item, digest in zip(items, digests, strict=True)],
        )
        names = [("kind", "category"), ("colour", "category"), ("rarity", "category")]
        for number, (name, type_) in enumerate([*names, ("year", "number"), ("name", "text")], 1):
            connection.execute("INSERT INTO attribute VALUES (?, ?, ?, '', ?)", (number, name, type_, number))
        for attribute, values in labels.items():
            connection.executemany(
                "INSERT INTO category_value(attribute, text) VALUES (?, ?)",
                [(attribute, value) for value in sorted(set(values))],
            )
            codes = dict(
                connection.execute(
                    "SELECT text, number FROM category_value WHERE attribute = ?", (attribute,)
                )
            )
            connection.executemany(
                "INSERT INTO item_value VALUES (?, ?, ?)",
                [(attribute, int(item), codes[value]) for item, value in zip(items, values, strict=True)],
            )
        connection.executemany(
            "INSERT INTO item_value VALUES (4, ?, ?)", [(int(item), 2010.0 + item % 8) for item in items]
        )
        connection.executemany(
            "INSERT INTO item_value VALUES (5, ?, ?)", [(int(item), f"product {item}") for item in items]
        )
    store = EmbeddingStore.open(folder / "embeddings", DIMS)
    rng = np.random.default_rng(4)
    looks = {kind: rng.normal(size=DIMS["style"]) for kind in KINDS}
    hues = {colour: rng.random(DIMS["colour"]) ** 4 for colour in COLOURS}
    style = np.stack([looks[kind] + 0.9 * rng.normal(size=DIMS["style"]) for kind in labels[1]])
    colour = np.stack([hues[name] + 0.2 * rng.random(DIMS["colour"]) for name in labels[2]])
    store.append(
        np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 16),
        {"style": style.astype(np.float32), "colour": colour.astype(np.float32)},
    )
    assert build(store, folder / "embeddings", JobControl())
    snapshot = load_snapshot(catalog)
    space = open_space(store, folder / "embeddings", catalog.active_images(), snapshot.size)
    yield Engine(catalog, snapshot, space, no_pictures)
    store.close()
    catalog.close()
