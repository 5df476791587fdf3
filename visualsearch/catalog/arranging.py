"""Results as a gallery shows them: in groups, some of them folded, and one of several identical photos.

All of it is NumPy over the results, for workers: the window only ever receives the finished arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, NumberColumn, format_number, measured
from visualsearch.catalog.snapshot import FEW_NUMBERS, Snapshot
from visualsearch.errors import UsageError

_RANGES = 12  # about so many groups of a number that has too many different values
_OUTLIERS = 2.0  # per cent at either end that do not stretch the ranges


@dataclass(frozen=True)
class Arrangement:
    """How results are to be laid out. ``group_by``: an attribute, "" for no groups. ``folded``: names of groups whose
    items are not shown ("" is the group of the items without a value); with ``all_but``, all others are folded.
    ``hide_copies``: show only the best of the items whose photos are the same; ``near``: also where they are nearly
    the same."""

    group_by: str = ""
    folded: frozenset[str] = frozenset()
    all_but: bool = False
    hide_copies: bool = False
    near: bool = False

    def __bool__(self) -> bool:
        return bool(self.group_by or self.hide_copies)

    def is_folded(self, name: str) -> bool:
        """Whether a group is folded."""
        return (name in self.folded) != self.all_but


@dataclass(frozen=True, eq=False)
class Sections:
    """Groups in the order of their names, items without a value last.

    ``names``: "" for the items without a value. ``counts``: int64 (g,), items of each group. ``starts``: int64
    (g + 1,), the first shown row of each group; a folded group has none. ``folded``: bool (g,).
    """

    names: list[str]
    counts: np.ndarray
    starts: np.ndarray
    folded: np.ndarray


@dataclass(frozen=True, eq=False)
class Arranged:
    """``items`` int32 (n,) and ``scores`` float32 (n,) or None, as shown. ``copies``: int32 (n,), how many more items
    with the same photo stand behind each, or None. ``sections``: the groups, or None. ``hidden``: how many copies are
    not shown."""

    items: np.ndarray
    scores: np.ndarray | None
    copies: np.ndarray | None
    sections: Sections | None
    hidden: int


def arrange(
    snapshot: Snapshot,
    items: np.ndarray,
    scores: np.ndarray | None,
    wanted: Arrangement,
    pictures: Callable[[], np.ndarray] | None = None,
) -> Arranged:
    """Lay out the results ``items``, int32 (n,), best first.

    Within a group the order stays. An item with several values stands in the group of the first. ``pictures()`` gives
    int32 (size,), equal where the photos are the same, −1 without a photo; needed for ``hide_copies``. Raises
    UsageError for an attribute that there is not or that cannot make groups.
    """
    copies, hidden = None, 0
    if wanted.hide_copies and pictures is not None:
        kept, copies = _without_copies(items, pictures())
        hidden = len(items) - len(kept)
        items, scores = items[kept], scores[kept] if scores is not None else None
    if not wanted.group_by:
        return Arranged(items, scores, copies, None, hidden)
    names, codes = _groups(snapshot, wanted.group_by)
    order, sections = _sections(names, codes[items], wanted)
    return Arranged(
        items[order],
        scores[order] if scores is not None else None,
        copies[order] if copies is not None else None,
        sections,
        hidden,
    )


def _without_copies(items: np.ndarray, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the first item of each picture, ascending, and how many others share it, int32."""
    known = items < len(pictures)  # the snapshot may be older than the results
    codes = np.where(known, pictures[np.where(known, items, 0)], -1)
    positions = np.arange(len(items))
    alone = codes < 0
    first = np.full(int(codes.max(initial=-1)) + 2, -1, np.int64)  # the last place is that of code −1
    first[codes[::-1]] = positions[::-1]
    kept = np.flatnonzero(alone | (first[codes] == positions))
    counts = np.bincount(codes[~alone], minlength=len(first))
    counts[-1] = 1
    return kept, (counts[codes[kept]] - 1).astype(np.int32)


def _sections(names: list[str], codes: np.ndarray, wanted: Arrangement) -> tuple[np.ndarray, Sections]:
    """The positions of what is shown, group by group, and the groups."""
    last = len(names)  # the group of the items without a value
    keys = np.where(codes < 0, last, codes)
    counts = np.bincount(keys, minlength=last + 1)
    present = np.flatnonzero(counts)
    titles = [*names, ""]
    found = [titles[code] for code in present.tolist()]
    folded = np.fromiter((wanted.is_folded(name) for name in found), bool, len(found))
    hidden = np.zeros(last + 1, bool)
    hidden[present[folded]] = True
    # A narrow type lets NumPy sort by radix, five times as fast.
    order = np.argsort(keys.astype(np.uint16) if last < 65_535 else keys, kind="stable")
    if folded.any():
        order = order[~hidden[keys[order]]]
    shown = np.where(folded, 0, counts[present])
    starts = np.concatenate([[0], np.cumsum(shown)]).astype(np.int64)
    return order, Sections(found, counts[present].astype(np.int64), starts, folded)


def _groups(snapshot: Snapshot, attribute: str) -> tuple[list[str], np.ndarray]:
    """Names of the possible groups in order, and each item's group, int32 (size,), −1 without a value."""
    column = snapshot.columns.get(attribute)
    numbers = measured(column)
    if isinstance(column, CategoryColumn) and (numbers is None or len(column.values) <= FEW_NUMBERS):
        codes = np.full(snapshot.size, -1, np.int32)
        if column.single is not None:
            codes[:] = column.single
        else:
            codes[column.items[::-1]] = column.codes[::-1]  # the first value of an item is written last
        if column.numbers is not None:
            return list(column.values), codes
        return _in_order(column, codes)
    if isinstance(column, NumberColumn) and column.level_of is not None:
        return column.values, column.level_of.astype(np.int32)
    if numbers is not None:
        return _ranges(numbers)
    raise UsageError(
        f"The results cannot be grouped by {attribute!r}.",
        "Group by an attribute with values to pick or with numbers.",
    )


def _in_order(column: CategoryColumn, codes: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The same groups in the order in which people look for words, small and capital letters together; amounts by
    their numbers."""
    values = column.values
    if column.amounts is not None:
        order = np.argsort(column.amounts, kind="stable").tolist()
    else:
        order = sorted(range(len(values)), key=lambda code: values[code].casefold())
    place = np.empty(len(values) + 1, np.int32)
    place[order] = np.arange(len(values), dtype=np.int32)
    place[-1] = -1  # of code −1
    return [values[code] for code in order], place[codes]


def _ranges(data: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Groups of a number: ranges of the same width between round numbers, the outer ones open."""
    known = ~np.isnan(data)
    codes = np.full(len(data), -1, np.int32)
    if not known.any():
        return [], codes
    low, high = np.percentile(data[known], [_OUTLIERS, 100 - _OUTLIERS]).tolist()
    edges = round_edges(low, high, _RANGES)[1:-1]
    codes[known] = np.searchsorted(edges, data[known], side="right")
    texts = [format_number(float(edge)) for edge in edges]
    middle = [f"{low} – {high}" for low, high in pairwise(texts)]
    if not texts:
        return ["all"], codes
    return [f"< {texts[0]}", *middle, f"≥ {texts[-1]}"], codes


def round_edges(low: float, high: float, wanted: int) -> np.ndarray:
    """Ascending multiples of 1, 2 or 5 times a power of ten that enclose low to high, about ``wanted`` steps."""
    reach = max(float(high) - float(low), 1e-6 * abs(float(low)), 1e-9)
    size = 10.0 ** np.floor(np.log10(reach / wanted))
    step = next(size * factor for factor in (1, 2, 5, 10) if reach / (size * factor) <= wanted)
    first, last = np.floor(low / step), np.floor(high / step) + 1
    digits = max(0, int(-np.floor(np.log10(step))))
    return np.round((first + np.arange(last - first + 1)) * step, digits)
