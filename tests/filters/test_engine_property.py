"""The settled answer is the one that brute force gives, for examples, predicates and text in any combination."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from tests.filters.conftest import answers
from visualsearch.catalog import text
from visualsearch.filters import engine as engine_module
from visualsearch.filters import learning, threshold
from visualsearch.filters.engine import Engine
from visualsearch.filters.examples import Examples
from visualsearch.filters.query import Example, Phase, Query, Results, VisualFilter
from visualsearch.filters.scoring import Scoring
from visualsearch.filters.tags import Tags
from visualsearch.vectors import space as space_module

QUERIES = 1000
CLOSE = 3e-6  # single precision of the vectors, and the rounding of scores


class BruteForce:
    """Reads the tables row by row and scores item by item, in double precision."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.scoring = Scoring(world.space)
        self.tags = Tags(world.snapshot.columns, world.space)  # tested for themselves, as learning is
        with world.catalog.read() as connection:
            self.ids = dict(connection.execute("SELECT number, id FROM item WHERE gone = 0"))
            self.values: dict[int, dict[str, list]] = defaultdict(lambda: defaultdict(list))
            for item, name, value in connection.execute(
                "SELECT item, name, coalesce((SELECT text FROM category_value WHERE type = 'category' "
                "AND number = value), value) FROM item_value JOIN attribute ON attribute.number = attribute"
            ):
                if item in self.ids:
                    self.values[item][name].append(value)
            images = connection.execute(
                "SELECT item, digest FROM image WHERE gone = 0 ORDER BY item, position"
            ).fetchall()
        self.vectors: dict[int, np.ndarray] = {}
        projected = {
            digest: world.space.project({"style": style[None], "colour": colour[None]})[0]
            for digest, (style, colour) in world.embeddings.items()
        }
        rows = defaultdict(list)
        self.rows: dict[int, list[int]] = defaultdict(list)
        for item, digest in images:
            if item in self.ids and digest in projected:
                rows[item].append(projected[digest])
                found = world.store.find(np.frombuffer(digest, np.uint8)[None])
                self.rows[item].append(int(found[0]))
        self.vectors = {item: np.stack(found) for item, found in rows.items()}
        self.graphs = world.space.generation.graphs
        self.all = world.space.gather(np.arange(world.space.rows)).astype(np.float64)

    def visual_scores(self, visual: VisualFilter) -> dict[int, float]:
        positives, negatives = (
            [self.vectors[e.item].mean(axis=0) for e in examples if e.item in self.vectors]
            for examples in (visual.positives, visual.negatives)
        )
        shape = (-1, self.world.space.width)
        rows = np.array(positives, np.float32).reshape(shape), np.array(negatives, np.float32).reshape(shape)
        differ = self.tags.colours_differ([e.item for e in visual.positives if e.item in self.vectors])
        told = Examples.once(*rows, differ)
        learnt = learning.learnt(self.scoring, told, visual.blocks)
        scorer = learnt.scorer
        told = told.first(len(rows[0]), learnt.negatives)
        examples = {e.item for e in (*visual.positives, *visual.negatives)}
        own = [self.rows[e.item][0] for e in visual.positives if e.item in self.vectors]
        held = zip(own, self.scoring.without_each(told, scorer.colour_share), strict=False)
        wrong = [self.rows[e.item][0] for e in visual.negatives if e.item in self.vectors]
        wrong = wrong[: learnt.negatives]
        lift = self.diffused(scorer, list(held), own, wrong)
        return {
            item: float((rows.astype(np.float64) @ scorer.weights + lift[self.rows[item]]).max())
            for item, rows in self.vectors.items()
            if item not in examples
        }

    @cache  # noqa: B019
    def transitions(self, name: str) -> np.ndarray:
        """Row i: the weights of i's neighbours, dense."""
        near, similar = self.graphs.neighbours[name], self.graphs.similarities[name]
        weights = np.zeros((len(near), len(near)))
        for row in range(len(near)):
            for other, similarity in zip(near[row], similar[row], strict=True):
                if other >= 0:
                    weights[row, other] = max(0.0, float(similarity)) ** 3
        return weights / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)

    def diffused(self, scorer: Any, held: list, own: list[int], wrong: list[int]) -> np.ndarray:
        """What diffusion adds to each row's score, with dense matrices."""
        built = len(self.graphs.neighbours["style"])
        built_own = [row for row in own if row < built]
        share = scorer.colour_share
        parts = {"joint": min(2 * share, 2 - 2 * share), "style": max(0.0, 1 - 2 * share)}
        parts["colour"] = 1 - sum(parts.values())
        near = alike = 0.0
        for row, other in held:
            z = (self.all @ other.weights - other.mean) / other.deviation
            if row in built_own:
                alike += max(0.0, z[row])
                for name, part in parts.items():
                    rows = [r for r in self.graphs.neighbours[name][row] if r >= 0 and r not in own]
                    near += part * max(0.0, float(np.mean(z[rows])) if rows else 0.0)
        agreement = (near + 2 * 0.9) / (alike + 2)
        strength = min(1.0, max(0.0, (agreement - 0.5) / 0.4))
        steps = sum(part * self.transitions(name) for name, part in parts.items())
        scores = self.all @ scorer.weights
        source = np.maximum(scores[:built] - scorer.mean - scorer.deviation, 0)
        start = source.copy()
        start[[row for row in wrong if row < built]] = 0
        found = start
        for _ in range(10):
            found = 0.8 * steps @ found + 0.2 * start
        lift = np.zeros(len(scores))
        lift[:built] = strength * (found - source)
        return lift

    def selected(self, conditions: list, text_hits: dict[int, float] | None) -> set[int]:
        return {
            item
            for item in self.ids
            if all(holds(self.values[item]) for holds in conditions)
            and (text_hits is None or item in text_hits)
        }

    def facet(self, items: set[int], name: str) -> dict[str, int]:
        counts: Counter[str] = Counter()
        for item in items:
            counts.update(_shown(value) for value in self.values[item][name])
        return dict(counts)


def _shown(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)


CONDITIONS: list[tuple[str, Any]] = [
    ("kind=shirt", lambda v: "shirt" in v["kind"]),
    ("kind!=shoe", lambda v: "shoe" not in v["kind"]),
    ("price>=20", lambda v: any(p >= 20 for p in v["price"])),
    ("price<3", lambda v: any(p < 3 for p in v["price"])),
    ("!kind", lambda v: not v["kind"]),
    ("colour=red and not kind=bag", lambda v: "red" in v["colour"] and "bag" not in v["kind"]),
    ("kind=dress or price=7", lambda v: "dress" in v["kind"] or 7 in v["price"]),
    (
        "colour=red and colour=blue and price>30",
        lambda v: {"red", "blue"} <= {*v["colour"]} and any(p > 30 for p in v["price"]),
    ),
]


class Draw:
    """Random queries, and what they mean."""

    def __init__(self, world: Any, brute: BruteForce, seed: int) -> None:
        self.world = world
        self.brute = brute
        self.rng = np.random.default_rng(seed)

    def query(self) -> tuple[Query, dict[str, list]]:
        rng = self.rng
        chosen = rng.choice(len(CONDITIONS), rng.choice([0, 0, 1, 2]), replace=False)
        conditions: dict[str, list] = {"": [CONDITIONS[i][1] for i in chosen]}
        choices = []
        for name, values in (("kind", self.world.kinds), ("colour", self.world.colours)):
            if rng.random() < 0.25:
                ticks = tuple(rng.choice(values, rng.integers(1, 3), replace=False).tolist())
                choices.append((name, ticks))
                conditions[name] = [lambda v, n=name, t=ticks: bool({*v[n]} & {*t})]
        words = " ".join(rng.choice(self.world.words, rng.choice([1, 2]))) if rng.random() < 0.3 else ""
        query = Query(
            self.visual() if rng.random() < 0.75 else VisualFilter(),
            tuple(CONDITIONS[i][0] for i in chosen),
            tuple(choices),
            words,
            float(rng.choice([0.0, 0.0, 0.3, 1.0])),
        )
        return query, conditions

    def visual(self) -> VisualFilter:
        rng = self.rng
        known = np.array(sorted(self.brute.vectors))
        examples = [Example(int(item)) for item in rng.choice(known, 5, replace=False)]
        positives = int(rng.integers(0, 4))
        negatives = int(rng.integers(0 if positives else 1, 3))
        blocks = rng.choice(["auto", "0", "0.35", "1"])
        narrow = rng.choice(["none", "none", "none", "auto", "0", "0.3", "0.7", "1"])
        return VisualFilter(
            tuple(examples[:positives]),
            tuple(examples[positives : positives + negatives]),
            "auto" if blocks == "auto" else float(blocks),
            None if narrow == "none" else "auto" if narrow == "auto" else float(narrow),
        )


def test_all_phases_settle_on_what_brute_force_gives(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "APPROXIMATE_ROWS", 0)  # all phases, though the catalog is small
    monkeypatch.setattr(engine_module, "SCANNED_ROWS", 0)
    brute = BruteForce(world)
    draw = Draw(world, brute, seed=11)
    phases: Counter[Phase] = Counter()
    for _ in range(QUERIES):
        query, conditions = draw.query()
        found = answers(world, query)
        phases.update(results.phase for results in found)
        check(brute, query, conditions, found[-1])
        for early in found[:-1]:
            assert early.phase in (Phase.APPROXIMATE, Phase.SCANNED)
            if query.visual.narrow is None:
                assert {*early.items.tolist()} <= {*found[-1].items.tolist()}
                assert early.phase is Phase.APPROXIMATE or early.total == found[-1].total
    assert phases[Phase.EXACT] == QUERIES
    assert phases[Phase.APPROXIMATE] > QUERIES // 5
    assert phases[Phase.SCANNED] > QUERIES // 5


def check(brute: BruteForce, query: Query, conditions: dict[str, list], results: Results) -> None:
    hits = None
    if query.text:
        found = text.search(brute.world.catalog, query.text)
        assert found is not None
        hits = dict(zip(found[0].tolist(), found[1].astype(float).tolist(), strict=True))
    looks = brute.visual_scores(query.visual) if query.visual else None
    visible: set[int] = set(brute.ids)
    close: set[int] = set()  # so near to the threshold that single precision may differ
    if looks is not None:
        cut = results.threshold if results.threshold is not None else -np.inf
        visible = {item for item, score in looks.items() if score >= cut}
        close = {item for item, score in looks.items() if abs(score - cut) <= CLOSE}
        check_cut(query.visual, np.array(list(looks.values())), results)
    everything = [condition for group in conditions.values() for condition in group]
    expected = brute.selected(everything, hits) & visible
    got = {*results.items.tolist()}
    assert expected ^ got <= close
    assert results.total == len(results.items) == len(got)
    check_order(brute, query, looks, hits, got, results)
    for name in ("kind", "colour", "price"):
        free = [c for group, many in conditions.items() if group != name for c in many]
        counted = brute.facet((brute.selected(free, hits) & visible) - close | (got & close), name)
        if not close:
            assert results.facets[name] == counted
            assert list(results.facets[name].values()) == sorted(counted.values(), reverse=True)


def check_cut(visual: VisualFilter, scores: np.ndarray, results: Results) -> None:
    """The threshold keeps as many of the whole catalog as the strictness says, ties aside."""
    if visual.narrow is None:
        assert results.threshold is None
        return
    assert results.threshold is not None
    assert results.strictness is not None
    wanted = threshold.kept(results.strictness, len(scores))
    if visual.narrow == "auto":
        assert wanted >= threshold.FEWEST
    else:
        assert results.strictness == visual.narrow
    assert (scores >= results.threshold - CLOSE).sum() >= wanted
    assert (scores > results.threshold + CLOSE).sum() <= wanted


def check_order(
    brute: BruteForce,
    query: Query,
    looks: dict[int, float] | None,
    hits: dict[int, float] | None,
    got: set[int],
    results: Results,
) -> None:
    """Scores are right; best first; equal scores are in the order of the ids, and equal pictures have equal scores."""
    ids = [brute.ids[item] for item in results.items.tolist()]
    if looks is None and hits is None:
        assert results.scores is None
        assert ids == sorted(ids)
        return
    assert results.scores is not None
    expected = dict.fromkeys(got, 0.0)
    tolerance = CLOSE
    if looks is not None:
        expected = {item: looks[item] for item in got}
        if hits is not None and query.text_weight > 0:
            low, high = min(expected.values(), default=0.0), max(expected.values(), default=1.0)
            reach = max(high - low, 1e-3)
            share = query.text_weight
            expected = {i: (1 - share) * (s - low) / reach + share * hits[i] for i, s in expected.items()}
            tolerance = 3 * CLOSE / reach
    elif hits is not None:
        expected = {item: hits[item] for item in got}
    scores = results.scores.tolist()
    for item, score in zip(results.items.tolist(), scores, strict=True):
        assert score == pytest.approx(expected[item], abs=tolerance)
    assert all(
        (-one, first) <= (-other, second)
        for one, other, first, second in zip(scores, scores[1:], ids, ids[1:], strict=False)
    )
    by_pictures: dict[bytes, float] = {}
    if looks is not None and hits is None:
        for item, score in zip(results.items.tolist(), scores, strict=True):
            key = b"".join(sorted({row.tobytes() for row in brute.vectors[item]}))
            assert by_pictures.setdefault(key, score) == score


def test_exact_and_two_phase_modes_agree(world: Any) -> None:
    brute = BruteForce(world)
    draw = Draw(world, brute, seed=5)
    for _ in range(30):
        query, _ = draw.query()
        one, other = answers(world, query)[-1], answers(world, query, "exact")[-1]
        assert one.items.tolist() == other.items.tolist()
        assert one.facets == other.facets


def test_approximate_mode_finds_the_best_by_looks(world: Any) -> None:
    brute = BruteForce(world)
    visual = VisualFilter(tuple(Example(item) for item in sorted(brute.vectors)[:3]))
    (first,) = answers(world, Query(visual), "approximate")
    exact = answers(world, Query(visual), "exact")[-1]
    assert first.phase is Phase.APPROXIMATE
    assert not first.facets
    assert np.isin(exact.items[:100], first.items).mean() >= 0.95


def test_a_large_index_is_checked_when_nobody_waits(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "APPROXIMATE_ROWS", 0)
    monkeypatch.setattr(space_module, "_CHECK_AT_ONCE", 0)
    opened = space_module.open_space(
        world.store, world.store.folder, world.catalog.active_images(), world.snapshot.size
    )
    fresh = replace(
        world, space=opened, engine=Engine(world.catalog, world.snapshot, opened, lambda file: None)
    )
    examples = np.unique(opened.item)[:4].tolist()
    phases = [
        [results.phase for results in answers(fresh, Query(VisualFilter((Example(item),))))]
        for item in examples
    ]
    assert phases[:2] == [[Phase.EXACT], [Phase.EXACT]]
    assert phases[2:] == [[Phase.APPROXIMATE, Phase.EXACT]] * 2


def test_a_head_in_order_comes_before_the_whole_of_a_large_set(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    brute = BruteForce(world)
    visual = VisualFilter((Example(sorted(brute.vectors)[0]),))
    whole = answers(world, Query(visual))[-1]
    monkeypatch.setattr(engine_module.search, "HEAD", 40)
    first, last = answers(world, Query(visual))
    assert (first.phase, last.phase) == (Phase.EXACT, Phase.COMPLETE)
    assert len(first.items) == 40
    assert first.total == last.total == len(last.items) == whole.total
    assert first.items.tolist() == last.items[:40].tolist() == whole.items[:40].tolist()
    assert last.items.tolist() == whole.items.tolist()
    assert first.facets == whole.facets
    plain = answers(world, Query())
    assert [results.phase for results in plain] == [Phase.EXACT, Phase.COMPLETE]
    assert plain[0].items.tolist() == plain[1].items[:40].tolist()
