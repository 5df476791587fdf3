"""Tagging: clicks to 90 % recall against going through the catalog, how often certificates are wrong, and latency.

``python tests/bench/bench_tagging.py [--values N] [--catalogs N] [--items N]`` prints JSON. The taggers are simulated:
they know the true values of the development catalog fashion-2k, of which 60 % of articleType are hidden.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from bench_encode import _DATA
from bench_search import drawn_space

from visualsearch import settings
from visualsearch.attributes.certificate import WANTED, looks, risk_of, standing
from visualsearch.attributes.session import Session
from visualsearch.attributes.situation import Start
from visualsearch.attributes.tagging import Tagging
from visualsearch.attributes.target import Target
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.decisions import BulkValues, Decisions
from visualsearch.catalog.importing import ImportRequest
from visualsearch.catalog.patching import catch_up
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Query
from visualsearch.jobs import JobControl
from visualsearch.vectors import search
from visualsearch.workspace import Workspace

T = TypeVar("T")
HIDDEN, RECALL, PAGE, EXAMPLES, FEWEST = 0.6, 0.9, 24, 2, 3
ATTRIBUTE = "articleType"
NEVER_TAGGED = "kind"  # an attribute that the catalog does not have
CLICKS_GOAL, VIOLATIONS_GOAL, LATENCY_GOAL = "<= 0.5", "<= 0.05", "<= 50"
ATTEMPTS = 4  # of a person who wants the certificate by all means
PAGES = 40  # that are confirmed for the latency


def main(values: int = 1000, catalogs: int = 1000, items: int = 100_000) -> dict[str, Any]:
    """Ratios of clicks, shares of wrong certificates, milliseconds; see the names of the entries."""
    results: dict[str, Any] = {}
    fashion = _DATA / "fashion-2k"
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
        if fashion.is_dir():
            results |= clicks(Path(folder) / "fashion", fashion, values)
    results["certificates"] = certificates(catalogs)
    with tempfile.TemporaryDirectory() as folder:
        results[f"latency, {items:,} items"] = latency(Path(folder), items)
    return results


# Clicks


@dataclass
class Effort:
    """What it took to find 90 % of the deserving items. ``shown``: items looked at; ``clicks``: wrong ones rejected,
    and one key a page; ``least``: the same where a page may also be turned round (picking the right ones)."""

    shown: int = 0
    clicks: int = 0
    least: int = 0

    def page(self, hits: np.ndarray) -> None:
        right, wrong = int(hits.sum()), int((~hits).sum())
        self.shown += len(hits)
        self.clicks += wrong + 1
        self.least += min(right, wrong) + 1


def clicks(folder: Path, fashion: Path, most: int) -> dict[str, Any]:
    """Sessions of every value: those of the attribute with the rest of its values hidden, and of one never tagged."""
    with Workspace.open(folder, create=True) as workspace:
        workspace.import_all(ImportRequest(fashion, fashion / "styles.csv"), JobControl())
        engine = engine_of(workspace)
        column = engine.snapshot.columns[ATTRIBUTE]
        assert isinstance(column, CategoryColumn)
        assert column.single is not None
        truth, names = column.single.copy(), list(column.values)
        rng = np.random.default_rng(1)
        hidden = (rng.random(len(truth)) < HIDDEN) & (truth >= 0)
        workspace.decisions.apply(
            "clear", "hide", values=BulkValues(np.flatnonzero(hidden), ATTRIBUTE, "clear")
        )
        known = simulated(workspace, ATTRIBUTE, truth, names, hidden, most)
        never = simulated(workspace, NEVER_TAGGED, truth, names, truth >= 0, most // 4)
    return {"60 % of articleType hidden": known, "an attribute that nobody tagged": never}


def engine_of(workspace: Workspace) -> Engine:
    """The engine, by the one door there is."""
    found: list[Engine] = []
    workspace.tagging.onboarding._use(found.append, JobControl())
    return found[0]


def simulated(
    workspace: Workspace, attribute: str, truth: np.ndarray, names: list[str], hidden: np.ndarray, most: int
) -> dict[str, Any]:
    """Each value's session against the same pages in the order of similarity to the first example."""
    ours, theirs = Effort(), Effort()
    ratios: dict[str, float] = {}
    rng = np.random.default_rng(2)
    with_vector = search_space(workspace).has_vector()
    for code in rng.permutation(len(names)).tolist():
        deserving = (truth == code) & with_vector
        pool = np.flatnonzero(deserving if hidden[deserving].all() else deserving & ~hidden)
        examples = rng.permutation(pool)[:EXAMPLES]
        open_ = hidden & with_vector
        open_[examples] = False
        if len(examples) < EXAMPLES or (deserving & open_).sum() < FEWEST or len(ratios) >= most:
            continue
        mine, base = Effort(), Effort()
        tagged(workspace, Target(attribute, names[code]), examples, deserving, open_, mine)
        gone_through(workspace, int(examples[0]), deserving, open_, base)
        ratios[names[code]] = mine.shown / base.shown
        for total, part in ((ours, mine), (theirs, base)):
            total.shown += part.shown
            total.clicks += part.clicks
            total.least += part.least
    per_value = np.array(list(ratios.values()))
    return {
        "values": len(ratios),
        "clicks (reject + Enter)": {"value": ours.clicks / theirs.clicks, "goal": CLICKS_GOAL, "unit": "×"},
        "items looked at": {"value": ours.shown / theirs.shown, "goal": CLICKS_GOAL, "unit": "×"},
        "least clicks (pages turned round)": {
            "value": ours.least / theirs.least,
            "goal": CLICKS_GOAL,
            "unit": "×",
        },
        "median value, items looked at": float(np.median(per_value)),
        "worst value, items looked at": float(per_value.max()),
        "share of values above 0.5": float((per_value > 0.5).mean()),
        "clicks": ours.clicks,
        "clicks of the baseline": theirs.clicks,
        "per value, items looked at": {name: round(ratio, 3) for name, ratio in sorted(ratios.items())},
    }


def search_space(workspace: Workspace) -> Any:
    space = engine_of(workspace).space
    assert space is not None
    return space


def tagged(
    workspace: Workspace,
    target: Target,
    examples: np.ndarray,
    deserving: np.ndarray,
    open_: np.ndarray,
    effort: Effort,
) -> None:
    """Confirm pages until 90 % are found; then take it all back."""
    control = JobControl()
    start = Start(tuple(Example(item=item) for item in examples.tolist()))
    session = workspace.tagging.session(target, control, start)
    todo, found, pages = deserving & open_, 0, 0
    need = int(np.ceil(RECALL * todo.sum()))
    page = session.page(PAGE, "likely", control)
    while found < need:
        hits = deserving[page.items]
        counted = ~np.isin(page.items, examples)  # an example that lacks the value is confirmed along
        effort.page(hits[counted])
        found += int((hits & counted).sum())
        page = session.confirm(page, control, no=page.items[~hits].tolist()).page
        pages += 1
    for _ in range(pages):
        workspace.decisions.undo()


def gone_through(
    workspace: Workspace, example: int, deserving: np.ndarray, open_: np.ndarray, effort: Effort
) -> None:
    """The same pages and keys, but in the order of similarity to the first example."""
    space = search_space(workspace)
    vector = space.gather(space.rows_of(example)[:1])[0].astype(np.float64)
    scores = search.scan(space, vector, lambda: None)
    items = np.flatnonzero(open_)
    order = items[np.argsort(-scores[items], kind="stable")]
    need, found, start = int(np.ceil(RECALL * (deserving & open_).sum())), 0, 0
    while found < need:
        hits = deserving[order[start : start + PAGE]]
        effort.page(hits)
        found += int(hits.sum())
        start += PAGE


# Certificates


def certificates(catalogs: int) -> dict[str, Any]:
    """How often a person who tries again and again gets a certificate for a set that is worse than it says."""
    results: dict[str, Any] = {}
    for kind, precision in (
        ("just under the wanted precision", None),
        ("any precision from 80 to 100 %", (0.8, 1.0)),
    ):
        rng = np.random.default_rng(3)
        wrong = given = 0
        answers: list[int] = []
        for number in range(catalogs):
            wanted = WANTED[number % len(WANTED)]
            population = int(rng.choice([40, 120, 400, 1500, 6000, 25_000]))
            bad = int(np.floor(population * (1 - wanted) + 1e-9)) + 1
            if precision is not None:
                bad = round(population * (1 - rng.uniform(*precision)))
            certified, judged = persistent(population, bad, wanted, rng)
            given += certified
            wrong += certified and (population - bad) / population < wanted
            answers.append(judged)
        results[kind] = {
            "violated, share of catalogs": {"value": wrong / catalogs, "goal": VIOLATIONS_GOAL},
            "given, share of catalogs": given / catalogs,
            "median answers": float(np.median(answers)),
        }
    return results


def persistent(population: int, bad: int, wanted: float, rng: np.random.Generator) -> tuple[bool, int]:
    """(whether some attempt is certified, all answers); looks after every single answer."""
    total = 0
    for attempt in range(1, ATTEMPTS + 1):
        plan = looks(population, wanted, risk_of(attempt))
        drawn = rng.permutation(population)[: plan[-1].answers] < bad
        answers: list[Any] = [None] * len(drawn)
        for place, is_wrong in enumerate(drawn.tolist()):
            answers[place] = "wrong" if is_wrong else "right"
            at_look = any(look.answers == place + 1 for look in plan)
            state = standing(plan, answers, population).state if at_look or is_wrong else "open"
            if state != "open":
                break
        total += place + 1
        if state == "certified":
            return True, total
    return False, total


# Latency


class OneEngine:
    """An engine that follows the decisions, as `loading.Engines` does."""

    def __init__(self, catalog: Catalog, engine: Engine) -> None:
        self._catalog = catalog
        self._engine = engine

    def use(self, work: Callable[[Engine], T], control: JobControl) -> T:
        return work(self._engine)

    def follow(self) -> None:
        snapshot = catch_up(self._catalog, self._engine.snapshot)
        assert snapshot is not None
        self._engine = self._engine.over(snapshot)


def latency(folder: Path, items: int) -> dict[str, Any]:
    """Milliseconds from a confirm to the next page, the operation durable on disk, on drawn vectors."""
    space, labels = drawn_space(folder, items, index=False)
    kind = labels % 40
    with Catalog.open(folder / "catalog", create=True) as catalog:
        with catalog.write() as connection:
            rows = [(number, f"p{number:07}") for number in range(1, items + 1)]
            connection.executemany("INSERT INTO item (number, id) VALUES (?, ?)", rows)
        engine = Engine(catalog, load_snapshot(catalog), space, lambda _: None)  # type: ignore[arg-type,return-value]
        holder = OneEngine(catalog, engine)
        decisions = Decisions(catalog, holder.follow)
        known = 1 + np.flatnonzero((kind != 0) & (np.arange(items) % 5 == 0))
        decisions.apply("set", "other values", values=BulkValues(known, "kind", "set", ("other",)))
        tagging = Tagging(catalog, holder.use, decisions, lambda *_: Query())
        deserving = np.concatenate([[False], labels == labels[0]])
        start = Start(tuple(Example(item=int(item)) for item in np.flatnonzero(deserving)[:EXAMPLES]))
        session = tagging.start(Target("kind", "wanted"), start, JobControl())
        wall, cpu = confirmed(session, deserving)
    return {
        "confirm to next page, median": {
            "value": statistics.median(wall),
            "goal": LATENCY_GOAL,
            "unit": "ms",
        },
        "confirm to next page, CPU, median": {
            "value": statistics.median(cpu),
            "goal": LATENCY_GOAL,
            "unit": "ms",
        },
        "confirm to next page, 95 %": float(np.percentile(wall, 95)),
        "confirm to next page, CPU, 95 %": float(np.percentile(cpu, 95)),
    }


def confirmed(session: Session, deserving: np.ndarray) -> tuple[list[float], list[float]]:
    """Milliseconds of each confirm by the clock and of the processor."""
    control = JobControl()
    page = session.page(PAGE, "likely", control)
    wall, cpu = [], []
    for _ in range(PAGES):
        no = page.items[~deserving[page.items]].tolist()
        started, used = time.perf_counter(), processor_seconds()
        page = session.confirm(page, control, no=no).page
        wall.append(1000 * (time.perf_counter() - started))
        cpu.append(1000 * (processor_seconds() - used))
    return wall, cpu


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure tagging.")
    parser.add_argument("--values", type=int, default=1000, help="values to tag, at most")
    parser.add_argument("--catalogs", type=int, default=1000, help="catalogs to certify")
    parser.add_argument("--items", type=int, default=100_000, help="items for the latency")
    arguments = parser.parse_args()
    print(json.dumps(main(arguments.values, arguments.catalogs, arguments.items), indent=1))
