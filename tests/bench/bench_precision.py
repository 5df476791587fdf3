"""How often the 95 % intervals of precision and recall hold, over simulated filters, and how wide they are.

``python tests/bench/bench_precision.py [--filters N] [--seed S]`` prints JSON. No data is needed: scores and truth are
drawn in six shapes, none of which is the model's own (see `filters.precision`): normal scores, heavy tails, positives
of another spread, two tastes, beta scores, hard negatives with wrong labels. Catalogs of 300 to 20,000 items, 0.3 to
25 % of them meant, sets of 10 items to a third of the catalog, 15, 30 or 60 answers. The peer is plain random sampling
of the set with a Clopper–Pearson interval and as many answers, which says nothing about recall.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

import numpy as np
from scipy.stats import beta

from visualsearch.filters.precision import Curve, Rate, next_ranks

FILTERS = 1000
ITEMS = (300, 2_000, 8_000, 20_000)
ANSWERS = (15, 30, 60)
SHAPES = ("normal", "heavy tails", "other spread", "two tastes", "beta", "hard negatives")
HOLDS = ((">= 0.93", "at least"), ("<= 0.97", "at most"))
_ROUNDING = 1e-9


def main(filters: int = FILTERS, seed: int = 1) -> dict[str, Any]:
    """Coverage and mean width over all filters, by shape and by answers, and those of the peer."""
    rng = np.random.default_rng(seed)
    rows = [simulated(SHAPES[index % len(SHAPES)], rng) for index in range(filters)]
    results: dict[str, Any] = {"filters": len(rows)}
    for what in ("precision", "recall"):
        share = mean(rows, f"{what} holds")
        for goal, word in HOLDS:
            results[f"{what}: intervals that hold, {word}"] = {"value": share, "goal": goal}
        results[f"{what}: mean width"] = mean(rows, f"{what} width")
    results["peer, precision: intervals that hold"] = mean(rows, "peer holds")
    results["peer, precision: mean width"] = mean(rows, "peer width")
    for key, values in (("shape", SHAPES), ("answers", ANSWERS)):
        for value in values:
            own = [row for row in rows if row[key] == value]
            if own:
                results[f"{key} {value}"] = {
                    name: mean(own, name) for name in own[0] if name not in ("shape", "answers")
                }
    return results


def mean(rows: list[dict[str, Any]], name: str) -> float:
    return float(np.mean([row[name] for row in rows]))


def simulated(shape: str, rng: np.random.Generator) -> dict[str, Any]:
    """One filter: whether the intervals hold, and their widths."""
    meant, kept = drawn(shape, rng)
    answers = int(rng.choice(ANSWERS))
    ranks = next_ranks(len(meant), kept, [], answers, int(rng.integers(1 << 30)))
    estimate = Curve(len(meant), ranks, meant[ranks], seed=int(rng.integers(1 << 30))).at(kept)
    precision, recall = float(meant[:kept].mean()), float(meant[:kept].sum() / max(1, meant.sum()))
    asked = min(len(ranks), kept)
    right = int(meant[rng.choice(kept, asked, replace=False)].sum())
    low = float(beta.ppf(0.025, right, asked - right + 1)) if right else 0.0
    high = float(beta.ppf(0.975, right + 1, asked - right)) if right < asked else 1.0
    return {
        "shape": shape,
        "answers": answers,
        "precision holds": holds(estimate.precision, precision),
        "precision width": estimate.precision.high - estimate.precision.low,
        "recall holds": holds(estimate.recall, recall),
        "recall width": estimate.recall.high - estimate.recall.low,
        "peer holds": low <= precision <= high,
        "peer width": high - low,
    }


def holds(rate: Rate, truth: float) -> bool:
    return rate.low - _ROUNDING <= truth <= rate.high + _ROUNDING


def drawn(shape: str, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """(which items are meant, bool (n,), best score first; how many the filter keeps)."""
    items = int(rng.choice(ITEMS))
    positives = max(4, int(items * np.exp(rng.uniform(np.log(0.003), np.log(0.25)))))
    apart = rng.uniform(1.0, 4.0)
    meant = np.arange(items) < positives
    scores = rng.standard_normal(items)
    if shape == "normal":
        scores[meant] += apart
    elif shape == "heavy tails":
        scores = rng.standard_t(3, items)
        scores[meant] = apart + 1.0 + rng.uniform(0.5, 1.5) * rng.standard_t(3, positives)
    elif shape == "other spread":
        scores[meant] = apart + rng.uniform(0.4, 2.0) * rng.standard_normal(positives)
    elif shape == "two tastes":
        near = rng.random(positives) < rng.uniform(0.3, 0.7)
        scores[meant] += np.where(near, apart + 1.5, rng.uniform(0.0, 1.5))
    elif shape == "beta":
        scores = rng.random(items)
        scores[meant] = rng.beta(rng.uniform(2.0, 8.0), 1.0, positives)
    else:
        scores[meant] += apart
        hard = slice(positives, positives + positives // 2)
        scores[hard] += apart * rng.uniform(0.5, 1.0)
        meant = meant ^ (rng.random(items) < 0.002)
    kept = int(np.clip(positives * np.exp(rng.normal(-0.2, 0.8)), 10, items // 3))
    return meant[np.argsort(-scores, kind="stable")], kept


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filters", type=int, default=FILTERS)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(main(options.filters, options.seed), indent=1))
