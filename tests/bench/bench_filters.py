"""Visual filters against what others do with the same examples, by simulated people on labelled catalogs.

``python tests/bench/bench_filters.py [--filters N] [--seed S]`` prints JSON. It imports the development catalog
fashion-2k where it is, and a drawn sample catalog with its true labels.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from bench_encode import _DATA
from labelled_sample import draw_labelled

from visualsearch import settings
from visualsearch.catalog.importing import ImportRequest
from visualsearch.evaluation.run import POSITIONS, Plan
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

SHOTS = 3
ROUNDS = 2
BEST_FIXED_GOAL = ">= 0.95"
NOT_WORSE_GOAL = ">= 0.95"
LEARNERS = ("rocchio", "best_score", "forest")
GOALS = {"types": ">= 1.15", "colours": ">= 3", "types in a colour": ">= 1.7"}
FASHION = {"types": "articleType", "colours": "baseColour", "types in a colour": "articleType+baseColour"}
SAMPLE = {"types": "type", "colours": "colour", "types in a colour": "type+colour"}


def main(filters: int = 30, seed: int = 1) -> dict[str, Any]:
    """For each catalog and kind of filter: mAP of *auto* over that of the others, without and after feedback."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
        fashion = _DATA / "fashion-2k"
        if fashion.is_dir():
            request = ImportRequest(fashion, fashion / "styles.csv")
            results["fashion-2k"] = measured(Path(folder) / "fashion", request, FASHION, filters, seed)
        photos = Path(folder) / "photos"
        request = ImportRequest(photos, draw_labelled(photos, ("type", "colour")))
        results["sample catalog"] = measured(Path(folder) / "sample", request, SAMPLE, filters, seed)
    return results


def measured(
    catalog: Path, request: ImportRequest, kinds: dict[str, str], filters: int, seed: int
) -> dict[str, Any]:
    """Import a catalog and evaluate it, from three examples and after two rounds of feedback."""
    with Workspace.open(catalog, create=True) as workspace:
        workspace.import_all(request, JobControl())
        attributes = tuple(kinds.values())
        first = workspace.evaluate(Plan(attributes, (SHOTS,), 0, filters, seed), JobControl())
        later = workspace.evaluate(Plan(attributes, (SHOTS,), ROUNDS, filters, seed), JobControl())
    results: dict[str, Any] = {}
    for kind, attribute in kinds.items():
        if not first[attribute]:
            continue
        before, after = first[attribute][str(SHOTS)], later[attribute][str(SHOTS)]
        auto: Any = before["auto"]["map"]
        fixed = max(before[name]["map"] for name in POSITIONS if name != "auto")
        learner = max(after[name]["map"] for name in LEARNERS)
        results[kind] = {
            "filters": before["auto"]["filters"],
            "mAP, auto": {"value": auto},
            "auto / mean of positives": {
                "value": auto / before["mean"]["map"],
                "goal": GOALS[kind],
                "unit": "×",
            },
            "auto / best fixed position": {"value": auto / fixed, "goal": BEST_FIXED_GOAL, "unit": "×"},
            "after feedback, auto / best other": {
                "value": after["auto"]["map"] / learner,
                "goal": "> 1",
                "unit": "×",
            },
            "rounds that made nothing worse": {"value": after["auto"]["not_worse"], "goal": NOT_WORSE_GOAL},
        }
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--filters", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(json.dumps(main(options.filters, options.seed), indent=1))
