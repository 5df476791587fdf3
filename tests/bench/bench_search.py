"""Search: recall of the approximate phase, the exact settle against a bare scan, and the peers.

``python tests/bench/bench_search.py [--rows N] [--recall-rows N] [--fashion FOLDER]`` prints JSON. The vectors are
drawn: clusters of clusters, as products are. FOLDER is the embeddings folder (``CATALOG/embeddings/…``) of an
imported catalog, measured too when given.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from annoy import AnnoyIndex
from threadpoolctl import threadpool_limits

from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.snapshot import Snapshot
from visualsearch.filters.engine import Engine
from visualsearch.filters.examples import Examples
from visualsearch.filters.query import Example, Phase, Query, Results, VisualFilter
from visualsearch.filters.scores import candidates
from visualsearch.filters.scoring import Scoring
from visualsearch.jobs import JobControl
from visualsearch.vectors import search
from visualsearch.vectors.annoy_index import build_index
from visualsearch.vectors.embeddings import EmbeddingStore
from visualsearch.vectors.generation import CheckedFile, FileEntry, Manifest
from visualsearch.vectors.graph import build_graphs
from visualsearch.vectors.indexing import statistics_of
from visualsearch.vectors.projection import DIMENSIONS
from visualsearch.vectors.space import Generation, Space, Statistics, open_space

STYLE, COLOUR = DIMENSIONS["style"], DIMENSIONS["colour"]
WIDTH = STYLE + COLOUR
SHARES: tuple[Any, ...] = ("auto", 0.0, 0.5, 1.0)
TOP = 100
ATTRIBUTES = 8
_SPINNING = 0.2  # seconds, and more than BLAS's threads wait for the next product before they leave the core
SELECTIVITIES = {"50 %": 0.5, "10 %": 0.1, "1 %": 0.01, "0.1 %": 0.001}


def main(rows: int = 1_000_000, recall_rows: int = 100_000, fashion: Path | None = None) -> dict[str, Any]:
    """Ratios and milliseconds; see the names of the entries."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        results[f"exact settle, {rows:,} rows"] = settle(Path(folder), rows)
    with tempfile.TemporaryDirectory() as folder:
        space, labels = drawn_space(Path(folder), recall_rows, index=True)
        results[f"approximate, {recall_rows:,} rows, before the graphs are built"] = recall(space, labels)
        results[f"approximate, {recall_rows:,} rows"] = recall(with_graphs(space, Path(folder)), labels)
        results[f"peers, {recall_rows:,} rows"] = peers(np.asarray(space.generation.vectors), space)
    if fashion is not None:
        results["fashion"] = of_catalog(fashion)
    return results


# Drawing


def draw(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Fill float32 (n, WIDTH) with joint vectors; returns the cluster of each, int32 (n,).

    The i-th component's variance falls as 1 / (1 + i), as it does on the development catalog of shop photos.
    """
    rng = np.random.default_rng(seed)
    spectrum, hues = 1.0 / np.sqrt(1.0 + np.arange(STYLE)), 1.0 / np.sqrt(1.0 + np.arange(COLOUR))
    kinds = rng.normal(size=(40, STYLE)) * spectrum
    designs = kinds[rng.integers(0, 40, 2000)] + 0.7 * rng.normal(size=(2000, STYLE)) * spectrum
    palette = rng.normal(size=(60, COLOUR)) * hues
    labels = rng.integers(0, 2000, len(vectors)).astype(np.int32)
    for start in range(0, len(vectors), 50_000):
        part = labels[start : start + 50_000]
        style = designs[part] + 0.7 * rng.normal(size=(len(part), STYLE)) * spectrum
        colour = palette[rng.integers(0, 60, len(part))] + 0.7 * rng.normal(size=(len(part), COLOUR)) * hues
        vectors[start : start + 50_000, :STYLE] = style / np.linalg.norm(style, axis=1, keepdims=True)
        vectors[start : start + 50_000, STYLE:] = colour / np.linalg.norm(colour, axis=1, keepdims=True)
    return labels


def drawn_space(folder: Path, rows: int, *, index: bool) -> tuple[Space, np.ndarray]:
    """A space over drawn vectors, and their clusters; without ``index`` only exact answers work."""
    path = folder / "vectors-1.f32"
    vectors = np.memmap(path, np.float32, "w+", shape=(rows, WIDTH))
    labels = draw(vectors, seed=1)
    vectors.flush()
    dims = {"style": STYLE, "colour": COLOUR}
    blocks = {"style": slice(0, STYLE), "colour": slice(STYLE, WIDTH)}
    sample = np.arange(0, rows, max(1, rows // 50_000))
    arrays = statistics_of(vectors, sample, lambda: None)
    indexes = {}
    for block, columns in blocks.items():
        indexes[block] = folder / f"index-1.{block}.annoy"
        if index:
            build_index(vectors[:, columns], indexes[block], lambda done: None)
        else:
            indexes[block].write_bytes(b"none")
    generation = Generation(
        Manifest(1, "", rows, dims, {}),
        {},
        Statistics(arrays["mean"], arrays["covariance"]),
        np.memmap(path, np.float32, "r", shape=(rows, WIDTH)),
        CheckedFile(path, FileEntry.of(path)),
        {block: CheckedFile(file, FileEntry.of(file)) for block, file in indexes.items()},
        None,
    )
    items = np.arange(1, rows + 1, dtype=np.int32)
    empty = np.empty((0, WIDTH), np.float32)
    return Space(generation, empty, np.empty(0, np.int64), items, items - 1, rows + 1), labels


def with_graphs(space: Space, folder: Path) -> Space:
    """The space with its neighbour graphs, built as an import does."""
    generation = space.generation
    blocks = {name: space.block(name) for name in space.dims}
    path = folder / "graph-1.bin"
    build_graphs(generation.vectors, blocks, generation.indexes, lambda done: None).save(path)
    graph = CheckedFile(path, FileEntry.of(path))
    graph.check()
    return Space(
        replace(generation, graph_file=graph), space.delta, space.damaged, space.item, space.row, space.size
    )


def drawn_snapshot(size: int) -> Snapshot:
    """Eight category attributes, and one that is true for 50, 10, 1 and 0.1 % of the items."""
    rng = np.random.default_rng(2)
    columns = {}
    for number in range(ATTRIBUTES):
        values = [f"value {code:02}" for code in range(4 + 6 * number)]
        codes = rng.integers(-1, len(values), size).astype(np.int32)
        codes[0] = -1
        columns[f"attribute {number}"] = CategoryColumn(f"attribute {number}", values, codes)
    draws = rng.random(size)
    for name, share in SELECTIVITIES.items():
        codes = np.where(draws < share, 0, -1).astype(np.int32)
        codes[0] = -1
        columns[name] = CategoryColumn(name, ["yes"], codes)
    alive = np.ones(size, bool)
    alive[0] = False
    ranks = np.arange(-1, size - 1, dtype=np.int32)
    return Snapshot(1, size, alive, ranks, columns, lambda: contextlib.nullcontext())  # type: ignore[arg-type]


# The exact settle


def settle(folder: Path, rows: int, rounds: int = 15) -> dict[str, Any]:
    """Each round asks a filter that nobody asked before, and scans the same matrix barely, with all of BLAS's threads:
    alone on the machine these are faster than the program's own."""
    space, labels = drawn_space(folder, rows, index=False)
    snapshot = drawn_snapshot(rows + 1)
    vectors = np.asarray(space.generation.vectors)
    engine = Engine(None, snapshot, space, no_picture)  # type: ignore[arg-type]  # texts are not asked for
    started = time.perf_counter()
    space.check()
    results: dict[str, Any] = {"checksums, once": {"value": time.perf_counter() - started, "unit": "s"}}
    rng = np.random.default_rng(3)
    times: dict[str, list[float]] = {}
    complete = True
    vectors @ np.ones(WIDTH, np.float32)
    for number in range(rounds + 1):
        examples = rng.choice(np.flatnonzero(labels == number), 3, replace=False)
        visual = VisualFilter(tuple(Example(int(row) + 1) for row in examples), blocks=0.1 + 0.05 * number)
        weights = rng.normal(size=WIDTH).astype(np.float32)
        with threadpool_limits(os.cpu_count(), "blas"):
            taken = {"bare": clock(lambda w=weights: vectors @ w)}
        time.sleep(_SPINNING)
        taken["all"], answer = ask(engine, Query(visual))
        complete &= answer.total == rows - 3
        narrowed = VisualFilter(visual.positives, blocks=visual.blocks + 0.01, narrow="auto")
        taken["narrowed"], _ = ask(engine, Query(narrowed))
        for name in SELECTIVITIES:
            again = VisualFilter(visual.positives, blocks=visual.blocks + 0.02 + len(taken) * 1e-3)
            taken[name], answer = ask(engine, Query(again, where=(f'"{name}"=yes',)))
            column = snapshot.columns[name]
            assert isinstance(column, CategoryColumn)
            assert column.single is not None
            matches = np.flatnonzero(column.single == 0)
            wanted = len(matches) - int(np.isin(examples + 1, matches).sum())
            complete &= answer.total == wanted
        if number:  # the first warms up
            for name, seconds in taken.items():
                times.setdefault(name, []).append(seconds)
    bare = statistics.median(times["bare"])
    goals = {"all": "<= 1.5"}
    for name, seconds in times.items():
        results[f"{name}, p50"] = {"value": statistics.median(seconds) * 1000, "unit": "ms"}
        if name != "bare":
            ratio = statistics.median(seconds) / bare
            results[f"{name} / bare scan"] = {"value": ratio, "goal": goals.get(name, ""), "unit": "×"}
    results["every match found"] = {"value": int(complete), "goal": ">= 1"}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    results["peak memory"] = {"value": peak, "goal": "<= 2.5", "unit": "GB"}
    return results


def no_picture(example: Example) -> tuple[np.ndarray, np.ndarray]:
    raise ValueError(f"no example from outside is asked for: {example}")


def clock(work: Callable[[], object]) -> float:
    """Seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ask(engine: Engine, query: Query) -> tuple[float, Results]:
    """Seconds to the exact answer, and it: set, total, head and facets; what comes after it is cancelled."""
    control = JobControl()
    answers: list[Results] = []

    def emit(results: Results) -> None:
        answers.append(results)
        control.cancel()

    with contextlib.suppress(Exception):
        engine.run(query, emit, control, mode="exact")
    assert answers
    assert answers[0].phase is Phase.EXACT
    return answers[0].elapsed_ms / 1000, answers[0]


# Recall


def recall(space: Space, labels: np.ndarray | None, queries: int = 40) -> dict[str, Any]:
    """Recall of the 100 best by the candidates that the approximate phase asks for, by kind and block weight."""
    vectors = np.asarray(space.generation.vectors)
    scoring = Scoring(space)
    none = np.empty((0, WIDTH), np.float32)
    rng = np.random.default_rng(4)
    results: dict[str, Any] = {}
    index, exact = [], []
    for kind in ("image", "filter"):
        for share in SHARES:
            found = []
            for _ in range(queries):
                first = rng.integers(0, len(vectors))
                rows = np.array([first])
                if kind == "filter":
                    near = np.argpartition(-(vectors[:, :STYLE] @ vectors[first, :STYLE]), 60)[:60]
                    same = near if labels is None else np.flatnonzero(labels == labels[first])
                    rows = rng.choice(same, min(3, len(same)), replace=False)
                scorer = scoring.scorer(Examples.once(vectors[rows], none), share)
                started = time.perf_counter()
                scores = vectors @ scorer.weights.astype(np.float32)
                best = np.argpartition(-scores, TOP)[:TOP]
                exact.append(time.perf_counter() - started)
                started = time.perf_counter()
                items = candidates(space, scorer, 500, rows)
                index.append(time.perf_counter() - started)
                found.append(np.isin(best + 1, items).mean())
            name = f"recall@{TOP}, {kind}, colour {share}"
            results[name] = {"value": float(np.mean(found)), "goal": ">= 0.95"}
    results["candidates, p50"] = {"value": statistics.median(index) * 1000, "unit": "ms"}
    results["exact scan, p50"] = {"value": statistics.median(exact) * 1000, "unit": "ms"}
    results["candidates / exact scan"] = {
        "value": statistics.median(index) / statistics.median(exact),
        "unit": "×",
    }
    return results


def of_catalog(folder: Path) -> dict[str, Any]:
    """Recall on an imported catalog, against Annoy on its raw embeddings with the same effort."""
    records = (folder / "style.f32").stat().st_size
    count = (folder / "colour.f32").stat().st_size // (486 * 4)
    store = EmbeddingStore.open(folder, {"style": records // count // 4, "colour": 486})
    items = np.arange(1, len(store) + 1, dtype=np.int32)
    space = open_space(store, folder, (items, store.digests), len(store) + 1)
    if space is None:
        raise SystemExit(f"{folder} has no index: import the catalog again.")
    return {**recall(space, None), **raw_annoy(np.asarray(store.rows("style")))}


# Peers


def peers(vectors: np.ndarray, space: Space, queries: int = 100) -> dict[str, Any]:
    """Queries by image on the joint vectors: recall of the 100 best and milliseconds, each library by itself."""
    rng = np.random.default_rng(5)
    asked = vectors[rng.integers(0, len(vectors), queries)]
    truth = [set(np.argpartition(-(vectors @ query), TOP)[:TOP].tolist()) for query in asked]
    results: dict[str, Any] = {}

    def measure(name: str, ask_one: Callable[[np.ndarray], Any]) -> None:
        times, found = [], []
        for query, best in zip(asked, truth, strict=True):
            started = time.perf_counter()
            rows = ask_one(query)
            times.append(time.perf_counter() - started)
            found.append(len(best & set(np.asarray(rows).ravel().tolist())) / TOP)
        results[f"{name}: recall"] = float(np.mean(found))
        results[f"{name}: p50"] = {"value": statistics.median(times) * 1000, "unit": "ms"}

    measure("visualsearch, candidates", lambda q: search.candidates(space, q.astype(np.float64), 500) - 1)
    measure("NumPy, exact", lambda q: np.argpartition(-(vectors @ q), TOP)[:TOP])
    with contextlib.suppress(ImportError):
        import faiss

        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(vectors)
        measure("faiss flat, exact", lambda q: flat.search(q[None], TOP)[1])
    with contextlib.suppress(ImportError):
        import hnswlib

        graph = hnswlib.Index("ip", vectors.shape[1])
        graph.init_index(len(vectors), M=16, ef_construction=100)
        results["hnswlib: build"] = {"value": clock(lambda: graph.add_items(vectors)), "unit": "s"}
        graph.set_ef(200)
        measure("hnswlib, ef 200", lambda q: graph.knn_query(q[None], TOP)[0])
    return results


def raw_annoy(raw: np.ndarray, queries: int = 100) -> dict[str, Any]:
    """Annoy on the raw embeddings, 30 trees, against their exact cosine."""
    unit = raw / np.maximum(np.linalg.norm(raw, axis=1, keepdims=True), 1e-9)
    index = AnnoyIndex(raw.shape[1], "angular")
    index.set_seed(1)
    for row, vector in enumerate(unit.tolist()):
        index.add_item(row, vector)
    index.build(30)
    found, times = [], []
    for row in np.random.default_rng(6).integers(0, len(unit), queries):
        best = np.argpartition(-(unit @ unit[row]), TOP)[:TOP]
        started = time.perf_counter()
        rows = index.get_nns_by_vector(unit[row].tolist(), TOP, 3000)
        times.append(time.perf_counter() - started)
        found.append(np.isin(best, rows).mean())
    return {
        "Annoy on raw embeddings: recall": float(np.mean(found)),
        "Annoy on raw embeddings: p50": {"value": statistics.median(times) * 1000, "unit": "ms"},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--recall-rows", type=int, default=100_000)
    parser.add_argument("--fashion", type=Path)
    arguments = parser.parse_args()
    print(json.dumps(main(arguments.rows, arguments.recall_rows, arguments.fashion), indent=1))
