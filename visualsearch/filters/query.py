"""One request of a person, and the answers to it. Immutable, so that they cross threads safely."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:  # a request is made before NumPy is loaded; only the answer holds arrays
    import numpy as np

Blocks = Literal["auto"] | float  # type: ignore[valid-type]
"""Share of the colour block: 0.0 is style only, 1.0 colour only; "auto" infers it from the examples."""

LEAST_WEIGHT, MOST_WEIGHT = 0.25, 4.0  # of an example, beside 0


@dataclass(frozen=True)
class Embedding:
    """What an encoder gave for one picture, before any projection: float32 in little endian order."""

    style: bytes
    colour: bytes


@dataclass(frozen=True)
class Example:
    """An image picked as positive or negative: an item of the catalog, or a picture from outside.

    Exactly one of ``item`` (an item's number) and ``file`` (the absolute path of a picture) is given. A picture of a
    saved filter has its ``embedding``, so that the file need not be there any more. ``region`` is a box on the photo
    (of an item: on its first one) that alone counts: left, top, width, height in shares of the upright photo, 0 to 1.
    """

    item: int | None = None
    file: str | None = None
    region: tuple[float, float, float, float] | None = None
    embedding: Embedding | None = field(default=None, repr=False)


@dataclass(frozen=True)
class VisualFilter:
    """Examples, weights and a threshold.

    ``narrow``: None ranks everything; a number from 0 to 1 keeps what scores at least as high as the
    threshold of that strictness (0 keeps all, 1 only the closest); "auto" lets the program choose. ``weights``: how
    much an example counts, from `LEAST_WEIGHT` to `MOST_WEIGHT`, where that is not 1; with 0 it is muted: the answer is
    the one without it.
    ``picks``: the examples' signs in the order in which they were picked, as "+++-+"; "" where that is not known.
    ``colours_differ``: how much the positives' tags say that no colour is meant, see `filters.tags`; None asks the
    catalog. It counts where ``blocks`` is "auto".
    """

    positives: tuple[Example, ...] = ()
    negatives: tuple[Example, ...] = ()
    blocks: Blocks = "auto"
    narrow: Literal["auto"] | float | None = None
    weights: tuple[tuple[Example, float], ...] = ()
    picks: str = ""
    colours_differ: float | None = None

    def __bool__(self) -> bool:
        counting = self.counting()
        return bool(counting.positives or counting.negatives)

    @property
    def muted(self) -> set[Example]:
        """The examples of weight 0."""
        return {example for example, weight in self.weights if not weight}

    def weight_of(self, example: Example) -> float:
        """How much an example counts."""
        return dict(self.weights).get(example, 1.0)

    def counting(self) -> VisualFilter:
        """The same without the muted examples: what is asked."""
        without = self.muted
        if not without:
            return self
        positives, negatives = (
            tuple(example for example in side if example not in without)
            for side in (self.positives, self.negatives)
        )
        signs = [sign for example, sign in self.picked() if example not in without]
        weights = tuple(pair for pair in self.weights if pair[1])
        return replace(self, positives=positives, negatives=negatives, weights=weights, picks="".join(signs))

    def picked(self) -> list[tuple[Example, str]]:
        """The examples, each with "+" or "-", in the order in which they were picked; none where that is not known."""
        if self.picks.count("+") != len(self.positives) or self.picks.count("-") != len(self.negatives):
            return []
        sides = {"+": iter(self.positives), "-": iter(self.negatives)}
        return [(next(sides[sign]), sign) for sign in self.picks]


@dataclass(frozen=True)
class Sort:
    """``by``: "relevance" (scores; id where there are none), "id", or an attribute's name."""

    by: str = "relevance"
    descending: bool = False


@dataclass(frozen=True)
class Look:
    """What of a visual filter's results to look at first, where they are sorted by relevance: the most "likely"; the
    most "useful" to judge, which are near the threshold and unlike each other; or "random", the same for a ``seed``."""

    by: Literal["likely", "useful", "random"] = "likely"
    seed: int = 0


@dataclass(frozen=True)
class Query:
    """Everything that narrows and orders the catalog.

    ``where`` are predicates' texts that must all hold. ``choices`` are facet ticks, (attribute, values):
    any of the values; the facet counts of that attribute ignore its own ticks, as shops do.
    ``text_weight`` is the text score's share in the order, 0 (visual only) to 1 (text only).
    """

    visual: VisualFilter = field(default_factory=VisualFilter)
    where: tuple[str, ...] = ()
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    text: str = ""
    text_weight: float = 0.0
    sort: Sort = field(default_factory=Sort)
    facets: bool = True
    look: Look = field(default_factory=Look)

    @property
    def is_by_score(self) -> bool:
        """Whether the scores alone order the results."""
        return self.sort.by == "relevance" and (self.look.by == "likely" or not self.visual)


class Phase(Enum):
    """How final an answer is.

    ``APPROXIMATE``: the indexes' candidates; ``total`` is their number. ``SCANNED``: every item was scored by the
    filter's scorer, and diffusion is still to come; the order will change, and with ``narrow`` so will set and total,
    which otherwise are those of the last phase. ``EXACT``: scores are final, set, total and facet counts are theirs,
    and the head of the order is in ``items``. ``COMPLETE``: ``items`` holds all of the results.

    The first two come only where the next would keep people waiting; EXACT always comes, and is the same whichever
    phases came before.
    """

    APPROXIMATE = "approximate"
    SCANNED = "scanned"
    EXACT = "exact"
    COMPLETE = "complete"


@dataclass(frozen=True, eq=False)
class Results:
    """An answer.

    ``items``: item numbers, int32 (n,), best first, ties by id; fewer than ``total`` in the phases SCANNED and EXACT of
    a very large set. ``scores``: float32 (n,) or None where nothing is scored. ``total`` is exact from the phase EXACT
    on. ``facets``: attribute → {value: count}, only from EXACT on. ``colour_share``: what was used, inferred or given.
    ``threshold``: the score that narrowing cut at, or None. ``elapsed_ms``: since the request was taken up.
    ``colours_differ``: as in `VisualFilter`, what was used. ``refused``: the examples that the filter does not learn
    from, since by them it would not get better.
    """

    items: np.ndarray
    scores: np.ndarray | None
    total: int
    phase: Phase
    elapsed_ms: float
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
    colour_share: float | None = None
    threshold: float | None = None
    strictness: float | None = None
    colours_differ: float = 0.0
    refused: tuple[Example, ...] = ()
