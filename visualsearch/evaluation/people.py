"""Simulated people: each has something in mind, picks examples of it, and judges a page of what is shown."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import UsageError

FEWEST = 25  # items of a value: with fewer the figures are chance
LARGEST_SHARE = 0.3  # of the catalog: whoever means that much does not look for examples
CONJUNCTION = "+"


@dataclass(frozen=True, eq=False)
class Meaning:
    """What a filter is to find. ``name`` as "Shirts" or "Shirts+Blue"; ``relevant`` int32 (r,), ascending items;
    ``attributes`` tell which they are: filters do not know them."""

    name: str
    relevant: np.ndarray
    attributes: tuple[str, ...] = ()


def meanings(
    snapshot: Snapshot, searchable: np.ndarray, attribute: str, most: int, seed: int
) -> list[Meaning]:
    """The values of an attribute, or with "A+B" the pairs of two attributes' values, that people may mean.

    ``searchable`` bool (size,): the items that count. Values that are too rare or too common are left out; of the
    others a random ``most``, in their order. Raises UsageError for an attribute without values to tell apart.
    """
    fewest, largest = FEWEST, LARGEST_SHARE * np.count_nonzero(searchable)
    parts = [attribute] if attribute in snapshot.columns else attribute.split(CONJUNCTION)
    parts = [part.strip() for part in parts]
    found = [Meaning("", np.flatnonzero(searchable).astype(np.int32), tuple(parts))]
    for part in parts:
        values = _values(snapshot, part)
        pairs = [
            Meaning(f"{meaning.name}{CONJUNCTION}{value}".removeprefix(CONJUNCTION), both, meaning.attributes)
            for meaning in found
            for value, items in values
            for both in [np.intersect1d(meaning.relevant, items, assume_unique=True)]
        ]
        found = [meaning for meaning in pairs if len(meaning.relevant) >= fewest]
    found = [meaning for meaning in found if len(meaning.relevant) <= largest]
    if len(found) > most:
        chosen = random_of(seed, attribute).permutation(len(found))[:most]
        found = [found[index] for index in sorted(chosen.tolist())]
    return found


def _values(snapshot: Snapshot, attribute: str) -> list[tuple[str, np.ndarray]]:
    """(value, its items int32 ascending) for each value of an attribute."""
    column: Column | None = snapshot.columns.get(attribute)
    if column is None:
        raise no_attribute(attribute, snapshot.columns)
    if isinstance(column, CategoryColumn):
        items, codes = column.items, column.codes
    elif isinstance(column, NumberColumn) and column.level_of is not None:
        items = np.flatnonzero(column.level_of >= 0).astype(np.int32)
        codes = column.level_of[items]
    else:
        raise UsageError(
            f"Items cannot be told apart by {attribute!r}: nearly each has its own.",
            "Choose an attribute with few values.",
        )
    return [(value, np.unique(items[codes == code])) for code, value in enumerate(column.values)]


def random_of(seed: int, *names: object) -> np.random.Generator:
    """A generator for one purpose: the same seed and names give the same draws, whatever else is evaluated."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode("utf-8")) for name in names)])


class Person:
    """Means something, and picked examples of it at random.

    ``pool`` bool (size,): where the person looks and judges; ``ranked`` bool (size,): what rankings are measured on,
    which no scorer has seen. Without rounds of feedback everything but the examples is ranked; with them half of it,
    and the person looks at the other half. So all scorers and rounds are measured on the same items, though each scorer
    shows pages of its own.
    """

    def __init__(
        self,
        meaning: Meaning,
        searchable: np.ndarray,
        shots: int,
        looks_around: bool,
        rng: np.random.Generator,
    ) -> None:
        self.attributes = meaning.attributes
        self.relevant = np.zeros(len(searchable), bool)
        self.relevant[meaning.relevant] = True
        drawn = rng.permutation(meaning.relevant)
        others = rng.permutation(np.flatnonzero(searchable & ~self.relevant))
        self.positives: list[int] = drawn[:shots].tolist()
        self.negatives: list[int] = []
        self.picks = "+" * shots
        left = drawn[shots:]
        self.pool = np.zeros(len(searchable), bool)
        if looks_around:
            self.pool[left[: len(left) // 2]] = True
            self.pool[others[: len(others) // 2]] = True
        self.ranked = searchable & ~self.pool
        self.ranked[self.positives] = False

    def judge(self, page: np.ndarray) -> None:
        """Say of each item of a page, int (k,), whether it is meant. People do not err here."""
        for item in page.tolist():
            (self.positives if self.relevant[item] else self.negatives).append(item)
            self.picks += "+" if self.relevant[item] else "-"
        self.pool[page] = False
