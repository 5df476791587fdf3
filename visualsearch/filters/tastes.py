"""Disjoint tastes: positives that fall apart into clusters, such as shoes and bags, are several filters in one.

The mean of such positives lies where nothing that is meant is; the largest of the clusters' scores finds either.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from visualsearch.filters.scoring import Scorer

FEWEST = 4  # positives: two of each cluster tell that it is one
_HELD_OUT = 12  # positives of a group that are held out in turn, or up to twice as many
_APART = 0.5  # deviations above the catalog's mean: as much alike as pictures at random, in either block


def clusters(likenesses: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """Groups of positives, int64 indices ascending, from how alike they are in each block, float64 (p, p), in
    deviations above the catalog's mean.

    By average linkage (Sokal, Michener 1958); two groups are alike if they are in some block, for the positives of a
    colour have nothing else in common. One group where any would be a single positive.
    """
    count = len(next(iter(likenesses.values())))
    groups = [[index] for index in range(count)]
    # Of each pair of groups, block by block: the sum over the pairs of their members.
    sums = np.stack([np.asarray(likeness, np.float64) for likeness in likenesses.values()])
    while count >= FEWEST and len(groups) > 1:
        sizes = np.array([len(group) for group in groups])
        alike = (sums / np.outer(sizes, sizes)).max(axis=0)
        alike[np.tril_indices(len(groups))] = -np.inf
        one, other = divmod(int(alike.T.argmax()), len(groups))[::-1]
        if alike[one, other] < _APART:
            break
        groups[one] += groups.pop(other)
        sums[:, one, :] += sums[:, other, :]
        sums[:, :, one] += sums[:, :, other]
        sums = np.delete(np.delete(sums, other, axis=1), other, axis=2)
    if len(groups) < 2 or min(map(len, groups)) < 2:
        return [np.arange(count)]
    return [np.array(sorted(group)) for group in groups]


def are_better(
    solve: Callable[[np.ndarray], Scorer],
    positives: np.ndarray,
    groups: list[np.ndarray],
    catalog: np.ndarray,
) -> bool:
    """Whether held-out positives rank higher by the largest of the groups' scores than by the scorer of all.

    Of a large group some positives stand for all. ``solve`` makes a scorer of positives, float32 (·, width);
    ``catalog`` float32 (r, width): among what they rank.
    """
    scorers = [solve(positives[group]) for group in groups]
    gains = []
    for number, group in enumerate(groups):
        for index in group[:: max(1, len(group) // _HELD_OUT)]:
            held = positives[index : index + 1]
            others = list(scorers)
            others[number] = solve(positives[group[group != index]])
            together = solve(np.delete(positives, index, axis=0))
            gains.append(
                np.log1p(_above([together], held, catalog)) - np.log1p(_above(others, held, catalog))
            )
    return float(np.mean(gains)) > 0


def of_one_scale(scorers: list[Scorer]) -> tuple[Scorer, ...]:
    """Scorers whose scores have the same deviation over the catalog, so that the largest counts; from −1 to 1."""
    least = min(scorer.deviation for scorer in scorers)
    scales = [least / max(scorer.deviation, 1e-9) for scorer in scorers]
    return tuple(
        replace(scorer, weights=scorer.weights * scale, mean=scorer.mean * scale, deviation=least)
        for scorer, scale in zip(scorers, scales, strict=True)
    )


def _above(scorers: list[Scorer], held: np.ndarray, catalog: np.ndarray) -> int:
    """How many of the catalog are above one held-out positive, float32 (1, width)."""
    best = np.max([scorer.distances(catalog) for scorer in scorers], axis=0)
    return int(np.count_nonzero(best > max(float(scorer.distances(held)[0]) for scorer in scorers)))
