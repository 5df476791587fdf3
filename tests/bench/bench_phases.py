"""What the worker takes for each phase of a visual filter, over drawn vectors and drawn neighbour graphs.

``python tests/bench/bench_phases.py [--rows 44000 1000000] [--index]`` prints JSON: the median time until each phase's
answer is there, and the processor time, since others may be using the machine. Each filter is asked for the first
time. ``--index`` builds Annoy's indexes for all sizes (minutes for a million rows); otherwise only up to 100,000 rows.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import visualsearch  # noqa: F401  # before NumPy, so that products of matrices have as many threads as in the program

# isort: split
import numpy as np
from bench_search import drawn_snapshot, drawn_space, no_picture

from visualsearch.filters import engine as engine_module
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Phase, Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.vectors.generation import CheckedFile, FileEntry
from visualsearch.vectors.graph import JOINT, NEIGHBOURS, Graphs
from visualsearch.vectors.space import Space

GOALS = {
    44_000: {Phase.APPROXIMATE: "<= 2", Phase.SCANNED: "<= 10", Phase.EXACT: "<= 100"},
    1_000_000: {Phase.APPROXIMATE: "<= 20", Phase.SCANNED: "<= 150", Phase.EXACT: "<= 400"},
}
NAMES = {
    Phase.APPROXIMATE: "approximate",
    Phase.SCANNED: "exact scan",
    Phase.EXACT: "diffusion, set and facets",
}
_INDEXED = 100_000


def main(
    sizes: tuple[int, ...] = (44_000, 1_000_000), index: bool = False, filters: int = 15
) -> dict[str, Any]:
    """Milliseconds for each size and phase."""
    results: dict[str, Any] = {}
    for rows in sizes:
        with tempfile.TemporaryDirectory() as folder:
            space, labels = drawn_space(Path(folder), rows, index=index or rows <= _INDEXED)
            space = with_drawn_graphs(space, labels, Path(folder))
            if not (index or rows <= _INDEXED):
                engine_module.APPROXIMATE_ROWS = rows + 1
            space.check()
            engine = Engine(None, drawn_snapshot(rows + 1), space, no_picture)  # type: ignore[arg-type]
            results[f"{rows:,} rows"] = phases(
                engine, labels, index or rows <= _INDEXED, filters, GOALS.get(rows, {})
            )
    return results


def with_drawn_graphs(space: Space, labels: np.ndarray, folder: Path) -> Space:
    """The space with neighbours drawn from each row's own cluster: as scattered in memory as true ones."""
    rng = np.random.default_rng(7)
    order = np.argsort(labels, kind="stable").astype(np.int32)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    graphs = Graphs({}, {})
    for name in (*space.dims, JOINT):
        offsets = rng.integers(1, max(2, space.rows // 2000), (space.rows, NEIGHBOURS))
        graphs.neighbours[name] = order[(place[:, None] + offsets) % len(order)]
        graphs.similarities[name] = -np.sort(-rng.random((space.rows, NEIGHBOURS))).astype(np.float16)
    path = folder / "graph-1.bin"
    graphs.save(path)
    file = CheckedFile(path, FileEntry.of(path))
    generation = replace(space.generation, graph_file=file)
    return Space(generation, space.delta, space.damaged, space.item, space.row, space.size)


def phases(
    engine: Engine, labels: np.ndarray, index: bool, filters: int, goals: dict[Phase, str]
) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    wall: dict[Phase, list[float]] = {}
    used: dict[Phase, list[float]] = {}
    for number in range(filters + 1):
        examples = rng.choice(np.flatnonzero(labels == number), 3, replace=False) + 1
        visual = VisualFilter(tuple(Example(int(item)) for item in examples), blocks=0.1 + 0.02 * number)
        for modes in (("approximate",) if index else (), ("two-phase",)):
            for mode in modes:
                before = time.process_time()

                def emit(results: Results, before=before, counts=number > 0) -> None:
                    if counts:  # the first warms up
                        wall.setdefault(results.phase, []).append(results.elapsed_ms)
                        used.setdefault(results.phase, []).append((time.process_time() - before) * 1000)

                engine.run(Query(visual), emit, JobControl(), mode=mode)  # type: ignore[arg-type]
    found: dict[str, Any] = {}
    for phase, name in NAMES.items():
        if phase in wall:
            goal = goals.get(phase, "")
            found[f"{name}, p50"] = {"value": statistics.median(wall[phase]), "goal": goal, "unit": "ms"}
            found[f"{name}, processor"] = {"value": statistics.median(used[phase]), "unit": "ms"}
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[44_000, 1_000_000])
    parser.add_argument("--index", action="store_true")
    arguments = parser.parse_args()
    print(json.dumps(main(tuple(arguments.rows), arguments.index), indent=1))
