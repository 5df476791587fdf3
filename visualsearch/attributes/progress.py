"""Pages that were confirmed, and what they tell: how many deserving items are probably left, and when to stop.

A page is kept as a document beside its judgements, so that undo takes it back with them. Pages in *random* mode are
simple random samples of what was open at the time; they give an interval that holds whatever the ranking is worth.
Without them the sum of the probabilities is all there is, and is called a guess. Pure functions; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from visualsearch.words import counted

Mode = Literal["likely", "useful", "random", "chosen"]
MODES = ("likely", "useful", "random")  # those that pick by themselves
_DRY_PAGES, _DRY_ITEMS = 2, 24  # pages and items without a hit from which stopping is proposed
_TAIL = 0.025  # on either side of an interval of 95 %


@dataclass(frozen=True)
class PageRecord:
    """A confirmed page. ``open``: how many items were open when it was shown; ``items``: those that were answered, with
    the ``scores`` (deviations) that put them there and the ``answers``: y, n or u, one letter each."""

    mode: str
    open: int
    items: tuple[int, ...]
    scores: tuple[float, ...]
    answers: str

    @property
    def hits(self) -> int:
        return self.answers.count("y")

    def to_body(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_body(cls, body: Mapping[str, Any]) -> PageRecord:
        items = tuple(int(item) for item in body["items"])
        scores = tuple(float(score) for score in body["scores"])
        return cls(str(body["mode"]), int(body["open"]), items, scores, str(body["answers"]))


@dataclass(frozen=True)
class Remaining:
    """How many open items deserve the value, with an interval of 95 %. ``guess``: it rests on the ranking's
    probabilities, not on a random sample. ``judged``: size of that sample."""

    expected: float
    low: int
    high: int
    guess: bool
    judged: int


def remaining(pages: Sequence[PageRecord], probabilities: np.ndarray) -> Remaining:
    """From random pages where there are some that speak of what is open now; else from float (open,) probabilities."""
    open_now = len(probabilities)
    probes = _same_population(pages, open_now)
    sample = sum(len(page.items) for page in probes if page.mode == "random")
    if not sample:
        expected = float(probabilities.sum())
        spread = 1.96 * float(np.sqrt((probabilities * (1 - probabilities)).sum())) + 0.5 * expected
        return Remaining(
            expected, max(0, int(expected - spread)), min(open_now, int(np.ceil(expected + spread))), True, 0
        )
    low, high = _interval(probes, open_now)
    return Remaining(min(max(_expected(probes), float(low)), float(high)), low, high, False, sample)


def _expected(pages: Sequence[PageRecord]) -> float:
    """The number that makes the random pages' hits what was to be expected, less what was found since."""
    found = weighted = share = 0.0
    for page in pages:
        if page.mode == "random" and page.open:
            weighted += page.hits + len(page.items) * found / page.open
            share += len(page.items) / page.open
        found += page.hits
    return weighted / share - found


def _same_population(pages: Sequence[PageRecord], open_now: int) -> list[PageRecord]:
    """The latest pages, from a random one on, since which no item joined what is open."""
    start = len(pages)
    after = open_now
    for at in range(len(pages) - 1, -1, -1):
        page = pages[at]
        if after > page.open - len(page.items):
            break  # items have joined since: what was found before speaks of others
        after = page.open
        if page.mode == "random":
            start = at
    return list(pages[start:])


def _interval(pages: Sequence[PageRecord], open_now: int) -> tuple[int, int]:
    """Invert the exact test of the number of deserving items at the first random page.

    If there were K of them then, a later random page of n items was drawn from what was open with K − (found since)
    deserving ones, so that its hits are hypergeometric; the sum over pages is compared with what was seen.
    """
    found, seen = 0, 0
    samples: list[tuple[int, int, int]] = []  # open, found before, drawn
    for page in pages:
        if page.mode == "random":
            samples.append((page.open, found, len(page.items)))
            seen += page.hits
        found += page.hits

    def tails(total: int) -> tuple[float, float]:
        """P(hits ≤ seen), P(hits ≥ seen) if there were ``total``."""
        chances = _sum_of_hypergeometrics(samples, total)
        return float(chances[: seen + 1].sum()), float(chances[seen:].sum())

    most = found + open_now
    low = _first(found, most, lambda total: tails(total)[1] > _TAIL)
    high = _first(low, most + 1, lambda total: tails(total)[0] <= _TAIL) - 1
    return low - found, max(low, high) - found


def _sum_of_hypergeometrics(samples: Sequence[tuple[int, int, int]], total: int) -> np.ndarray:
    """Probabilities of 0, 1, … hits in all samples together."""
    from scipy.stats import hypergeom

    chances = np.ones(1)
    for population, found, drawn in samples:
        good = min(max(total - found, 0), population)
        chances = np.convolve(chances, hypergeom.pmf(np.arange(drawn + 1), population, good, drawn))
    return chances


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The lowest number from low to high for which it holds (it holds for all above), ``high`` where for none."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low


@dataclass(frozen=True)
class Advice:
    """Whether to stop: how many pages and items in a row had no hit, and a sentence, empty while there is no reason."""

    dry_pages: int
    dry_items: int
    text: str

    def __bool__(self) -> bool:
        return bool(self.text)


def advice(pages: Sequence[PageRecord], left: Remaining, open_now: int) -> Advice:
    """Look at the latest pages of likely items."""
    dry_pages = dry_items = 0
    for page in reversed([page for page in pages if page.mode == "likely"]):
        if page.hits:
            break
        dry_pages += 1
        dry_items += len(page.items)
    if not open_now:
        return Advice(dry_pages, dry_items, "Every item has been answered.")
    if dry_pages < _DRY_PAGES or dry_items < _DRY_ITEMS:
        return Advice(dry_pages, dry_items, "")
    how = (
        "by a guess; a random page would tell"
        if left.guess
        else f"from {counted(left.judged, 'item')} picked at random"
    )
    text = f"The last {dry_pages:,} pages had no hit; probably at most {left.high:,} are left ({how})."
    return Advice(dry_pages, dry_items, text)
