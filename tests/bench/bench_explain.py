"""Does the heat map show what the score comes from? Masks its best cells in the photo, and random ones.

``python tests/bench/bench_explain.py [--filters N] [--seed S]`` prints JSON. It imports the development catalog
fashion-2k where it is, and a drawn sample catalog otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from bench_encode import _DATA
from labelled_sample import draw_labelled
from PIL import Image

from visualsearch import settings
from visualsearch.catalog.importing import ImportRequest
from visualsearch.filters.query import Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

SHARE = 0.1  # of the cells are masked
RANDOM = 5  # random masks for each match
MATCHES = 3  # looked at for each filter: the first, the fifth, the twentieth
PLACES = (0, 4, 19)


def main(filters: int = 25, seed: int = 1) -> dict[str, Any]:
    """How often masking the heat map's best tenth lowers the score more than masking random cells does."""
    os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = _DATA / "fashion-2k"
        table = images / "styles.csv"
        if not images.is_dir():
            images = folder / "photos"
            table = draw_labelled(images, ("type", "colour"))
        with Workspace.open(folder / "catalog", create=True) as workspace:
            workspace.import_all(ImportRequest(images, table), JobControl())
            return measured(workspace, folder, filters, seed)


def measured(workspace: Workspace, folder: Path, filters: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    kind = next(name for name, _ in workspace.attributes() if name in ("articleType", "type"))
    everything = ask(workspace, Query(facets=True))
    values = [value for value, count in everything.facets[kind].items() if value and count >= 25]
    wins, errors, matches = 0, [], 0
    for number in range(filters):
        of_value = ask(workspace, Query(where=(f'{kind}="{values[number % len(values)]}"',))).items
        examples = tuple(Example(item=int(item)) for item in rng.choice(of_value, 3, replace=False))
        visual = VisualFilter(examples)
        found = ask(workspace, Query(visual)).items
        for place in PLACES[:MATCHES]:
            won, error = compare(workspace, visual, int(found[place]), folder / "masked.png", rng)
            wins += won
            matches += 1
            errors.append(error)
    return {
        "matches": matches,
        "masking the best tenth lowers the score more": {"value": round(wins / matches, 3), "goal": ">= 0.9"},
        "parts less their score, at most": {"value": float(f"{max(errors):.1e}"), "goal": "<= 1e-5"},
    }


def compare(
    workspace: Workspace, visual: VisualFilter, item: int, file: Path, rng: np.random.Generator
) -> tuple[bool, float]:
    """Whether the heat map's mask lowers the score more than random masks do on the average; and how far its parts
    are from the score."""
    heat, _ = workspace.heat_map(visual, item, JobControl())
    explained = workspace.explain(Query(visual), item, JobControl())
    photo = workspace.image_paths([item])[item]
    cells = heat.cells
    inside = np.flatnonzero(_inside(heat.frame, cells.shape).ravel())  # padding cannot be masked
    count = max(1, round(SHARE * cells.size))
    best = inside[np.argsort(-cells.ravel()[inside])[:count]]

    def score(masked: np.ndarray) -> float:
        _mask(photo, masked, cells.shape, heat.frame, file)
        return _score(workspace, visual, file)

    at_random = [score(rng.choice(inside, count, replace=False)) for _ in range(RANDOM)]
    return score(best) < float(np.mean(at_random)), abs(heat.total - explained.score)


def _score(workspace: Workspace, visual: VisualFilter, file: Path) -> float:
    """The linear score of a picture from outside."""
    engine = workspace._engines.loaded()
    assert engine.space is not None
    style, colour = workspace._engines.external.embedding(Example(file=str(file)))
    vector = engine.space.project({"style": style[None], "colour": colour[None]})[0]
    return float(vector.astype(np.float64) @ engine.solve(visual).scorer.weights)


def _inside(frame: tuple[float, float, float, float], shape: tuple[int, ...]) -> np.ndarray:
    """The cells of which the middle is in the photo, bool (rows, columns)."""
    left, top, width, height = frame
    x = left + width * (np.arange(shape[1]) + 0.5) / shape[1]
    y = top + height * (np.arange(shape[0]) + 0.5) / shape[0]
    return np.outer((y > 0) & (y < 1), (x > 0) & (x < 1))


def _mask(
    photo: Path,
    masked: np.ndarray,
    shape: tuple[int, ...],
    frame: tuple[float, float, float, float],
    file: Path,
) -> None:
    """The photo with some cells painted over in the median colour of its border."""
    with Image.open(photo) as opened:
        pixels = np.asarray(opened.convert("RGB")).copy()
    height, width, _ = pixels.shape
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    left, top, across, down = frame
    for cell in masked:
        row, column = divmod(int(cell), shape[1])
        y = [round((top + down * (row + step) / shape[0]) * height) for step in (0, 1)]
        x = [round((left + across * (column + step) / shape[1]) * width) for step in (0, 1)]
        pixels[max(0, y[0]) : max(0, y[1]), max(0, x[0]) : max(0, x[1])] = np.median(border, axis=0)
    Image.fromarray(pixels).save(file)


def ask(workspace: Workspace, query: Query) -> Results:
    answers: list[Results] = []
    workspace.search(query, answers.append, JobControl())
    return answers[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filters", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(json.dumps(main(given.filters, given.seed), indent=1))
