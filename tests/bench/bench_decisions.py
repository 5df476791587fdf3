"""Decisions on 100,000 items: a page of 40, a bulk of all with its undo, and reopening after 10,000 operations.

CPU seconds stand beside seconds of the clock, since other work on the machine stretches the latter.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from visualsearch.catalog import patching, text
from visualsearch.catalog.decisions import BulkValues, Decisions, Judgement, ValueChange
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog

ITEMS = 100_000
ATTRIBUTES = 10
VALUES = 20
PAGE = 40
OPERATIONS = int(os.environ.get("VISUALSEARCH_OPERATIONS", "10000"))


def main() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalog"
        with Catalog.open(path, create=True) as catalog:
            _fill(catalog)
            load_snapshot(catalog)
            return {**_pages(catalog), **_bulk(catalog), **_many(catalog), **_reopening(path)}


def _fill(catalog: Catalog) -> None:
    rng = np.random.default_rng(1)
    with catalog.write() as connection:
        for attribute in range(1, ATTRIBUTES + 1):
            connection.execute(
                "INSERT INTO attribute VALUES (?, ?, 'category', '', ?)",
                (attribute, f"a{attribute}", attribute),
            )
            connection.executemany(
                "INSERT INTO category_value VALUES (?, ?, ?)",
                ((attribute * VALUES + n, attribute, f"value {n}") for n in range(VALUES)),
            )
        connection.executemany(
            "INSERT INTO item (number, id) VALUES (?, ?)", ((n, f"id{n}") for n in range(1, ITEMS + 1))
        )
        for attribute in range(1, ATTRIBUTES):  # the last attribute is empty
            values = rng.integers(0, VALUES, ITEMS) + attribute * VALUES
            rows = zip([attribute] * ITEMS, range(1, ITEMS + 1), values.tolist(), strict=True)
            connection.executemany("INSERT INTO item_value VALUES (?, ?, ?)", rows)
        text.index_items(connection, range(1, ITEMS + 1))


def _pages(catalog: Catalog) -> dict[str, Any]:
    """A page of suggestions confirmed: 40 values and 40 answers; until the columns are up to date."""
    rng = np.random.default_rng(2)
    decisions, snapshot = Decisions(catalog), load_snapshot(catalog)
    committed, patched = [], []
    for number in range(60):
        items = rng.choice(ITEMS, PAGE, replace=False) + 1
        started = time.perf_counter()
        decisions.apply(
            "tag",
            "page",
            values=[ValueChange(int(item), "style", (f"look {number % 3}",)) for item in items],
            judgements=[Judgement("tag:style=look", int(item), "yes") for item in items],
        )
        committed.append(time.perf_counter() - started)
        snapshot = patching.catch_up(catalog, snapshot)
        assert snapshot is not None
        patched.append(time.perf_counter() - started)
    return {
        "page": {
            "committed, median": {"value": 1000 * statistics.median(committed), "unit": "ms"},
            "and columns patched, median": {
                "value": 1000 * statistics.median(patched),
                "goal": "<= 50",
                "unit": "ms",
            },
            "and columns patched, 95 %": {"value": 1000 * float(np.quantile(patched, 0.95)), "unit": "ms"},
        }
    }


def _bulk(catalog: Catalog) -> dict[str, Any]:
    decisions = Decisions(catalog)
    every = np.arange(1, ITEMS + 1)
    results: dict[str, Any] = {}
    for name, attribute in (("of an empty attribute", "a10"), ("of a full attribute", "a3")):
        for step, work in (
            (
                "set",
                lambda of=attribute: decisions.apply(
                    "set", "all", values=BulkValues(every, of, "set", ("X",))
                ),
            ),
            ("undo", decisions.undo),
            ("redo", decisions.redo),
        ):
            results[f"{step} {name}"] = _timed(work, "<= 0.5")
    snapshot = load_snapshot(catalog)
    decisions.undo()
    results["columns patched"] = _timed(lambda: patching.catch_up(catalog, snapshot), "")
    results["the next text search"] = _timed(lambda: text.search(catalog, "value"), "")
    return {"100,000 items": results}


def _many(catalog: Catalog) -> dict[str, Any]:
    decisions = Decisions(catalog)
    rng = np.random.default_rng(3)
    started = time.perf_counter()
    for number in range(OPERATIONS):
        item = int(rng.integers(1, ITEMS + 1))
        decisions.apply("set", "one", values=[ValueChange(item, "a5", (f"value {number % VALUES}",))])
    seconds = time.perf_counter() - started
    return {"one by one": {"operations": OPERATIONS, "ms each": 1000 * seconds / OPERATIONS}}


def _reopening(path: Path) -> dict[str, Any]:
    def reopen() -> None:
        with Catalog.open(path) as catalog:
            decisions = Decisions(catalog)
            assert decisions.can_undo == "one"
            decisions.history(limit=100)

    def columns() -> None:
        with Catalog.open(path) as catalog:
            load_snapshot(catalog)

    return {
        "reopening": {
            "history": _timed(reopen, "<= 2"),
            "and columns, caught up": _timed(columns, "<= 2"),
            "and columns, again": _timed(columns, "<= 2"),
        }
    }


def _timed(work: Callable[[], object], goal: str) -> dict[str, Any]:
    """Seconds of the clock, with the goal, and CPU seconds."""
    cpu, started = time.process_time(), time.perf_counter()
    work()
    seconds, used = time.perf_counter() - started, time.process_time() - cpu
    clock: dict[str, Any] = {"value": seconds, "unit": "s"}
    return {"clock": clock | ({"goal": goal} if goal else {}), "cpu": {"value": used, "unit": "s"}}


if __name__ == "__main__":
    print(main())
