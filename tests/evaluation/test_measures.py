"""Measures against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from visualsearch.evaluation.measures import (
    average_precision,
    bootstrap_interval,
    depth_of_recall,
    precision_at,
)


def ranking(text: str) -> np.ndarray:
    return np.array([letter == "x" for letter in text], bool)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [("", 0.0), ("...", 0.0), ("x..", 1.0), ("..x", 1 / 3), ("x.x", (1 + 2 / 3) / 2), ("xxx", 1.0)],
)
def test_average_precision(shown: str, expected: float) -> None:
    assert average_precision(ranking(shown)) == pytest.approx(expected)


@pytest.mark.parametrize(("shown", "count", "expected"), [("x.x.", 2, 0.5), ("xx", 50, 1.0), ("", 50, 0.0)])
def test_precision_at(shown: str, count: int, expected: float) -> None:
    assert precision_at(ranking(shown), count) == expected


def test_depth_of_recall() -> None:
    shown = ranking("x.xxxxxxx.xx..x")  # 11 relevant: 90 % of them are 10
    assert depth_of_recall(shown, 0.9) == 12
    assert depth_of_recall(shown, 1.0) == 15
    assert depth_of_recall(ranking("...."), 0.9) == 0
    assert depth_of_recall(ranking("x" * 10), 0.9) == 9


def test_bootstrap_interval() -> None:
    values = np.random.default_rng(1).normal(5.0, 2.0, 400)
    low, high = bootstrap_interval(values, seed=1)
    assert low < values.mean() < high
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert bootstrap_interval(values, seed=1) == (low, high)
    assert bootstrap_interval(np.array([0.25]), seed=1) == (0.25, 0.25)
