"""What a tagging session is made of: where it starts, what is open, pages of suggestions, how far it is."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from visualsearch.attributes import ranking
from visualsearch.attributes.calibration import Calibration
from visualsearch.attributes.progress import Advice, Mode, PageRecord, Remaining
from visualsearch.attributes.target import Judgements, Target, numbers
from visualsearch.catalog.decisions import Applied
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example
from visualsearch.vectors import search

_POOL = 8  # times the page: items of which a useful page is picked


@dataclass(frozen=True)
class Start:
    """What a session starts from. Without examples and filter: the items that already have the value.

    ``where``: conditions that the suggested items meet, besides the vocabulary's scope. ``again``: also items that have
    another value of a single-valued attribute, which otherwise count as answered.
    """

    like: tuple[Example, ...] = ()
    unlike: tuple[Example, ...] = ()
    filter: str = ""
    where: tuple[str, ...] = ()
    again: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """A page of suggestions: ``items`` int32 (n,), best first; ``scores`` float32 (n,), deviations above the catalog's
    mean; ``probabilities`` float32 (n,), a guess unless ``learnt``. ``open``: how many items were open; ``number``
    counts confirmed pages; ``ranking`` and ``version`` name the scorer that made it."""

    target: Target
    mode: Mode
    items: np.ndarray
    scores: np.ndarray
    probabilities: np.ndarray
    learnt: bool
    open: int
    number: int
    ranking: str
    version: str


@dataclass(frozen=True)
class State:
    """How far a session is. ``having``: items that have the value; ``yes``, ``no``, ``unsure``: answers that were
    given; ``open``: items that may yet be suggested; ``pages``: confirmed ones."""

    target: Target
    having: int
    yes: int
    no: int
    unsure: int
    open: int
    pages: int
    remaining: Remaining
    advice: Advice
    learnt: bool


@dataclass(frozen=True, eq=False)
class Confirmed:
    """``applied``: the operation; ``stale``: items that had been answered elsewhere since the page was shown, and were
    left as they are; ``page``: the next one."""

    applied: Applied
    stale: tuple[int, ...]
    page: Page


@dataclass(frozen=True, eq=False)
class Situation:
    """A target as it is now: masks bool (size,), answers, pages, and the ranking. Immutable."""

    engine: Engine
    having: np.ndarray
    open: np.ndarray
    judged: Judgements
    records: Mapping[str, PageRecord]
    evidence: ranking.Evidence
    ranker: ranking.Ranker
    scores: np.ndarray
    calibration: Calibration

    @cached_property
    def candidates(self) -> np.ndarray:
        """The open items, int32 ascending."""
        return numbers(self.open)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Of the candidates, float32."""
        return self.calibration.probabilities(self.scores[self.candidates])

    @cached_property
    def version(self) -> str:
        return f"{zlib.crc32(np.round(self.ranker.weights, 6).tobytes()):08x}"

    def best(self, count: int) -> np.ndarray:
        """The ``count`` candidates with the highest scores, int32, ties by id."""
        return self.first(self.candidates, self.scores[self.candidates], count)

    def first(self, items: np.ndarray, scores: np.ndarray, count: int) -> np.ndarray:
        """The ``count`` items with the highest of some scores, int32, ties by id."""
        head = search.head(scores, np.ones(len(scores), bool), count)
        order, _ = search.ordered(scores[head], self.engine.snapshot.id_rank[items[head]])
        return items[head[order[:count]]]


def useful(now: Situation, count: int) -> np.ndarray:
    """The candidates that the ranking is least sure of, and that differ most from each other.

    Farthest-first traversal (Gonzalez 1985) of those whose probability is nearest to one half.
    """
    sureness = -np.abs(now.probabilities - np.float32(0.5))
    if len(now.candidates) and now.probabilities.max() < 0.5:
        sureness = now.scores[now.candidates]  # all are thought unlikely: the likeliest are the open question
    pool = now.first(now.candidates, sureness, _POOL * count)
    assert now.engine.space is not None
    if len(pool) <= count:
        return pool
    vectors = ranking.item_vectors(now.engine.space, np.sort(pool))
    vectors = vectors[np.searchsorted(np.sort(pool), pool)]
    picked = [0]
    nearest = vectors @ vectors[0]
    while len(picked) < count:
        nearest[picked[-1]] = np.inf
        picked.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[picked[-1]])
    return pool[np.sort(picked)]


def at_random(now: Situation, count: int) -> np.ndarray:
    """A simple random sample of the candidates, int32, the same one until the next page is confirmed."""
    seed = zlib.crc32(repr(sorted(now.records)).encode())
    chosen = np.random.default_rng([seed, len(now.records)]).permutation(len(now.candidates))[:count]
    items = now.candidates[chosen]
    return now.first(items, now.scores[items], count)
