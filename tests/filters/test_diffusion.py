"""Scores flow to what the graphs join, as far as the graphs keep together what the examples share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from visualsearch.filters import diffusion
from visualsearch.filters.diffusion import Diffusion, Flow
from visualsearch.filters.engine import Engine
from visualsearch.filters.query import Example, Query, VisualFilter
from visualsearch.filters.scoring import Scorer
from visualsearch.jobs import Cancelled, JobControl
from visualsearch.vectors.graph import Graphs, build_graphs

ROWS, WIDTH = 120, 12
STYLE, COLOUR = slice(0, 8), slice(8, 12)


def nothing() -> None:
    pass


def space_of(vectors: np.ndarray, built: int | None = None) -> Any:
    """What Diffusion asks of a space."""
    built = len(vectors) if built is None else built
    blocks = {"style": STYLE, "colour": COLOUR}
    graphs = build_graphs(vectors[:built], blocks, {}, lambda done: None)
    file = SimpleNamespace(check=lambda checkpoint: checkpoint())
    generation = SimpleNamespace(vectors=vectors[:built], graph_file=file, graphs=graphs)
    return SimpleNamespace(generation=generation, gather=lambda rows: vectors[rows], rows=len(vectors))


def clusters(seed: int = 1) -> np.ndarray:
    """Four clusters of 30 rows, one after the other, tight in style; colours at random."""
    rng = np.random.default_rng(seed)
    vectors = np.repeat(rng.normal(size=(4, WIDTH)), ROWS // 4, axis=0) + 0.3 * rng.normal(size=(ROWS, WIDTH))
    vectors[:, COLOUR] = rng.normal(size=(ROWS, 4))
    for columns in (STYLE, COLOUR):
        vectors[:, columns] /= np.linalg.norm(vectors[:, columns], axis=1, keepdims=True)
    return vectors.astype(np.float32)


VECTORS = clusters()


def scorer_of(row: int, share: float = 0.0) -> Scorer:
    weights = np.zeros(WIDTH)
    weights[STYLE] = VECTORS[row, STYLE] / 2
    scores = VECTORS @ weights
    return Scorer(weights, share, float(scores.mean()), float(scores.std()))


def cut_of(scorer: Scorer) -> float:
    return scorer.mean + diffusion.CUT * scorer.deviation


def test_what_is_above_the_cut_becomes_the_mean_with_its_neighbours() -> None:
    space = space_of(VECTORS)
    scorer = scorer_of(0)
    scores = (VECTORS @ scorer.weights).astype(np.float32)
    lifted = Diffusion(space).lifted(scores, cut_of(scorer), Flow((("style", 1.0),), 1.0), nothing)
    assert np.abs(lifted).max() <= 1
    inside, outside = np.arange(ROWS) < 30, np.arange(ROWS) >= 30
    assert lifted[inside].std() < scores[inside].std() / 2
    assert lifted[inside].min() > lifted[outside].max()
    half = Diffusion(space).lifted(scores, cut_of(scorer), Flow((("style", 1.0),), 0.5), nothing)
    np.testing.assert_allclose(half, (scores + lifted) / 2, atol=1e-6)


def test_rows_without_a_place_in_the_graph_keep_their_scores() -> None:
    order = np.random.default_rng(2).permutation(ROWS)
    vectors = VECTORS[order]
    scorer = scorer_of(0)
    scores = (vectors @ scorer.weights).astype(np.float32)
    lifted = Diffusion(space_of(vectors, 100)).lifted(
        scores, cut_of(scorer), Flow((("style", 1.0),), 1.0), nothing
    )
    assert (lifted[100:] == scores[100:]).all()
    assert (lifted[:100] != scores[:100]).any()


def test_the_best_alone_take_part_in_a_large_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    space = space_of(VECTORS)
    scorer = scorer_of(0)
    scores = (VECTORS @ scorer.weights).astype(np.float32)
    flow = Flow((("style", 0.4), ("joint", 0.6)), 1.0)
    whole = Diffusion(space).lifted(scores, cut_of(scorer), flow, nothing)
    monkeypatch.setattr(diffusion, "WHOLE_ROWS", 100)
    monkeypatch.setattr(diffusion, "BEST_ROWS", ROWS)
    np.testing.assert_allclose(
        Diffusion(space).lifted(scores, cut_of(scorer), flow, nothing), whole, atol=1e-6
    )
    monkeypatch.setattr(diffusion, "BEST_ROWS", 40)
    some = Diffusion(space).lifted(scores, cut_of(scorer), flow, nothing)
    worst = np.argsort(scores)[: ROWS - 40]
    assert (some[worst] == scores[worst]).all()
    assert np.corrcoef(some[:30], whole[:30])[0, 1] > 0.9


@pytest.mark.parametrize(
    ("share", "names"),
    [
        (0.0, ["style"]),
        (0.2, ["style", "joint"]),
        (0.5, ["joint"]),
        (0.9, ["colour", "joint"]),
        (1.0, ["colour"]),
    ],
)
def test_graphs_are_mixed_as_the_share_says(share: float, names: list[str]) -> None:
    flow = Diffusion(space_of(VECTORS)).flow(share, [], np.empty(0, np.int64), nothing)
    assert flow is not None
    assert [name for name, _ in flow.parts] == names
    assert sum(part for _, part in flow.parts) == pytest.approx(1)


def test_nothing_flows_where_neighbours_are_not_what_is_meant() -> None:
    """Positives that a scorer finds by what the style graph does not join."""
    agreeing = [(row, scorer_of(0)) for row in (1, 2, 3)]
    rows = np.array([1, 2, 3])
    own = Diffusion(space_of(VECTORS)).flow(0.0, agreeing, rows, nothing)
    assert own is not None
    assert own.strength == 1.0
    red = VECTORS[:, COLOUR] @ VECTORS[0, COLOUR]
    same = np.argsort(-red)[1:13]
    weights = np.zeros(WIDTH)
    weights[COLOUR] = VECTORS[0, COLOUR] / 2
    scores = VECTORS @ weights
    other = Scorer(weights, 0.0, float(scores.mean()), float(scores.std()))
    flow = Diffusion(space_of(VECTORS)).flow(0.0, [(int(row), other) for row in same], same, nothing)
    assert flow is None


def test_without_graphs_the_scan_is_the_answer(world: Any) -> None:
    bare = replace(world.space.generation, graph_file=None)
    space = type(world.space)(
        bare, world.space.delta, world.space.damaged, world.space.item, world.space.row, world.space.size
    )
    engine = Engine(world.catalog, world.snapshot, space, lambda example: pytest.fail(str(example)))
    visual = VisualFilter(tuple(Example(int(item)) for item in np.unique(space.item)[:3]))
    scores = engine.scores(Query(visual), JobControl())
    linear = space.item_scores(space.score_rows(engine.solve(visual).scorer.weights.astype(np.float32)))
    assert (scores == linear).all()
    assert (world.engine.scores(Query(visual), JobControl()) != linear).any()


def test_damaged_graphs_are_reported(world: Any, tmp_path: Path) -> None:
    from visualsearch.errors import CacheDamaged
    from visualsearch.vectors.generation import CheckedFile, FileEntry

    generation = world.space.generation
    path = tmp_path / "graph.bin"
    data = bytearray(generation.graph_file.path.read_bytes())
    path.write_bytes(data)
    entry = FileEntry.of(path)
    data[5] ^= 1
    path.write_bytes(data)
    space = type(world.space)(
        replace(generation, graph_file=CheckedFile(path, entry)),
        world.space.delta,
        world.space.damaged,
        world.space.item,
        world.space.row,
        world.space.size,
    )
    engine = Engine(world.catalog, world.snapshot, space, lambda example: pytest.fail(str(example)))
    with pytest.raises(CacheDamaged):
        engine.scores(Query(VisualFilter((Example(int(space.item[0])),))), JobControl())


def test_a_flow_can_be_cancelled() -> None:
    def cancelled() -> None:
        raise Cancelled

    scorer = scorer_of(0)
    scores = (VECTORS @ scorer.weights).astype(np.float32)
    with pytest.raises(Cancelled):
        Diffusion(space_of(VECTORS)).lifted(scores, cut_of(scorer), Flow((("style", 1.0),), 1.0), cancelled)


def test_missing_neighbours_count_nothing() -> None:
    near = np.full((4, 20), -1, np.int32)
    similar = np.zeros((4, 20), np.float16)
    near[0, 0], similar[0, 0] = 1, 0.5
    space = space_of(VECTORS[:4], 4)
    space.generation.graphs = Graphs({"style": near}, {"style": similar})
    scores = np.array([0.0, 0.8, 0.0, 0.0], np.float32)
    lifted = Diffusion(space).lifted(scores, 0.4, Flow((("style", 1.0),), 1.0), nothing)
    assert lifted[0] > 0
    assert (lifted[2:] == 0).all()
