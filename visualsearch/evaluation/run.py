"""The evaluation: people × scorers × rounds → figures. All random draws depend on the seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from visualsearch.errors import UsageError, VisualSearchError
from visualsearch.evaluation import measures
from visualsearch.evaluation.baselines import BASELINES, Embeddings, Rows
from visualsearch.evaluation.people import FEWEST, LARGEST_SHARE, Meaning, Person, meanings, random_of
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Blocks, Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl

POSITIONS: dict[str, Blocks] = {"auto": "auto", "style": 0.0, "colour": 1.0, "joint": 0.5}
"""Positions of the style ↔ colour slider that are compared."""

SCORERS = (*POSITIONS, *BASELINES)
PEOPLE = 3  # who mean the same value, each with examples of their own
PAGE = 10  # results that a person judges in a round
HEAD = 50
RECALL = 0.9


@dataclass(frozen=True)
class Plan:
    """What is evaluated. ``attributes`` as "articleType" or "articleType+baseColour"; ``shots``: numbers of positives
    to start with; ``rounds`` of feedback; at most ``filters`` values of each attribute."""

    attributes: tuple[str, ...]
    shots: tuple[int, ...] = (1, 3, 5, 10)
    rounds: int = 0
    filters: int = 30
    seed: int = 1


@dataclass
class Figures:
    """Of one scorer, a value an entry of each list: the mean over its people.

    ``precision`` (average precision) and ``head`` (P@50) after the last round; ``clicks``: examples, judgements, and
    the depth at which 90 % of what was left is found. ``rounds``: the average precision before and after each round.
    ``kept``: share of the rounds that did not lower it.
    """

    precision: list[float] = field(default_factory=list)
    head: list[float] = field(default_factory=list)
    clicks: list[float] = field(default_factory=list)
    rounds: list[list[float]] = field(default_factory=list)
    kept: list[float] = field(default_factory=list)

    def add(self, runs: list[_Run]) -> None:
        """One value, from its people's runs."""
        rounds = np.mean([run.precisions for run in runs], axis=0)
        self.precision.append(float(rounds[-1]))
        self.rounds.append(rounds.tolist())
        self.head.append(float(np.mean([run.head for run in runs])))
        self.clicks.append(float(np.mean([run.clicks for run in runs])))
        steps = np.concatenate([np.diff(run.precisions) for run in runs])
        if len(steps):
            self.kept.append(float(np.mean(steps >= -1e-9)))

    def to_dict(self, seed: int) -> dict[str, object]:
        low, high = measures.bootstrap_interval(np.array(self.precision), seed)
        values: dict[str, object] = {
            "map": _rounded(np.mean(self.precision)),
            "p50": _rounded(np.mean(self.head)),
            "low": _rounded(low),
            "high": _rounded(high),
            "filters": len(self.precision),
            "clicks": _rounded(np.mean(self.clicks)),
        }
        if self.kept:
            values["rounds"] = [_rounded(value) for value in np.mean(self.rounds, axis=0)]
            values["not_worse"] = _rounded(np.mean(self.kept))
        return values


@dataclass(frozen=True)
class _Run:
    """One person with one scorer."""

    precisions: list[float]
    head: float
    clicks: int


Report = dict[str, dict[str, dict[str, dict[str, object]]]]
"""{attribute: {shots: {scorer: {"map", "p50", "low", "high", "filters", "clicks", …}}}}."""


def evaluate(engine: Engine, plan: Plan, control: JobControl, embeddings: Embeddings | None = None) -> Report:
    """Simulate people on the engine's catalog; its vectors are held in memory meanwhile. The baselines get the
    network's pooled features from ``embeddings``.

    An attribute of which no value is neither too rare nor too common has an empty entry. Raises UsageError (attribute),
    VisualSearchError (nothing to evaluate), CacheDamaged, Cancelled.
    """
    if engine.space is None:
        raise VisualSearchError("Nothing is embedded yet.", "Import photos first.")
    _check(plan)
    searchable = engine.snapshot.alive & engine.space.has_vector()
    found = {
        attribute: meanings(engine.snapshot, searchable, attribute, plan.filters, plan.seed)
        for attribute in dict.fromkeys(plan.attributes)
    }
    if not any(found.values()):
        raise VisualSearchError(
            f"No value of {', '.join(found)} has at least {FEWEST} items with a photo on at most "
            f"{LARGEST_SHARE:.0%} of the catalog.",
            "Evaluate on a larger catalog or with other attributes.",
        )
    scorers = _scorers(engine, Rows(engine.space, embeddings))
    total = sum(map(len, found.values())) * len(plan.shots)
    done = 0
    report: Report = {}
    for attribute, values in found.items():
        report[attribute] = {}
        for shots in plan.shots if values else ():
            figures = {name: Figures() for name in SCORERS}
            for meaning in values:
                control.progress(f"evaluating {attribute}", done, total, "filters")
                for name, rank in scorers.items():
                    people = range(PEOPLE)
                    figures[name].add(
                        [
                            _run(rank, searchable, attribute, meaning, shots, who, plan, control)
                            for who in people
                        ]
                    )
                done += 1
            report[attribute][str(shots)] = {name: each.to_dict(plan.seed) for name, each in figures.items()}
    return report


def _check(plan: Plan) -> None:
    if not plan.attributes:
        raise UsageError("No attribute was given.", command="See: visualsearch dashboard CATALOG")
    if not plan.shots or min(plan.shots) < 1 or max(plan.shots) >= FEWEST - 1:
        raise UsageError(
            f"The numbers of examples must lie between 1 and {FEWEST - 2}.", "For example: 1, 3 and 5."
        )


Rank = Callable[[Person, int, JobControl], np.ndarray]
"""(person, seed, control) → items int32, best first, the examples left out."""


def _scorers(engine: Engine, rows: Rows) -> dict[str, Rank]:
    """All that is compared, by name in the order of SCORERS."""
    ranks: dict[str, Rank] = {}
    for name, blocks in POSITIONS.items():
        ranks[name] = lambda person, _, control, blocks=blocks: _by_engine(engine, person, blocks, control)
    for name, baseline in BASELINES.items():

        def rank(person: Person, seed: int, control: JobControl, baseline=baseline) -> np.ndarray:
            control.checkpoint()
            examples = (rows.of(items) for items in (person.positives, person.negatives))
            scores = rows.space.item_scores(np.asarray(baseline(rows, *examples, seed), np.float32))
            return np.lexsort((engine.snapshot.id_rank, -scores)).astype(np.int32)

        ranks[name] = rank
    return ranks


def _by_engine(engine: Engine, person: Person, blocks: Blocks, control: JobControl) -> np.ndarray:
    """What the program answers: its last phase. Of the attributes that tell what is meant it knows nothing."""
    positives, negatives = (
        tuple(Example(item) for item in items) for items in (person.positives, person.negatives)
    )
    answers: list[Results] = []
    visual = VisualFilter(positives, negatives, blocks, picks=person.picks)
    visual = replace(visual, colours_differ=engine.colours_differ(visual, person.attributes))
    query = Query(visual, facets=False)
    engine.run(query, answers.append, control, mode="exact")
    return answers[-1].items


def _run(
    rank: Rank,
    searchable: np.ndarray,
    attribute: str,
    meaning: Meaning,
    shots: int,
    who: int,
    plan: Plan,
    control: JobControl,
) -> _Run:
    """Whoever it is picks the same first examples for every scorer and, with more shots, the same and more."""
    rng = random_of(plan.seed, attribute, meaning.name, who)
    person = Person(meaning, searchable, shots, plan.rounds > 0, rng)
    seed = int(rng.integers(2**32))
    order = rank(person, seed, control)
    precisions = [_precision(person, order)]
    for _ in range(plan.rounds):
        person.judge(order[person.pool[order]][:PAGE])
        order = rank(person, seed, control)
        precisions.append(_precision(person, order))
    hits = person.relevant[order[person.ranked[order]]]
    clicks = len(person.positives) + len(person.negatives) + measures.depth_of_recall(hits, RECALL)
    return _Run(precisions, measures.precision_at(hits, HEAD), clicks)


def _precision(person: Person, order: np.ndarray) -> float:
    return measures.average_precision(person.relevant[order[person.ranked[order]]])


def _rounded(value: float | np.floating) -> float:
    return round(float(value), 4)
