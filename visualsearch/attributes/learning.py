"""What auto tagging learns of an attribute from its labelled items, and how well that holds out of fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import heads, votes
from visualsearch.attributes.cutoffs import CONFIDENCE, Measured, measure
from visualsearch.attributes.intervals import NOTHING, Interval, clopper_pearson
from visualsearch.attributes.openness import Confidence, Pairs, References, fit_confidence
from visualsearch.attributes.ranking import item_vectors
from visualsearch.attributes.suspects import FEWEST, SEED, labels_of
from visualsearch.attributes.target import stable_sample
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl
from visualsearch.vectors.space import Space
from visualsearch.words import counted

FEWEST_OF_VALUE = 10  # labelled items of a value: below, neither it nor its figures can be trusted
_LABELLED = 40_000  # labelled items that are learnt from: more change little
_PARTS = 3  # into which the values are divided to be left out, one part at a time
_FEWEST_VALUES = 3  # to leave some out


@dataclass(frozen=True, eq=False)
class Learnt:
    """An attribute, learnt. ``counts`` int64 (classes,): labelled items of each value that were learnt from;
    ``measured``: of those with enough of them, by code; ``strangers``: how many of the items of values that had been
    left out would stay untouched, as a rate (`NOTHING`: it could not be tried)."""

    head: heads.Head
    references: References
    confidence: Confidence
    counts: np.ndarray
    measured: dict[int, Measured]
    strangers: Interval

    def propose(self, space: Space, items: np.ndarray) -> tuple[Pairs, np.ndarray]:
        """What some items (int32 ascending, all with a look) would get: pairs whose ``row`` is a place in ``items``,
        and their confidences float64 (m,)."""
        vectors = item_vectors(space, items)
        pairs = self.references.pairs(self.head.probabilities(vectors), vectors, self.head.exclusive)
        sure = self.confidence.of(pairs)
        kept = sure >= cutoffs(self.measured, len(self.counts))[pairs.code]
        return pairs[kept], sure[kept]


def cutoffs(measured: dict[int, Measured], classes: int) -> np.ndarray:
    """float64 (classes,): the lowest confidence that is proposed; inf for values that are not."""
    found = np.full(classes, np.inf)
    for code, one in measured.items():
        found[code] = one.cutoff
    return found


def learn(engine: Engine, column: CategoryColumn, wanted: float, control: JobControl) -> Learnt:
    """Learn from all items that have a value and a look; cutoffs for a precision of ``wanted``.

    Raises UsageError (nothing encoded, too few), CacheDamaged, Cancelled.
    """
    space = engine.space
    if space is None:
        raise UsageError("No photo is encoded yet, so nothing can be learnt.", "Import the photos first.")
    items = np.unique(column.items)
    items = stable_sample(items[space.has_vector()[items]], _LABELLED)
    if len(items) < FEWEST:
        raise UsageError(
            f"Only {counted(len(items), 'item')} with a value of {column.name} and an encoded photo; {FEWEST} are "
            "needed to learn from.",
            "Tag some more first.",
        )
    control.progress("Reading how the items look", 0, len(items))
    vectors, classes = item_vectors(space, items), len(column.values)
    blocks = {block: space.block(block) for block in space.dims}
    found = votes.neighbours_from_graph(space, items, control) if len(items) > votes.EXACT_ITEMS else None
    _, groups = found or votes.find_neighbours(vectors, blocks, control)
    labels, _, codes = labels_of(column, items)
    held = heads.out_of_fold(vectors, labels, groups, control, SEED, blocks=blocks, classes=classes)
    references = References(vectors, labels, groups, blocks, held.settings.colour_weight)
    exclusive = labels.ndim == 1
    pairs = references.pairs(held.probabilities, vectors, exclusive, groups)
    right = labels[pairs.row] == pairs.code if exclusive else labels[pairs.row, pairs.code]
    counts = np.bincount(codes, minlength=classes)
    away = _Away(vectors, labels, groups, counts, held.settings, references)
    strangers = away.pairs(blocks, control)
    confidence = fit_confidence(pairs, right, strangers)
    sure = confidence.of(pairs)
    measured = {}
    for code in np.flatnonzero(counts >= FEWEST_OF_VALUE).tolist():
        own = np.flatnonzero(pairs.code == code)
        measured[code] = measure(sure[own], right[own], held.fold[pairs.row[own]], int(counts[code]), wanted)
    head = heads.fit(vectors, labels, held.settings, control, SEED, blocks=blocks, classes=classes)
    refused = _refused(strangers, confidence, cutoffs(measured, classes), away.tried)
    return Learnt(head, references, confidence, counts, measured, refused)


class _Away:
    """Values left out of the learning, a part of them at a time: what the head then makes of their items."""

    def __init__(
        self,
        vectors: np.ndarray,
        labels: np.ndarray,
        groups: np.ndarray,
        counts: np.ndarray,
        settings: heads.Settings,
        references: References,
    ) -> None:
        self._vectors, self._labels, self._groups = vectors, labels, groups
        self._counts, self._settings, self._references = counts, settings, references
        self.tried = 0
        """Items that were judged by a head which did not know their values."""

    def pairs(self, blocks: dict[str, slice], control: JobControl) -> Pairs:
        """The pairs of all items of left-out values, none of which is right. Raises Cancelled."""
        values = np.flatnonzero(self._counts >= FEWEST_OF_VALUE)
        if len(values) < _FEWEST_VALUES:
            return Pairs.joined([])
        found = []
        mixed = np.random.default_rng([SEED, 5]).permutation(values)
        for number in range(_PARTS):
            control.progress("Trying it on values that were left out", number, _PARTS, "parts")
            found.append(self._without(mixed[number::_PARTS], blocks, control))
        return Pairs.joined(found)

    def _without(self, part: np.ndarray, blocks: dict[str, slice], control: JobControl) -> Pairs:
        labels = self._labels
        if labels.ndim == 1:
            strange = np.isin(labels, part)
            kept = np.where(strange, -1, labels).astype(labels.dtype)
            known = kept >= 0
        else:
            kept = labels.copy()
            kept[:, part] = False
            known = kept.any(axis=1)
            strange = labels.any(axis=1) & ~known
        rows = np.flatnonzero(strange)
        if not known.any() or not len(rows):
            return Pairs.joined([])
        classes = len(self._counts)
        head = heads.fit(self._vectors, kept, self._settings, control, SEED, blocks=blocks, classes=classes)
        chances = head.probabilities(self._vectors[rows])
        chances[:, part] = 0.0
        self.tried += len(rows)
        made = self._references.pairs(chances, self._vectors[rows], labels.ndim == 1, self._groups[rows])
        return Pairs(rows[made.row], made.code, made.features)


def _refused(strangers: Pairs, confidence: Confidence, cutoff: np.ndarray, tried: int) -> Interval:
    """The share of the items of left-out values that no value would be proposed for."""
    if not tried:
        return NOTHING
    caught = np.unique(strangers.row[confidence.of(strangers) >= cutoff[strangers.code]])
    return clopper_pearson(tried - len(caught), tried, CONFIDENCE)
