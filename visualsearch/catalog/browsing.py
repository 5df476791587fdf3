"""What the window asks about results beyond the query itself: groups, identical photos, histograms, ids that begin so.

All of it is for workers; nothing here is needed before the first photos are on screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl

if TYPE_CHECKING:
    import numpy as np

    from visualsearch.catalog.arranging import Arranged, Arrangement
    from visualsearch.catalog.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Histogram:
    """How a number attribute is spread. ``edges`` float64 (b + 1,), round numbers; ``whole`` and ``counts`` int64
    (b,): items of the whole catalog and of the results in each bar, the last one including its upper edge. ``low`` and
    ``high``: the smallest and the largest value in the catalog. ``missing``: results without a value."""

    edges: np.ndarray
    whole: np.ndarray
    counts: np.ndarray
    low: float
    high: float
    integer: bool
    missing: int


class Browsing:
    """Asked through `Workspace.browsing`. Safe from any thread; every method may take a moment."""

    def __init__(
        self,
        catalog: Catalog,
        snapshot: Callable[[JobControl], Snapshot],
        find_near: Callable[[JobControl], Iterable[Sequence[int]]],
    ) -> None:
        """``find_near`` gives the groups of items whose photos are nearly the same."""
        self._catalog = catalog
        self._snapshot = snapshot
        self._find_near = find_near
        self._near: list[list[int]] | None = None
        self._lock = threading.Lock()
        self._pictures: tuple[int, np.ndarray] | None = None

    def arrange(
        self,
        items: np.ndarray,
        scores: np.ndarray | None,
        wanted: Arrangement,
        control: JobControl | None = None,
    ) -> Arranged:
        """The results as they are to be shown (see `arranging.arrange`). Raises UsageError, Cancelled."""
        from visualsearch.catalog.arranging import arrange

        control = control or JobControl()
        snapshot = self._snapshot(control)

        def pictures() -> np.ndarray:
            same = self._same_pictures(snapshot, control)
            return self._joined(same, control) if wanted.near else same

        return arrange(snapshot, items, scores, wanted, pictures)

    def find_near(self, control: JobControl) -> int:
        """Look for photos that are nearly the same, as a job: minutes for a large catalog the first time. How many
        items have one. What is found is remembered until this is called again. Raises Cancelled."""
        near = [list(group) for group in self._find_near(control)]
        self._near = near
        return sum(map(len, near))

    def _joined(self, pictures: np.ndarray, control: JobControl) -> np.ndarray:
        """``pictures`` with near-identical photos as one."""
        if self._near is None:
            self.find_near(control)
        found, free = pictures.copy(), int(pictures.max(initial=-1)) + 1
        for group in self._near or ():
            members = [item for item in group if item < len(found)]
            found[members] = free
            free += 1
        return found

    def histogram(self, attribute: str, items: np.ndarray, bars: int = 24) -> Histogram | None:
        """The spread of a number attribute, or one of amounts in one unit, over the catalog and the results ``items``,
        int32 (n,). None where the attribute is neither, or no item has a value."""
        import numpy as np

        from visualsearch.catalog.arranging import round_edges
        from visualsearch.catalog.columns import measured

        snapshot = self._snapshot(JobControl())
        numbers = measured(snapshot.columns.get(attribute))
        if numbers is None:
            return None
        data = numbers[snapshot.alive]
        data = data[~np.isnan(data)]
        if not len(data):
            return None
        low, high = float(data.min()), float(data.max())
        integer = bool((data == np.floor(data)).all())
        edges = round_edges(low, high, min(bars, max(1, int(high - low))) if integer else bars)
        values = numbers[items[items < snapshot.size]]
        known = values[~np.isnan(values)]
        whole, _ = np.histogram(data, edges)
        counts, _ = np.histogram(known, edges)
        return Histogram(edges, whole, counts, low, high, integer, len(items) - len(known))

    def image_counts(self, items: Sequence[int]) -> list[int]:
        """How many usable photos each item has; *fast* for a screenful."""
        return self._catalog.image_counts(items)

    def ids_starting(self, text: str, limit: int = 12) -> list[str]:
        """Ids of items that begin with ``text``, in order; *fast*."""
        return self._catalog.ids_starting(text, limit)

    def values(self) -> dict[str, list[str]]:
        """All values of the attributes that have values to pick, by attribute."""
        from visualsearch.catalog.columns import TextColumn

        columns = self._snapshot(JobControl()).columns
        return {name: column.values for name, column in columns.items() if not isinstance(column, TextColumn)}

    def counts(self) -> dict[str, dict[str, int]]:
        """How many items have each value that some have, by text, of every category."""
        from visualsearch.catalog.columns import CategoryColumn

        found = {}
        for name, column in self._snapshot(JobControl()).columns.items():
            if isinstance(column, CategoryColumn):
                counts = zip(column.values, column.counts.tolist(), strict=True)
                found[name] = {value: count for value, count in sorted(counts) if count}
        return found

    def tally(self, attribute: str, items: np.ndarray) -> dict[str, int]:
        """How many of ``items`` int (n,) have each value of an attribute, most first; "" stands for none. Texts are not
        told apart: "…" stands for any."""
        import numpy as np

        from visualsearch.catalog.columns import CategoryColumn, NumberColumn, format_number

        snapshot = self._snapshot(JobControl())
        items = items[items < snapshot.size]
        column = snapshot.columns.get(attribute)
        if column is None:
            return {"": len(items)}
        with_value = int(column.present(snapshot.size)[items].sum())
        found: dict[str, int] = {}
        if isinstance(column, CategoryColumn):
            wanted = np.zeros(snapshot.size, bool)
            wanted[items] = True
            counts = np.bincount(column.codes[wanted[column.items]], minlength=len(column.values))
            found = {column.values[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}
        elif isinstance(column, NumberColumn):
            data = column.data[items]
            numbers, amounts = np.unique(data[~np.isnan(data)], return_counts=True)
            found = dict(zip(map(format_number, numbers.tolist()), amounts.tolist(), strict=True))
        elif with_value:
            found = {"…": with_value}
        if with_value < len(items):
            found[""] = len(items) - with_value
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    def _same_pictures(self, snapshot: Snapshot, control: JobControl) -> np.ndarray:
        """int32 (size,): equal where the photos that the tiles show have the same bytes, −1 without a photo.

        Reads the list of images, a second for a million, once for each state of the catalog."""
        import numpy as np

        from visualsearch.catalog import active_images

        with self._lock:
            known = self._pictures
            if known is not None and known[0] == snapshot.revision:
                return known[1]
            items, digests = self._catalog.active_images(control)
            usable = items < snapshot.size
            items, digests = items[usable], digests[usable]
            first = np.flatnonzero(np.diff(items, prepend=-1))
            _, codes = active_images.different(digests[first])
            pictures = np.full(snapshot.size, -1, np.int32)
            pictures[items[first]] = codes
            self._pictures = (snapshot.revision, pictures)
            return pictures
