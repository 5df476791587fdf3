"""A small shop for tagging: real SQLite with decisions, real embedding files, drawn vectors of a few kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from visualsearch.attributes.session import Session
from visualsearch.attributes.situation import Start
from visualsearch.attributes.tagging import Tagging
from visualsearch.attributes.target import Target
from visualsearch.catalog.decisions import BulkValues, Decisions
from visualsearch.catalog.patching import catch_up
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Query
from visualsearch.jobs import JobControl
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.space import Space, build, open_space

T = TypeVar("T")
KINDS = ("shirt", "dress", "shoe", "bag")
DIMS = {"style": 40, "colour": 24}
CONTROL = JobControl()


def no_pictures(*_: object) -> tuple[np.ndarray, np.ndarray]:
    raise AssertionError("no example comes from outside")


@dataclass
class Shop:
    """An open catalog with its tagging, and the truth: ``kind`` int (size,), −1 for the number 0."""

    folder: Path
    catalog: Catalog
    space: Space
    kind: np.ndarray
    saved: dict[str, Query] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reload()
        self.decisions = Decisions(self.catalog, self._follow, lambda: "tester")
        self.tagging = Tagging(self.catalog, self.use, self.decisions, lambda name, _: self.saved[name])

    def use(self, work: Callable[[Engine], T], control: JobControl) -> T:
        return work(self._engine)

    def _follow(self) -> None:
        snapshot = catch_up(self.catalog, self._engine.snapshot)
        assert snapshot is not None
        self._engine = self._engine.over(snapshot)

    @property
    def engine(self) -> Engine:
        return self._engine

    def reload(self) -> None:
        """Read the catalog as it is now."""
        self._engine = Engine(self.catalog, load_snapshot(self.catalog), self.space, no_pictures)

    def restart(self) -> None:
        """Close the catalog and open it anew."""
        self.catalog.close()
        self.catalog = Catalog.open(self.folder / "catalog")
        self.__post_init__()

    def of(self, kind: str) -> np.ndarray:
        """The items that are of a kind."""
        return np.flatnonzero(self.kind == KINDS.index(kind)).astype(np.int32)

    def label(self, attribute: str, share: float, seed: int = 5) -> None:
        """Give a share of the items their true kind."""
        rng = np.random.default_rng(seed)
        for code, name in enumerate(KINDS):
            items = np.flatnonzero(self.kind == code)
            chosen = items[rng.random(len(items)) < share]
            self.decisions.apply("set", "label", values=BulkValues(chosen, attribute, "set", (name,)))

    def session(self, target: str, *examples: int, **start: object) -> Session:
        like = tuple(Example(item=int(item)) for item in examples)
        return self.tagging.start(Target.parse(target), Start(like, **start), CONTROL)  # type: ignore[arg-type]

    def value(self, item: int, attribute: str) -> list[str]:
        found = [one.values for one in self.catalog.details(item).attributes if one.name == attribute]
        return [str(value) for value in found[0]] if found else []

    def wrong(self, items: np.ndarray, kind: str) -> list[int]:
        """Those of the items that are not of a kind."""
        return [int(item) for item in items if self.kind[item] != KINDS.index(kind)]


def make_shop(folder: Path, items: int = 400, spread: float = 1.6, seed: int = 3) -> Shop:
    """``spread``: how far the items of a kind lie apart; the larger, the more kinds overlap."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    catalog = Catalog.open(folder / "catalog", create=True)
    kind = np.concatenate([[-1], rng.integers(0, len(KINDS), items)])
    centres = rng.normal(size=(len(KINDS), DIMS["style"]))
    style = (centres[kind[1:]] + spread * rng.normal(size=(items, DIMS["style"]))).astype(np.float32)
    colour = rng.random((items, DIMS["colour"])).astype(np.float32)
    digests = np.frombuffer(rng.bytes(16 * items), np.uint8).reshape(-1, 16)
    with catalog.write() as connection:
        ids = [(number, f"p{number:04}") for number in range(1, items + 1)]
        connection.executemany("INSERT INTO item(number, id) VALUES (?, ?)", ids)
        connection.executemany(
            "INSERT INTO image(item, position, path, digest) VALUES (?, 0, ?, ?)",
            [(number, f"{number}.jpg", digests[number - 1].tobytes()) for number in range(1, items + 1)],
        )
    store = EmbeddingStore.open(folder / "embeddings", DIMS)
    store.append(digests, {"style": style, "colour": colour})
    assert build(store, folder / "embeddings", JobControl())
    space = open_space(store, folder / "embeddings", catalog.active_images(), items + 1)
    store.close()
    assert space is not None
    return Shop(folder, catalog, space, kind)


@pytest.fixture
def shop_of(tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Makes shops; see `make_shop`. They are closed after the test."""
    made: list[Shop] = []

    def make(**options) -> Shop:
        made.append(make_shop(tmp_path / str(len(made)), **options))
        return made[-1]

    yield make
    for shop in made:
        shop.catalog.close()
