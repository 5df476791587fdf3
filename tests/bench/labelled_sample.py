"""A drawn sample catalog with its true labels. What benchmarks measure with beside a real catalog, or instead of it."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from visualsearch.jobs import JobControl
from visualsearch.sample import generate

_ITEMS = 1200


def draw_labelled(folder: Path, attributes: Sequence[str]) -> Path:
    """Draw a catalog; returns a table with its items' true values of some attributes (its own table has gaps and
    mistakes, as shops' have)."""
    generate(folder, _ITEMS, 1, JobControl())
    with (folder / "products.csv").open(encoding="utf-8", newline="") as products:
        images = {row["id"]: row["image"] for row in csv.DictReader(products)}
    table = folder / "labels.csv"
    with (
        (folder / "truth.csv").open(encoding="utf-8", newline="") as truth,
        table.open("w", encoding="utf-8", newline="") as labels,
    ):
        writer = csv.writer(labels)
        writer.writerow(["id", "image", *attributes])
        for row in csv.DictReader(truth):
            if row["id"] in images:
                writer.writerow([row["id"], images[row["id"]], *(row[name] for name in attributes)])
    return table
