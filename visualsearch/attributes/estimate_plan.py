"""What an estimate of errors aims at and whom it asks about: drawn once, from a seed, and kept as a document, so that
another person can repeat it. Any thread."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from visualsearch.attributes import intervals, sampling
from visualsearch.attributes.sampling import FIRST
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.nearest import no_attribute
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.catalog.store import now
from visualsearch.errors import UsageError
from visualsearch.jobs import JobControl
from visualsearch.words import is_shown

Method = Literal["plain", "stratified", "difference"]
METHODS: tuple[Method, ...] = ("plain", "stratified", "difference")

_SPARE = 1.25  # of the items that the worst rate would take: some will be answered "unsure"
_LONGEST_NAME = 200

Suspicion = Callable[[str, JobControl], np.ndarray]
"""Attribute ("" for all together) → scores float (size,) by item number, higher is more likely wrong, NaN unknown."""


@dataclass(frozen=True)
class Plan:
    """What an estimate aims at and whom it asks about.

    ``attribute``: "" asks whether all of an item's values are right. ``half_width``, ``confidence``: shares.
    ``sizes``: items of each band; ``items``: the beginning of each band's stream; one band where the method is not
    "stratified". ``predicted`` and ``mean``: for "difference", of the stream's items and of the whole population.
    ``after``: the latest operation when it was made; ``created``: ISO 8601 in UTC.
    """

    name: str
    attribute: str
    method: Method
    half_width: float
    confidence: float
    seed: int
    sizes: list[int]
    items: list[list[int]]
    predicted: list[float]
    mean: float
    after: int
    created: str

    @property
    def population(self) -> int:
        """How many items it speaks of."""
        return sum(self.sizes)

    @property
    def subject(self) -> str:
        """Under which its answers are kept."""
        return f"estimate:{self.name}:{self.attribute}"

    def body(self) -> dict[str, Any]:
        """As a document's body."""
        return {key: value for key, value in asdict(self).items() if key != "name"}


def draw(
    snapshot: Snapshot,
    suspicion: Suspicion,
    control: JobControl,
    *,
    name: str,
    attribute: str,
    method: Method,
    half_width: float,
    confidence: float,
    seed: int,
    after: int,
) -> Plan:
    """Draw the items of an estimate. ``suspicion`` is asked where the method uses it; the others as in `Plan`. Raises
    UsageError (an attribute that nobody has), Cancelled."""
    items, values = population(snapshot, attribute)
    enough = intervals.sample_size(half_width, confidence, 0.5, len(items))
    length = min(len(items), math.ceil(_SPARE * max(FIRST, enough)))
    scores = None
    if method != "plain":
        scores = np.asarray(suspicion(attribute, control), np.float64)[items]
    control.checkpoint()
    sizes, predicted, mean = [len(items)], np.empty(0), 0.0
    if method == "stratified" and scores is not None:
        sizes, streams = sampling.band_streams(items, values, scores, seed, length)
    else:
        streams = [sampling.plain_stream(items, seed, length)]
    if method == "difference" and scores is not None:
        predicted = sampling.prediction(scores)
        mean = float(predicted.mean())
        predicted = predicted[np.searchsorted(items, streams[0])]
    return Plan(
        name,
        attribute,
        method,
        half_width,
        confidence,
        seed,
        sizes,
        [stream.tolist() for stream in streams],
        predicted.tolist(),
        mean,
        after,
        now(),
    )


def population(snapshot: Snapshot, attribute: str) -> tuple[np.ndarray, np.ndarray]:
    """The items that an estimate speaks of, int64 (n,) ascending, and a code of each one's value, int (n,): those that
    have a value of the attribute ("": of any). Raises UsageError where nobody has."""
    if attribute and attribute not in snapshot.columns:
        raise no_attribute(attribute, snapshot.columns)
    columns = [snapshot.columns[attribute]] if attribute else list(snapshot.columns.values())
    present = np.zeros(snapshot.size, bool)
    for column in columns:
        present |= column.present(snapshot.size)
    items = np.flatnonzero(present & snapshot.alive)
    if not len(items):
        raise UsageError("No item has a value that could be wrong.", "Import a table with attributes first.")
    codes = np.zeros(snapshot.size, np.int64)
    if attribute and isinstance(columns[0], CategoryColumn):
        codes[columns[0].items[::-1]] = columns[0].codes[::-1]  # of several values the first
    return items, codes[items]


def check(name: str, half_width: float, confidence: float, method: str) -> None:
    """Raises UsageError for a name that cannot be one, and for a width, confidence or method that has no meaning."""
    if not name.strip() or ":" in name or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"{name[:_LONGEST_NAME]!r} cannot be the name of an estimate.",
            f"Use letters and digits, {_LONGEST_NAME} at most, without colons.",
        )
    if not is_shown(name):
        raise UsageError(
            f"{name!r} cannot be the name of an estimate: it holds characters that cannot be seen, or line breaks.",
            "Give it another name.",
        )
    if not 0 < half_width < 0.5:
        raise UsageError(f"A half-width of {half_width} has no meaning.", "For ± 2 %, give 0.02.")
    if not 0.5 <= confidence < 1:
        raise UsageError(f"A confidence of {confidence:g} has no meaning.", "Give, for example, 0.95.")
    if method not in METHODS:
        raise UsageError(f"{method!r} is no way to estimate.", f"Choose one of: {', '.join(METHODS)}.")
