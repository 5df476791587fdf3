"""Suspects against what label-error tools rank by, from the same out-of-fold probabilities, on injected errors; and
how long the suspects of a large attribute take.

Each case is injected several times, the same for all. Its ratio is that of the mean average precisions, ours over the
peer's that is the best in the mean: with 1 % of 1,200 items a single error's place is a twelfth of the precision, and
the best of four would be chosen by luck each time. Beside it stand the ratios of single injections.

``python tests/bench/bench_suspects.py [--seeds N] [--rows N …]`` prints JSON. It imports the development catalog
fashion-2k where it is, and a drawn sample catalog with its true labels; large attributes are drawn vectors.
``--seeds 0`` measures only these.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from bench_encode import _DATA
from labelled_sample import draw_labelled
from sklearn.metrics import average_precision_score

from visualsearch import settings
from visualsearch.attributes import heads, odds, votes
from visualsearch.attributes.ranking import item_vectors
from visualsearch.attributes.suspects import labels_of
from visualsearch.catalog.columns import CategoryColumn
from visualsearch.catalog.importing import ImportRequest
from visualsearch.jobs import JobControl
from visualsearch.vectors.projection import DIMENSIONS
from visualsearch.workspace import Workspace

FASHION = ("articleType", "baseColour", "gender")
SAMPLE = ("type", "colour", "gender")
RATES = (0.01, 0.03, 0.10)
SEEDS = 8  # injections of each case
LEAST = 0.97  # ratio of a case
KINDS = ("random", "confusable")
RANKINGS = ("ours", "kNN vote", "self-confidence", "normalised margin", "confidence-weighted entropy")
LARGE = {44_000: "<= 15", 1_000_000: "<= 300"}  # rows, and the seconds that they may take
VALUES = 140  # of a large attribute
STYLE, COLOUR = DIMENSIONS["style"], DIMENSIONS["colour"]
BLOCKS = {"style": slice(0, STYLE), "colour": slice(STYLE, STYLE + COLOUR)}  # of drawn vectors
_GRAPH = 20  # neighbours of an item in an index's graph
_DRAWN_AT_ONCE = 65_536  # rows


def main(seeds: int = SEEDS, rows: tuple[int, ...] = tuple(LARGE)) -> dict[str, Any]:
    """Average precision of every case: ours, each peer's, and ours over the best peer's; then times and memory."""
    results = accuracy(seeds) if seeds else {}
    for count in rows:  # each in a process of its own, or one's memory would count for the next
        done = subprocess.run(
            [sys.executable, __file__, "--large", str(count)], stdout=subprocess.PIPE, check=True
        )
        results[f"{count:,} items × {VALUES} values"] = json.loads(done.stdout)
    return results


def accuracy(seeds: int) -> dict[str, Any]:
    """Every case, and what all of them together say."""
    results: dict[str, Any] = {}
    cases: list[np.ndarray] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
        fashion = _DATA / "fashion-2k"
        if fashion.is_dir():
            request = ImportRequest(fashion, fashion / "styles.csv")
            results["fashion-2k"] = measured(Path(folder) / "fashion", request, FASHION, seeds, cases)
        photos = Path(folder) / "photos"
        request = ImportRequest(photos, draw_labelled(photos, SAMPLE))
        results["sample catalog"] = measured(Path(folder) / "sample", request, SAMPLE, seeds, cases)
    ratios = np.array([ratio_of(case.mean(axis=0)) for case in cases])
    results["mean ratio"] = {"value": float(ratios.mean()), "goal": ">= 1.15", "unit": "×"}
    results["worst ratio"] = {"value": float(ratios.min()), "goal": f">= {LEAST}", "unit": "×"}
    results[f"cases below {LEAST}"] = f"{np.count_nonzero(ratios < LEAST)} of {len(ratios)}"
    results["single injections"] = spread(np.concatenate(cases))
    return results


def measured(
    catalog: Path, request: ImportRequest, names: tuple[str, ...], seeds: int, cases: list[np.ndarray]
) -> dict[str, Any]:
    """Every attribute, kind of error and rate of one catalog; the precisions of each case's injections are appended,
    float64 (seeds, 5)."""
    control = JobControl()
    with Workspace.open(catalog, create=True) as workspace:
        workspace.import_all(request, control)
        engine = workspace._engines.loaded()
    space = engine.space
    assert space is not None
    blocks = {block: space.block(block) for block in space.dims}
    results: dict[str, Any] = {}
    for name in names:
        column = engine.snapshot.columns[name]
        assert isinstance(column, CategoryColumn)
        items = np.intersect1d(np.flatnonzero(space.has_vector()), column.items).astype(np.int32)
        vectors, (labels, _, _) = item_vectors(space, items), labels_of(column, items)
        near, groups = votes.find_neighbours(vectors, blocks, control)
        for number, kind in enumerate(KINDS):
            for rate in RATES:
                case = np.empty((seeds, len(RANKINGS)))
                for seed in range(seeds):
                    rng = np.random.default_rng([seed, number, int(rate * 100)])
                    given, wrong = injected(labels, near["joint"].rows, kind, rate, rng)
                    case[seed] = compared(
                        vectors, blocks, given, wrong, near, groups, len(column.values), seed
                    )
                mean = case.mean(axis=0)
                results[f"{name}, {kind} {rate:.0%}"] = {
                    **dict(zip(RANKINGS, mean.tolist(), strict=True)),
                    "ratio": ratio_of(mean),
                    "single injections": spread(case),
                }
                cases.append(case)
    return results


def ratio_of(precisions: np.ndarray) -> float:
    """Ours over the best peer's, in the order of `RANKINGS`."""
    return float(precisions[0] / precisions[1:].max())


def spread(case: np.ndarray) -> str:
    """The ratios of single injections, each over the peer that happened to be the best of it."""
    ratios = np.array([ratio_of(injection) for injection in case])
    low = np.count_nonzero(ratios < LEAST)
    return (
        f"{ratios.min():.2f} to {ratios.max():.2f}, mean {ratios.mean():.2f}, "
        f"{low} of {len(ratios)} below {LEAST}"
    )


def injected(
    labels: np.ndarray, near: np.ndarray, kind: str, rate: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Labels with some made wrong, and which: random, another item's value; confusable, that of one of the ten nearest
    neighbours that has another."""
    given, wrong = labels.copy(), np.zeros(len(labels), bool)
    wanted = max(1, round(rate * len(labels)))
    for item in rng.permutation(len(labels)).tolist():
        pool = labels if kind == "random" else labels[near[item, :10][near[item, :10] >= 0]]
        other = pool[pool != labels[item]]
        if len(other):
            given[item], wrong[item] = rng.choice(other), True
        if wrong.sum() == wanted:
            break
    return given, wrong


def compared(
    vectors: np.ndarray,
    blocks: dict[str, slice],
    given: np.ndarray,
    wrong: np.ndarray,
    near: dict[str, votes.Neighbours],
    groups: np.ndarray,
    classes: int,
    seed: int,
) -> list[float]:
    """Average precisions in the order of `RANKINGS`, from the same out-of-fold probabilities; ours then learns once
    more without what looks doubtful."""
    control, rows, learnt = JobControl(), np.arange(len(given)), []

    def learn(labels: np.ndarray, chosen: heads.Settings | None) -> heads.OutOfFold:
        learnt.append(
            heads.out_of_fold(
                vectors, labels, groups, control, seed, blocks=blocks, settings=chosen, classes=classes
            )
        )
        return learnt[-1]

    ours = odds.judge(learn, near, given, rows, given.astype(np.int64), control, seed)
    p = np.maximum(learnt[0].probabilities.astype(np.float64), 1e-9)
    own, rest = p[rows, given], p.copy()
    rest[rows, given] = 0
    vote = near["joint"].votes(given, classes, 0, len(given))[rows, given]
    entropy = -(p * np.log(p)).sum(axis=1)
    scores = (ours.odds, 1 - vote, 1 - own, rest.max(axis=1) - own, entropy / own)
    return [float(average_precision_score(wrong, score)) for score in scores]


def large(rows: int) -> dict[str, Any]:
    """What one attribute of drawn vectors takes, from an index's graph to the order of the suspects."""
    vectors, labels, space = drawn_space(rows, VALUES)
    control, items = JobControl(), np.arange(1, rows + 1, dtype=np.int32)
    wall, busy = time.perf_counter(), time.process_time()
    found = votes.neighbours_from_graph(space, items, control)
    assert found is not None
    near, groups = found

    def learn(values: np.ndarray, chosen: heads.Settings | None) -> heads.OutOfFold:
        return heads.out_of_fold(
            vectors, values, groups, control, blocks=BLOCKS, settings=chosen, classes=VALUES
        )

    judged = odds.judge(learn, near, labels, np.arange(rows), labels.astype(np.int64), control)
    np.argsort(-judged.odds, kind="stable")
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    return {
        "wall": {"value": wall, "goal": LARGE.get(rows, ""), "unit": "s"},
        "processor": {"value": busy, "unit": "s"},
        "peak memory": {"value": peak_memory(), "unit": "MB"},
    }


def drawn_space(rows: int, classes: int) -> tuple[np.ndarray, np.ndarray, Any]:
    """Vectors and labels of drawn items, and what of an index's space `votes.neighbours_from_graph` reads: most
    neighbours are of the item's own class."""
    rng = np.random.default_rng(0)
    share = rng.dirichlet(np.full(classes, 0.5))
    labels = rng.choice(classes, rows, p=share).astype(np.int32)
    centres = rng.normal(size=(classes, STYLE + COLOUR)).astype(np.float32)
    vectors = np.empty((rows, STYLE + COLOUR), np.float32)
    for start in range(0, rows, _DRAWN_AT_ONCE):
        part = labels[start : start + _DRAWN_AT_ONCE]
        around = centres[part] + np.float32(1.5) * rng.standard_normal(
            (len(part), STYLE + COLOUR), np.float32
        )
        for block in BLOCKS.values():
            around[:, block] /= np.linalg.norm(around[:, block], axis=1, keepdims=True)
        vectors[start : start + len(part)] = around
    order = np.argsort(labels, kind="stable").astype(np.int32)
    place = np.argsort(order, kind="stable").astype(np.int32)
    reach = rng.integers(-40, 40, (rows, _GRAPH), dtype=np.int32)
    near = order[np.clip(place[:, None] + reach, 0, rows - 1)]
    similar = np.full(near.shape, 0.6, np.float32)
    names = (*BLOCKS, "joint")
    generation = SimpleNamespace(
        graph_file=SimpleNamespace(check=lambda checkpoint: checkpoint()),
        graphs=SimpleNamespace(
            neighbours=dict.fromkeys(names, near), similarities=dict.fromkeys(names, similar)
        ),
        vectors=vectors,
    )
    row = np.arange(rows, dtype=np.int32)
    space = SimpleNamespace(generation=generation, item=row + 1, row=row, rows=rows, size=rows + 1)
    return vectors, labels, space


def peak_memory() -> float:
    """The most memory that this process had so far, MB."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="injections of each case; 0: none")
    parser.add_argument("--rows", type=int, nargs="*", default=list(LARGE), help="sizes of large attributes")
    parser.add_argument("--large", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    found = large(options.large) if options.large else main(options.seeds, tuple(options.rows))
    print(json.dumps(found, indent=1))
