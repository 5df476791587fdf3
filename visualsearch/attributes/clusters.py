"""Suspects by what they have in common, values that people mix up, and the reasons in words. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes.suspects import Ranking
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.words import counted

FEWEST = 3  # suspects that make a cluster
IMPORT = "import"
LAST_IMPORT = "last"
_PURER = 2.0  # times as many suspects as among all items with the given value: worth a cluster of its own
_MOST_VALUES = 5_000  # of an attribute that suspects are grouped by
_EXAMPLES = 3
_MIXED = 0.25  # share of the belief in one value that items of the other get: people mix these up


@dataclass(frozen=True)
class Cluster:
    """``items`` with ``given`` that probably are ``suggested``, the worst first.

    ``shared`` and ``value``: what else they have in common, an attribute and its value, "import" and "last", or ""
    where it is only the two values. ``purity``: their share of all items with the given value (and what is shared).
    """

    attribute: str
    given: str
    suggested: str
    shared: str
    value: str
    items: tuple[int, ...]
    purity: float


@dataclass(frozen=True)
class ConfusablePair:
    """Two values that look alike. ``count``: items with the one value that look more like the other; ``of``: items with
    either; ``examples``: the most ambiguous items of ``value`` and of ``other``."""

    value: str
    other: str
    count: int
    of: int
    examples: tuple[int, ...]
    other_examples: tuple[int, ...]


def clusters(
    snapshot: Snapshot, ranking: Ranking, places: np.ndarray, by: str | None, new: np.ndarray
) -> list[Cluster]:
    """Group some suspects, int64 places in the ranking; ``new``: bool (size,), items of the last import. The largest
    and purest first: by how many they are, times their purity."""
    places = places[ranking.suggested[places] >= 0]
    if not len(places):
        return []
    count = len(ranking.values)
    key = ranking.given[places].astype(np.int64) * count + ranking.suggested[places]
    having = np.bincount(ranking.given, minlength=count)
    found: list[Cluster] = []
    sharing = list(_sharing(snapshot, ranking, by, new))
    for number in np.unique(key).tolist():
        own = places[key == number]
        if len(own) < FEWEST:
            continue
        given, suggested = divmod(number, count)
        base = len(own) / int(having[given])
        if by is None:
            found.append(_cluster(ranking, own, given, suggested, "", "", base))
        same_value = ranking.item[ranking.given == given]
        for name, values, codes in sharing:
            mine, all_ = codes[ranking.item[own]], codes[same_value]
            sizes = np.bincount(all_[all_ >= 0], minlength=len(values))
            hits = np.bincount(mine[mine >= 0], minlength=len(values))
            for code in np.flatnonzero(hits >= FEWEST).tolist():
                purity = int(hits[code]) / int(sizes[code])
                if by is not None or purity >= _PURER * base:
                    part = own[mine == code]
                    found.append(_cluster(ranking, part, given, suggested, name, values[code], purity))
    return sorted(found, key=lambda one: (-len(one.items) * one.purity, one.given, one.suggested, one.shared))


def confusable(ranking: Ranking) -> list[ConfusablePair]:
    """Pairs of values of which items of the one look like the other, and of the other like the one: a matter of taste
    rather than a mistake. The most often confused first."""
    count = len(ranking.values)
    closeness = ranking.other_belief / np.maximum(ranking.other_belief + ranking.belief, 1e-9)
    mixed = (ranking.suggested >= 0) & (closeness >= _MIXED)
    key = ranking.given.astype(np.int64) * count + np.maximum(ranking.suggested, 0)
    size = count * count
    unclear = np.bincount(key[mixed], minlength=size).reshape(count, count)
    crossed = np.bincount(key[mixed & (closeness > 0.5)], minlength=size).reshape(count, count)
    both = np.minimum(unclear, unclear.T)  # a mistake goes one way; what is a matter of taste goes both
    total = crossed + crossed.T
    having = np.bincount(ranking.given, minlength=count)
    first, second = np.nonzero(np.triu(both, 1))
    made = []
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        if total[a, b]:
            examples = (_most_unclear(ranking, key == x * count + y, closeness) for x, y in ((a, b), (b, a)))
            made.append(
                ConfusablePair(
                    ranking.values[a],
                    ranking.values[b],
                    int(total[a, b]),
                    int(having[a] + having[b]),
                    *examples,
                )
            )
    return sorted(made, key=lambda pair: (-pair.count, pair.value, pair.other))


def reasons(ranking: Ranking, place: int) -> tuple[str, ...]:
    """Why a value is suspicious, in sentences, the strongest first."""
    given = ranking.values[ranking.given[place]]
    code = int(ranking.suggested[place])
    belief, other = float(ranking.belief[place]), float(ranking.other_belief[place])
    said = []
    row = int(np.searchsorted(ranking.items, ranking.item[place]))
    near = ranking.near.rows[row]
    voters, support = int(ranking.voters[place]), int(ranking.support[place])
    if code >= 0:
        suggested = ranking.values[code]
        agree = int(ranking.column.has(ranking.items[near[near >= 0]], code).sum())
        if voters and agree > support:
            said.append(f"{_neighbours(agree, voters)} {suggested}, {support} {_are(support)} {given}.")
        if other > belief:
            said.append(
                f"It looks like {suggested} ({_percent(other)}) rather than like {given} ({_percent(belief)})."
            )
    if voters and not said:
        said.append(f"{_neighbours(support, voters)} {given}.")
    usual = float(ranking.usual_belief[ranking.given[place]])
    if usual > 0.5 > belief:
        said.append(f"Items with {given} are usually easy to tell ({_percent(usual)}).")
    return tuple(said)


def _neighbours(count: int, voters: int) -> str:
    return f"{count} of {counted(voters, 'neighbour')} {_are(count)}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _cluster(
    ranking: Ranking,
    places: np.ndarray,
    given: int,
    suggested: int,
    shared: str,
    value: str,
    purity: float,
) -> Cluster:
    return Cluster(
        ranking.attribute,
        ranking.values[given],
        ranking.values[suggested],
        shared,
        value,
        tuple(ranking.item[places].tolist()),
        float(purity),
    )


def _sharing(
    snapshot: Snapshot, ranking: Ranking, by: str | None, new: np.ndarray
) -> Iterator[tuple[str, list[str], np.ndarray]]:
    """What suspects may share: (name, values, code of each item int32 (size,), -1 for none)."""
    if by in (None, IMPORT):
        yield IMPORT, [LAST_IMPORT], np.where(new, 0, -1).astype(np.int32)
    for name, column in snapshot.columns.items():
        if name == ranking.attribute or (by is not None and name != by):
            continue
        if not isinstance(column, CategoryColumn) or column.single is None:
            continue
        if len(column.values) <= _MOST_VALUES:
            yield name, column.values, column.single


def _most_unclear(ranking: Ranking, chosen: np.ndarray, closeness: np.ndarray) -> tuple[int, ...]:
    own = np.flatnonzero(chosen)
    order = own[np.argsort(np.abs(closeness[own] - 0.5), kind="stable")[:_EXAMPLES]]
    return tuple(ranking.item[order].tolist())
