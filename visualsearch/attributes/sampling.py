"""The random streams of items that an estimate asks about, and the tally of its answers by band. Pure; any thread.

Plain: one random order of all. Stratified: bands by suspicion, each in a random order in which every value comes up in
proportion; answers are taken from the bands in proportion until the errors differ between them beyond chance, then
from where the next answer narrows the interval most. Whatever is asked next follows from the seed and the answers, so
that another person can repeat it. docs/decisions/estimates.md has the simulations behind the constants.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from visualsearch.attributes import intervals
from visualsearch.attributes.intervals import Interval

BANDS = (0.80, 0.15, 0.05)  # shares of the items from the least to the most suspicious
FIRST = 30  # answers before which no interval counts as narrow enough
_UNKNOWN = 0.02  # items that suspicion says nothing about are a band of their own from this share on
_DIFFERENT = 6.0  # chi-square of the bands' errors at which their rates are taken to differ
_SLACK = 1.5  # answers by which a band may be off its share, and a tenth of that share
_AT_LEAST = 0.5  # of its proportional share is what a band always gets
USUAL = 0.05  # the rate of errors that is expected before there are answers
_LOOKS_AHEAD = 60  # steps in which the answers that are still needed are guessed


@dataclass(frozen=True)
class Outlook:
    """How many answers a plain estimate may take: at ``most``, and the ``usual`` number, at a rate of ``USUAL``."""

    population: int
    usual: int
    most: int


def outlook(half_width: float, confidence: float, population: int) -> Outlook:
    """What to expect of an estimate of ``population`` items before it is begun."""
    usual, most = (
        min(population, max(FIRST, intervals.sample_size(half_width, confidence, rate, population)))
        for rate in (USUAL, 0.5)
    )
    return Outlook(population, usual, most)


def plain_stream(items: np.ndarray, seed: int, length: int) -> np.ndarray:
    """The first ``length`` of all items, int32 (n,), in a random order."""
    return np.random.default_rng(seed).permutation(items)[:length].astype(np.int32)


def bands_of(suspicion: np.ndarray) -> np.ndarray:
    """Each item's band, int (n,), 0 the least suspicious, from scores float (n,) of any scale, higher is worse.

    Ranks decide; ties fall into one band. What is not finite is a band of its own where there is much of it."""
    known = np.isfinite(suspicion)
    band = np.zeros(len(suspicion), np.int64)
    scores = suspicion[known]
    if len(scores):
        edges = np.quantile(scores, np.cumsum(BANDS)[:-1], method="higher")
        band[known] = np.searchsorted(edges, scores, side="left")
    if np.count_nonzero(~known) >= max(_UNKNOWN * len(suspicion), FIRST):
        band[~known] = len(BANDS)
    _, band = np.unique(band, return_inverse=True)
    return band


def band_streams(
    items: np.ndarray, values: np.ndarray, suspicion: np.ndarray, seed: int, length: int
) -> tuple[list[int], list[np.ndarray]]:
    """(sizes, streams) of the bands: each stream the first ``length`` of the band's items, int32.

    ``values`` int (n,): a code of each item's value. Of the c items of a value in a band the j-th in a random order
    is due at (j + U)/c, with a random U of the value's: any beginning of a stream holds every value in proportion.
    """
    random = np.random.default_rng(seed)
    band = bands_of(suspicion)
    sizes, streams = [], []
    for number in range(int(band.max(initial=0)) + 1):
        chosen = random.permutation(np.flatnonzero(band == number))
        _, code, count = np.unique(values[chosen], return_inverse=True, return_counts=True)
        order = np.argsort(code, kind="stable")
        place = np.empty(len(chosen), np.int64)
        place[order] = np.arange(len(chosen)) - np.repeat(np.cumsum(count) - count, count)
        due = (place + random.random(len(count))[code]) / count[code]
        sizes.append(len(chosen))
        streams.append(items[chosen[np.argsort(due, kind="stable")][:length]].astype(np.int32))
    return sizes, streams


def prediction(suspicion: np.ndarray) -> np.ndarray:
    """Scores of any scale → −log(1 − rank), float (n,): most of the spread is among the most suspicious, as errors
    are. What is not finite counts as the least suspicious."""
    scores = np.where(np.isfinite(suspicion), suspicion, -np.inf)
    _, code, count = np.unique(scores, return_inverse=True, return_counts=True)
    middle = (np.cumsum(count) - count / 2) / len(scores)
    return -np.log1p(-middle)[code]


@dataclass
class Tally:
    """Answers by band. ``sizes``: items of each band; ``judged`` and ``wrong``: answers so far; ``left``: how many of
    each band's stream have no answer yet."""

    sizes: Sequence[int]
    judged: list[float]
    wrong: list[float]
    left: list[int]
    confidence: float

    @property
    def differ(self) -> bool:
        """Whether the bands' rates differ beyond chance, or the answers are no longer in proportion to the bands:
        until then they are one random sample."""
        total, errors, population = sum(self.judged), sum(self.wrong), sum(self.sizes)
        if len(self.sizes) < 2 or not total:
            return False
        rate = min(1 - 0.5 / total, max(0.5 / total, errors / total))
        squares = 0.0
        for size, judged, wrong in zip(self.sizes, self.judged, self.wrong, strict=True):
            owed = total * size / population
            if abs(judged - owed) > _SLACK * (1 + owed / 10):
                return True
            squares += (wrong - judged * rate) ** 2 / (judged * rate * (1 - rate)) if judged else 0.0
        return errors > 0 and squares > _DIFFERENT

    @property
    def interval(self) -> Interval:
        """The rate of errors in the whole."""
        if self.differ:
            return intervals.stratified(self.sizes, self.judged, self.wrong, self.confidence)
        return intervals.wilson(sum(self.wrong), sum(self.judged), self.confidence, sum(self.sizes))

    def next_band(self, differ: bool) -> int | None:
        """The band that the next answer should come from, or None where every stream has ended. ``differ``: as now,
        or as it was before answers that are still to come were counted in."""
        total, population = sum(self.judged), sum(self.sizes)
        open_ = [band for band, left in enumerate(self.left) if left > 0]
        if not open_:
            return None
        owed = {band: self.sizes[band] / population * (total + 1) - self.judged[band] for band in open_}
        if not differ:
            return max(open_, key=lambda band: (owed[band], band))
        floor = {band: owed[band] - (1 - _AT_LEAST) * (owed[band] + self.judged[band]) for band in open_}
        short = [band for band in open_ if floor[band] > 0]
        if short:
            return max(short, key=lambda band: (floor[band], band))
        rate = self._stratified_rate()
        return max(open_, key=lambda band: (self._gain(band, rate), band))

    def _gain(self, band: int, rate: float) -> float:
        """How much an answer from a band narrows the interval: W·s/n, s from the band's rate, smoothed by one answer
        of the whole's, and from what Wilson's interval adds for a small n."""
        number = self.judged[band]
        smooth = (self.wrong[band] + rate) / (number + 1)
        doubt = intervals.quantile(self.confidence) ** 2 / 4 / (number + 1)
        return self.sizes[band] / sum(self.sizes) * math.sqrt(smooth * (1 - smooth) + doubt) / (number + 0.5)

    def _stratified_rate(self) -> float:
        shares = zip(self.sizes, self.judged, self.wrong, strict=True)
        return sum(size * wrong / judged for size, judged, wrong in shares if judged) / sum(self.sizes)

    def add(self, band: int, wrong: float, answers: float = 1) -> None:
        self.judged[band] += answers
        self.wrong[band] += wrong


def more_needed(tally: Tally, half_width: float) -> int:
    """About how many more answers reach the wanted half-width, if the errors go on as so far; at least what is
    missing to the first ``FIRST``."""
    start, interval = sum(tally.judged), tally.interval
    missing = max(0, min(FIRST, sum(tally.sizes)) - int(start))
    if interval.half_width <= half_width:
        return missing
    if not tally.differ:
        rate = interval.rate if start >= FIRST else max(USUAL, interval.rate if start else 0.0)
        size = intervals.sample_size(half_width, tally.confidence, min(rate, 0.5), sum(tally.sizes))
        return max(missing, 1, size - int(start))
    guess = Tally(tally.sizes, list(tally.judged), list(tally.wrong), list(tally.left), tally.confidence)
    while (band := guess.next_band(True)) is not None and guess.interval.half_width > half_width:
        step = min(max(1, int(sum(guess.judged) / _LOOKS_AHEAD)), guess.left[band])
        rate = (guess.wrong[band] + interval.rate) / (guess.judged[band] + 1)
        guess.add(band, step * rate, step)
        guess.left[band] -= step
    return max(missing, math.ceil(sum(guess.judged) - start))
