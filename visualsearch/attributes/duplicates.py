"""Items that are in the catalog twice: exactly (the same file), nearly (the same photo, re-encoded, resized, cropped),
as variants (the same photo in another colour), and in conflict (the same look, different attributes).

What a person says of a pair is remembered ("duplicate": duplicate, variant or no, the lower item first) and moves the
two thresholds, so that the program learns what this catalog means by a duplicate. Any thread; all but ``judge`` may
take minutes with a large catalog, the first time.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from visualsearch.attributes.lookalikes import Pairs, find_pairs
from visualsearch.catalog import active_images
from visualsearch.catalog.columns import CategoryColumn, Column, NumberColumn, TextColumn, format_number
from visualsearch.catalog.decisions import Applied, Decisions, Judgement, ValueChange
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Use
from visualsearch.jobs import JobControl, holding

Kind = Literal["exact", "near", "variant", "conflict"]
Answer = Literal["duplicate", "variant", "no"]
KINDS: tuple[Kind, ...] = ("exact", "near", "variant", "conflict")
SUBJECT = "duplicate"

ALIKE = -2.4  # log odds of being copies from which on a pair is shown
RECOLOURED = float(np.log(0.055))  # log of the distance of the products' mean colours that makes a variant
_WEIGHTS = (
    -5.83,
    1.62,
    -2.45,
    -3.54,
)  # of one, of what differs as a whole, inside, and against other lookalikes
_USUAL = 0.3  # what differs between lookalikes where a picture has too few to say
_FEW = 3
_TYPICAL = (
    0.35  # the quantile of what differs that speaks for other lookalikes: variants may be a third of them
)
_LEAST = 0.01  # many copies of one picture are not lookalikes that speak against each other
_REACH = 2.0, 0.5  # how far a few answers may move the two thresholds: standard deviations of their prior


@dataclass(frozen=True)
class Thresholds:
    """``alike``: the score from which on a pair counts as copies; ``recoloured``: the log colour distance from which on
    as variants."""

    alike: float = ALIKE
    recoloured: float = RECOLOURED


@dataclass(frozen=True, eq=False)
class Found:
    """All pairs that look like copies, the surest first. ``items``, ``others`` int32 (k,), ``items`` < ``others``;
    ``score`` float32 (k,): log odds, +inf for the same file; ``colour`` float32 (k,): log distance of mean colours."""

    items: np.ndarray
    others: np.ndarray
    score: np.ndarray
    colour: np.ndarray


@dataclass(frozen=True)
class Pair:
    """Two items, ``item`` < ``other``. ``answer``: what a person said, or None. ``conflicts``: attribute → the
    values of the one and of the other."""

    item: int
    other: int
    kind: Kind
    score: float
    answer: Answer | None
    conflicts: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """``pairs`` of one kind; ``counts``: kind → number of pairs; ``thresholds``: where the person's answers have moved
    them to."""

    pairs: list[Pair]
    counts: dict[Kind, int]
    thresholds: Thresholds


@dataclass(frozen=True)
class Group:
    """Items that are copies of each other, directly or by way of others; ``keep``: the one with the most attributes,
    then the most images, then the oldest."""

    items: list[int]
    keep: int


class Duplicates:
    """The duplicates of a catalog."""

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails, use: Use, decisions: Decisions) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._use = use
        self._decisions = decisions
        self._lock = threading.Lock()  # one search at a time
        self._found: tuple[bytes, Found] | None = None

    def found(self, control: JobControl) -> Found:
        """All pairs, whatever their kind and whatever was said of them. Raises Cancelled, CatalogError."""
        items, digests = self._catalog.active_images(control)
        seen = items.tobytes() + digests.tobytes()
        known = self._found
        if known is not None and known[0] == seen:
            return known[1]
        with holding(self._lock, control):
            if self._found is None or self._found[0] != seen:
                pictures, picture = active_images.different(digests)
                pairs = find_pairs(self._catalog.path, self._thumbnails, pictures, control)
                self._found = seen, _of_items(items.astype(np.int64), picture, pairs)
            return self._found[1]

    def listing(self, kind: Kind | None, control: JobControl, limit: int | None = None) -> Listing:
        """The pairs of a kind (None: of none), the surest first, without those that a person said "no" to, and how many
        there are of every kind. ``limit``: of those that nobody has judged only the first so many, since a million of
        them take seconds to make. Raises UsageError, Cancelled, CatalogError."""
        if kind is not None and kind not in KINDS:
            raise UsageError(f"{kind!r} is no kind of duplicates.", f"Choose one of: {', '.join(KINDS)}.")
        found, answers = self.found(control), self._answers()
        thresholds = _learnt(found, answers)
        kinds = _kinds(found, answers, thresholds)
        pairs, counts = self._use(
            lambda engine: _listed(engine.snapshot, found, kinds, answers, kind, limit), control
        )
        return Listing(pairs, counts, thresholds)

    def pairs(self, kind: Kind, control: JobControl) -> list[Pair]:
        """All pairs of a kind, as in a `listing`."""
        return self.listing(kind, control).pairs

    def groups(self, control: JobControl, kinds: Sequence[Kind] = ("exact", "near")) -> list[Group]:
        """Connected pairs of some kinds, the largest groups first."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        found, answers = self.found(control), self._answers()
        chosen = np.isin(_kinds(found, answers, _learnt(found, answers)), kinds)
        if not chosen.any():
            return []
        items, place = np.unique(np.r_[found.items[chosen], found.others[chosen]], return_inverse=True)
        half = len(place) // 2
        links = coo_array((np.ones(half), (place[:half], place[half:])), (len(items), len(items)))
        _, component = connected_components(links, directed=False)
        order = np.argsort(component, kind="stable")
        members = np.split(items[order], np.flatnonzero(np.diff(component[order])) + 1)
        rank = self._use(lambda engine: _completeness(engine.snapshot), control)
        images, _ = self._catalog.active_images(control)
        number = np.bincount(images, minlength=len(rank))
        groups = []
        for group in members:
            best = np.lexsort((group, -number[group], -rank[group]))[0]
            groups.append(Group(group.tolist(), int(group[best])))
        return sorted(groups, key=lambda group: (-len(group.items), group.items[0]))

    def judge(self, item: int, other: int, answer: Answer | None) -> Applied:
        """Say what a pair is; None takes the answer back. Raises UsageError for an item and itself."""
        return self.judge_all({(item, other): answer})

    def judge_all(self, answers: Mapping[tuple[int, int], Answer | None]) -> Applied:
        """Say what several pairs are, as one operation. Raises UsageError for an item and itself."""
        judgements = []
        for (item, other), answer in answers.items():
            if item == other:
                raise UsageError("An item is not a duplicate of itself.", "Name two items.")
            low, high = sorted((int(item), int(other)))
            judgements.append(Judgement(SUBJECT, low, answer, high))
        label = f"{len(judgements):,} pairs judged"
        if len(judgements) == 1:
            (one,) = judgements
            what = {"duplicate": " are duplicates", "variant": " are variants", "no": " are not duplicates"}
            label = " and ".join(self._catalog.ids_of([one.item, one.other]))
            label += what[one.answer] if one.answer else ": not judged"
        return self._decisions.apply("duplicate", label, judgements=judgements)

    def take_value(self, attribute: str, source: int, target: int) -> Applied:
        """Give an item the values that another has of an attribute. Raises UsageError (there is no such attribute, or
        the other has no value of it), VocabularyError."""
        column = self._use(lambda engine: engine.snapshot.columns.get(attribute), JobControl())
        values = values_of(column, source) if column is not None else ()
        if not values:
            raise UsageError(f"There is no value of {attribute!r} to take.")
        taken = tuple(map(float, values)) if isinstance(column, NumberColumn) else values
        one, other = self._catalog.ids_of([target, source])
        label = f"{attribute} of {one} as of {other}: {', '.join(values)}"
        return self._decisions.apply("duplicate", label, values=[ValueChange(target, attribute, taken)])

    def _answers(self) -> dict[tuple[int, int], Answer]:
        items, others, answers = self._decisions.judgements(SUBJECT)
        pairs = zip(items.tolist(), others.tolist(), strict=True)
        return {
            pair: _ANSWERS[answer] for pair, answer in zip(pairs, answers, strict=True) if answer in _ANSWERS
        }


_ANSWERS: dict[str, Answer] = {"duplicate": "duplicate", "variant": "variant", "no": "no"}


def _of_items(items: np.ndarray, picture: np.ndarray, pairs: Pairs) -> Found:
    """Pairs of pictures as pairs of items. ``items``, ``picture`` (m,): the items' images.

    Where several items share a file, each is paired with the first of them, and only that with other pictures: a
    placeholder that a thousand items show makes a thousand pairs, not half a million."""
    order = np.lexsort((items, picture))
    owner, shown = items[order], picture[order]
    start = np.flatnonzero(np.r_[True, shown[1:] != shown[:-1]]) if len(shown) else np.empty(0, np.int64)
    first = owner[start]  # by picture: they are numbered without gaps
    same = first[shown], owner
    near = first[pairs.first], first[pairs.second]
    score, colour = _scores(pairs)
    one = np.r_[same[0], near[0]]
    other = np.r_[same[1], near[1]]
    scores = np.r_[np.full(len(owner), np.inf, np.float32), score]
    colours = np.r_[np.full(len(owner), -np.inf, np.float32), colour]
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low, -scores))
    order = order[low[order] != high[order]]
    _, kept = np.unique(low[order] * (int(items.max(initial=0)) + 1) + high[order], return_index=True)
    order = order[np.sort(kept)]  # of several images that are alike the surest
    return Found(low[order].astype(np.int32), high[order].astype(np.int32), scores[order], colours[order])


def _scores(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """(log odds of being copies, log colour distance), float32 (k,) each.

    What differs is compared with what differs between the picture and its other lookalikes: wallets of one shop all
    look alike, and only what is much more alike than they are is a copy."""
    differences = pairs.differences.astype(np.float64)
    whole, inside, colour = differences[:, 0], differences[:, 1], differences[:, 2]
    usual = _usual(pairs, whole)
    usual = np.minimum(usual[pairs.first], usual[pairs.second])
    terms = np.log(whole + 1e-3), np.log(inside + 1e-3), np.log(whole / usual + 0.01)
    score = np.stack([np.ones_like(whole), *terms], 1) @ np.array(_WEIGHTS)
    return score.astype(np.float32), np.log(colour + 1e-3).astype(np.float32)


def _usual(pairs: Pairs, whole: np.ndarray) -> np.ndarray:
    """By picture, float64: what typically differs between it and its lookalikes."""
    place, values = np.r_[pairs.first, pairs.second], np.r_[whole, whole]
    usual = np.full(int(place.max(initial=-1)) + 1, _USUAL)
    order = np.lexsort((values, place))
    place, values = place[order], values[order]
    start = np.flatnonzero(np.r_[True, place[1:] != place[:-1]]) if len(place) else np.empty(0, np.int64)
    count = np.diff(np.r_[start, len(place)])
    many = count > _FEW
    typical = values[start + (_TYPICAL * (count - 1)).astype(np.int64)]
    usual[place[start[many]]] = np.maximum(typical[many], _LEAST)
    return usual


def _kinds(found: Found, answers: dict[tuple[int, int], Answer], thresholds: Thresholds) -> np.ndarray:
    """Kind of each pair, str (k,); "" for what is not shown. What a person said counts."""
    kinds = np.where(found.colour >= thresholds.recoloured, "variant", "near").astype("U7")
    kinds[found.score < thresholds.alike] = ""
    kinds[np.isposinf(found.score)] = "exact"
    for place, answer in _judged(found, answers):
        exact = np.isposinf(found.score[place])
        kinds[place] = {"duplicate": "exact" if exact else "near", "variant": "variant", "no": ""}[answer]
    return kinds


def _judged(found: Found, answers: dict[tuple[int, int], Answer]) -> list[tuple[int, Answer]]:
    """(place, answer) of the pairs that were judged."""
    if not answers:
        return []
    size = int(found.others.max(initial=0)) + 1
    keys = found.items.astype(np.int64) * size + found.others
    order = np.argsort(keys)
    judged = []
    for (item, other), answer in answers.items():
        at = int(np.searchsorted(keys, item * size + other, sorter=order))
        if other < size and at < len(keys) and keys[order[at]] == item * size + other:
            judged.append((int(order[at]), answer))
    return judged


def _learnt(found: Found, answers: dict[tuple[int, int], Answer]) -> Thresholds:
    """The thresholds that fit the answers best, not far from where they begin without good reason."""
    judged = [(place, answer) for place, answer in _judged(found, answers) if np.isfinite(found.score[place])]
    alike = [(float(found.score[place]), answer != "no") for place, answer in judged]
    recoloured = [
        (float(found.colour[place]), answer == "variant") for place, answer in judged if answer != "no"
    ]
    return Thresholds(_fitted(ALIKE, _REACH[0], alike, 1.0), _fitted(RECOLOURED, _REACH[1], recoloured, 6.0))


def _fitted(start: float, reach: float, examples: list[tuple[float, bool]], steepness: float) -> float:
    """The threshold t of the largest posterior: logistic likelihood of (value, is above), normal prior at ``start``."""
    if not examples:
        return start
    values = np.array([value for value, _ in examples])
    sign = np.array([1.0 if above else -1.0 for _, above in examples])
    tried = start + reach * np.linspace(-4, 4, 321)
    loss = np.logaddexp(0, -steepness * sign * (values - tried[:, None])).sum(1)
    loss += ((tried - start) / reach) ** 2 / 2
    return float(tried[loss.argmin()])


Conflicts = dict[str, tuple[tuple[str, ...], tuple[str, ...]]]


def _keys(items: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Pairs of item numbers as one number each, int64."""
    return items.astype(np.int64) << 32 | others.astype(np.int64)


def _listed(
    snapshot: Snapshot,
    found: Found,
    kinds: np.ndarray,
    answers: dict[tuple[int, int], Answer],
    wanted: Kind | None,
    limit: int | None,
) -> tuple[list[Pair], dict[Kind, int]]:
    """The pairs of a kind and the number of each kind, as of `Duplicates.listing`; ``kinds`` as of `_kinds`."""
    shown = np.flatnonzero(kinds != "")
    items, others, its_kind = found.items[shown], found.others[shown], kinds[shown]
    differing = _differing(snapshot, items, others)
    differs = np.logical_or.reduce([np.zeros(len(shown), bool), *(mask for _, mask in differing)])
    of_kind: dict[Kind, np.ndarray] = {kind: its_kind == kind for kind in KINDS}
    of_kind["conflict"] = differs & (of_kind["exact"] | of_kind["near"])
    counts: dict[Kind, int] = {kind: int(np.count_nonzero(mask)) for kind, mask in of_kind.items()}
    chosen = np.flatnonzero(of_kind[wanted]) if wanted is not None else np.empty(0, np.int64)
    if limit is not None:
        judged = np.isin(_keys(items[chosen], others[chosen]), [one << 32 | other for one, other in answers])
        chosen = np.union1d(chosen[judged], chosen[~judged][:limit])
    conflicts: dict[int, Conflicts] = {}
    for column, mask in differing:
        for at in chosen[mask[chosen]].tolist():
            both = values_of(column, int(items[at])), values_of(column, int(others[at]))
            conflicts.setdefault(at, {})[column.name] = both
    names: list[Kind] = its_kind[chosen].tolist()
    pairs = []
    for at, kind in zip(chosen.tolist(), names, strict=True):
        both = int(items[at]), int(others[at])
        score = float(found.score[shown[at]])
        pairs.append(Pair(*both, kind, score, answers.get(both), conflicts.get(at, {})))
    return pairs, counts


def _differing(
    snapshot: Snapshot, items: np.ndarray, others: np.ndarray
) -> list[tuple[CategoryColumn | NumberColumn, np.ndarray]]:
    """For each attribute, texts left out, where both items of a pair have values and not the same: bool (pairs,)."""
    known = others < snapshot.size
    one, other = (np.where(known, side, 0) for side in (items, others))
    differing = []
    for column in snapshot.columns.values():
        if not isinstance(column, TextColumn):
            present, states = column.present(snapshot.size), _states(column, snapshot.size)
            differing.append((column, known & present[one] & present[other] & (states[one] != states[other])))
    return differing


def _states(column: CategoryColumn | NumberColumn, size: int) -> np.ndarray:
    """By item number something that is equal where the values are, (size,)."""
    if isinstance(column, NumberColumn):
        return column.data
    if column.single is not None:
        return column.single
    marks = np.random.default_rng(0).integers(1, 2**62, len(column.values), dtype=np.uint64)
    states = np.zeros(size, np.uint64)
    np.add.at(states, column.items, marks[column.codes])  # sums of random marks: equal sets, equal sums
    return states


def values_of(column: Column, item: int) -> tuple[str, ...]:
    """An item's values of a category or number, as people write them."""
    if isinstance(column, NumberColumn):
        value = float(column.data[item])
        return () if np.isnan(value) else (format_number(value),)
    if isinstance(column, TextColumn):
        return ()
    return column.texts_of(item)


def _completeness(snapshot: Snapshot) -> np.ndarray:
    """How many attributes each item has, int (size,)."""
    filled = np.zeros(snapshot.size, np.int64)
    for column in snapshot.columns.values():
        filled += column.present(snapshot.size)
    return filled
