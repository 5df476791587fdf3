"""How much the look of an item speaks against its value, by its neighbours alone: milliseconds, where the heads of an
audit take their time. An estimate needs no more to know where errors are likelier; its interval holds whatever the
scores are worth. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from visualsearch.catalog.columns import CategoryColumn, NumberColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.errors import UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl
from visualsearch.vectors.graph import JOINT
from visualsearch.vectors.space import Space

_CHUNK = 20_000  # items at a time: 64 MB
_COPY = 0.985  # similarity from which on a neighbour is a copy, which vouches for nothing
_SHARPNESS = 3  # a neighbour's weight is its similarity to this power
_SURE = 0.7  # share of the neighbours' votes for one other value that makes a suspect


@dataclass(frozen=True, eq=False)
class Votes:
    """What neighbours say of an attribute. ``against`` float32 (size,): share of their votes that is not for the item's
    value, NaN where unknown; ``other`` int32 (size,): the best other value or −1; ``share`` float32 (size,): its part
    of the votes; ``given`` int32 (size,): the item's value or −1; ``values``: what the numbers stand for."""

    against: np.ndarray
    other: np.ndarray
    share: np.ndarray
    given: np.ndarray
    values: list[str]

    @property
    def suspects(self) -> np.ndarray:
        """Items whose neighbours mostly have one other value, int32, the most suspicious first."""
        found = np.flatnonzero((self.other >= 0) & (self.share >= _SURE))
        return found[np.argsort(-self.share[found], kind="stable")].astype(np.int32)


def votes(engine: Engine, attribute: str, control: JobControl) -> Votes:
    """Votes on a category, or on a number with few values; nobody votes on others. Raises UsageError, Cancelled."""
    snapshot, space = engine.snapshot, engine.space
    given, values = _codes(snapshot, attribute)
    size = snapshot.size
    found = Votes(
        np.full(size, np.nan, np.float32),
        np.full(size, -1, np.int32),
        np.zeros(size, np.float32),
        given,
        values,
    )
    if space is None or space.generation.graph_file is None or not values:
        return found
    space.generation.graph_file.check(checkpoint=control.checkpoint)
    items, rows = _shown(space)
    asked = np.flatnonzero((given[items] >= 0) & (rows < len(space.generation.vectors)))
    owner = np.full(space.rows, -1, np.int64)
    owner[rows[::-1]] = items[::-1]
    for start in range(0, len(asked), _CHUNK):
        control.progress("Asking the neighbours", start, len(asked))
        part = asked[start : start + _CHUNK]
        _vote(space, items[part], rows[part], owner, found)
    return found


def suspicion(engine: Engine, attribute: str, control: JobControl) -> np.ndarray:
    """Scores float32 (size,), higher is more likely wrong, NaN unknown; "" for all attributes: the worst of them."""
    if attribute:
        return votes(engine, attribute, control).against
    worst = np.full(engine.snapshot.size, np.nan, np.float32)
    for name in engine.snapshot.columns:
        worst = np.fmax(worst, votes(engine, name, control).against)
    return worst


def _vote(space: Space, items: np.ndarray, rows: np.ndarray, owner: np.ndarray, found: Votes) -> None:
    graphs = space.generation.graphs
    assert graphs is not None
    near = np.asarray(graphs.neighbours[JOINT][rows])
    similar = np.asarray(graphs.similarities[JOINT][rows], np.float32)
    voter = np.where(near >= 0, owner[near], -1)
    code = np.where((voter >= 0) & (voter != items[:, None]) & (similar < _COPY), found.given[voter], -1)
    weight = np.where(code >= 0, np.maximum(similar, 0) ** _SHARPNESS, 0)
    total = weight.sum(1)
    known = total > 0
    own = code == found.given[items][:, None]
    safe = np.where(known, total, 1)
    found.against[items] = np.where(known, 1 - (weight * own).sum(1) / safe, np.nan)
    # For each neighbour, what all neighbours with the same value say together.
    together = ((code[:, :, None] == code[:, None, :]) * weight[:, None, :]).sum(2)
    together[own | (code < 0)] = 0
    best = together.argmax(1)
    at = np.arange(len(items))
    share = together[at, best] / safe
    found.other[items] = np.where(share > 0, code[at, best], -1)
    found.share[items] = share


def _shown(space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Items with a vector, and the row of each one's first image."""
    items, first = np.unique(space.item, return_index=True)
    return items, space.row[first]


def _codes(snapshot: Snapshot, attribute: str) -> tuple[np.ndarray, list[str]]:
    """By item number an index into the values, −1 for none; of several values the first."""
    column = snapshot.columns.get(attribute)
    if column is None:
        raise UsageError(f"There is no attribute {attribute!r}.")
    codes = np.full(snapshot.size, -1, np.int32)
    if isinstance(column, CategoryColumn):
        codes[column.items[::-1]] = column.codes[::-1]
        return codes, column.values
    if isinstance(column, NumberColumn) and column.level_of is not None:
        return column.level_of.astype(np.int32), column.values
    return codes, []
