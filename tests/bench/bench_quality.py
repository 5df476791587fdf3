"""Whether intervals hold, what stratifying saves, and whether copies are found.

``python tests/bench/bench_quality.py [--audits N] [--copies N] [--rates R …]`` prints JSON. Audits are simulated on
catalogs with known errors; copies are planted in the development catalog fashion-2k where it is. ``--rates`` measures
instead the intervals at these rates of errors, each with a suspicion that says much, some and nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import planted_copies
import simulated_audits as audits
from bench_encode import _DATA

from visualsearch import settings
from visualsearch.attributes.duplicates import Pair
from visualsearch.catalog.importing import ImportRequest
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

ITEMS = 4000
RATES = 0.05, 0.15  # the errors of a simulated catalog, drawn evenly between
HALF_WIDTH = 0.03
INFORMATIVE = 2.5  # by how much errors are more suspicious, in standard deviations: area under the curve 0.96
LOOKED_AT = 0.1  # of all items, the most suspicious, by a clean-up
NOBODY = np.empty(0, np.int64)
FIXED = 400  # answers of the estimates that do not stop by themselves


def main(audits_: int = 1000, copies: int = 1000, seed: int = 1) -> dict[str, Any]:
    """Coverage and cost of each estimator; recall and precision of near duplicates and variants."""
    results: dict[str, Any] = {"estimates": estimates(audits_, seed)}
    fashion = _DATA / "fashion-2k"
    if fashion.is_dir():
        os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
        with tempfile.TemporaryDirectory() as folder:
            results["duplicates"] = duplicates(fashion, Path(folder), copies, seed)
    return results


def by_rate(rates: list[float], half_width: float, items: int, count: int, seed: int) -> dict[str, Any]:
    """Coverage and cost of what stops by itself, at each rate of errors and strength of suspicion."""
    found: dict[str, Any] = {}
    for rate in rates:
        for informative in (INFORMATIVE, 1.0, 0.0):
            random = np.random.default_rng([seed, int(1e6 * rate), int(10 * informative)])
            ended: dict[str, list[audits.Audited]] = {"plain": [], "stratified": [], "difference": []}
            for number in range(count):
                wrong, suspicion = audits.catalog(random, items, rate, informative)
                ended["plain"].append(audits.plain(wrong, half_width, number))
                ended["stratified"].append(audits.stratified(wrong, suspicion, half_width, number))
                ended["difference"].append(audits.difference(wrong, suspicion, half_width, number))
            plain = np.mean([one.judged for one in ended["plain"]])
            found[f"{rate:.1%} wrong, suspicion {informative:g} deviations"] = {
                method: {
                    "coverage of 95 %": _covered(audited),
                    "judgements / plain": float(np.mean([one.judged for one in audited]) / plain),
                }
                for method, audited in ended.items()
            }
    return found


def estimates(count: int, seed: int) -> dict[str, Any]:
    """Coverage of nominal 95 % intervals, and judgements against a plain sample's, on the same catalogs."""
    found: dict[str, Any] = {}
    for name, informative in (("informative", INFORMATIVE), ("uninformative", 0.0)):
        random = np.random.default_rng(seed)
        ended: dict[str, list[audits.Audited]] = {}
        left: dict[str, list[bool]] = {}
        for number in range(count):
            wrong, suspicion = audits.catalog(random, ITEMS, random.uniform(*RATES), informative)
            for method, audited in {
                "wilson": audits.fixed(wrong, FIXED, number, exact=False),
                "clopper-pearson": audits.fixed(wrong, FIXED, number, exact=True),
                "plain, stopped": audits.plain(wrong, HALF_WIDTH, number),
                "stratified, stopped": audits.stratified(wrong, suspicion, HALF_WIDTH, number),
                "difference, stopped": audits.difference(wrong, suspicion, HALF_WIDTH, number),
            }.items():
                ended.setdefault(method, []).append(audited)
                for clean_up, asked in {"those asked about too": audited.asked, "no others": NOBODY}.items():
                    mended = audits.mended(wrong, suspicion, LOOKED_AT, asked)
                    covered = audits.left_covered(audited, wrong, mended)
                    left.setdefault(f"{method}, {clean_up}", []).append(covered)
        coverage = {method: _covered(found_) for method, found_ in ended.items()}
        judged = {method: float(np.mean([one.judged for one in found_])) for method, found_ in ended.items()}
        goal = "<= 0.6" if informative else "<= 1.05"
        plain = judged["plain, stopped"]
        found[name] = {
            "coverage of 95 %": coverage,
            "coverage of what is left when the most suspicious were mended": {
                case: {"value": 100 * float(np.mean(covered)), "unit": "% (93–97)"}
                for case, covered in left.items()
            },
            "judgements of plain": plain,
            "stratified / plain": {"value": judged["stratified, stopped"] / plain, "goal": goal, "unit": "×"},
            "difference / plain": {"value": judged["difference, stopped"] / plain, "unit": "×"},
        }
    return found


def _covered(ended: list[audits.Audited]) -> dict[str, Any]:
    return {"value": 100 * float(np.mean([one.covered for one in ended])), "unit": "% (93–97)"}


def duplicates(source: Path, folder: Path, copies: int, seed: int) -> dict[str, Any]:
    """Planted copies against the pairs found. A found pair is right when both items show the same original; where it
    joins two originals that are found to be alike themselves, as the catalog's own variants are, it says nothing of
    the planted copies and is counted apart."""
    table = planted_copies.plant(source, folder / "photos", copies, seed)
    truth = json.loads((folder / "photos" / "truth.json").read_text("utf-8"))
    with Workspace.open(folder / "catalog", create=True) as workspace:
        workspace.import_all(ImportRequest(folder / "photos", table), JobControl())
        found = workspace.quality.duplicates
        pairs = [pair for kind in ("exact", "near", "variant") for pair in found.pairs(kind, JobControl())]
        ids = workspace.ids_of([item for pair in pairs for item in (pair.item, pair.other)])
    return _counted(pairs, list(zip(ids[::2], ids[1::2], strict=True)), truth)


def _counted(pairs: list[Pair], ids: list[tuple[str, str]], truth: dict[str, list[str]]) -> dict[str, Any]:
    same = {frozenset(both) for both, pair in zip(ids, pairs, strict=True) if pair.kind == "exact"}
    known = {frozenset(both) for both in ids}
    kinds: dict[str, str] = {}
    wrong = alike = 0
    for (one, other), pair in zip(ids, pairs, strict=True):
        if one not in truth and other not in truth:
            continue
        roots = truth.get(one, [one])[0], truth.get(other, [other])[0]
        if roots[0] == roots[1] or frozenset(roots) in same:
            kinds.update({item: pair.kind for item in (one, other) if item in truth})
        elif frozenset(roots) in known:
            alike += 1
        else:
            wrong += 1
    counted: dict[str, Any] = {
        f"{kind}: recall": sum(copy in kinds for copy in of) / len(of)
        for kind in planted_copies.KINDS
        if (of := [copy for copy, (_, its) in truth.items() if its == kind])
    }
    wanted = {copy: "variant" if kind == "recoloured" else "near" for copy, (_, kind) in truth.items()}
    right = sum(kinds.get(copy) == kind for copy, kind in wanted.items())
    return counted | {
        "recall": {"value": len(kinds) / len(truth), "goal": ">= 0.98"},
        "recall, of the right kind": {"value": right / len(truth), "goal": ">= 0.98"},
        "precision": {"value": len(kinds) / (len(kinds) + wrong), "goal": ">= 0.98"},
        "precision, the catalog's own lookalikes counted as wrong": len(kinds) / (len(kinds) + wrong + alike),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--audits", type=int, default=1000)
    parser.add_argument("--copies", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--rates", type=float, nargs="*", help="as 0.005 0.1: only the intervals, at these rates"
    )
    parser.add_argument("--half-width", type=float, default=HALF_WIDTH, help="at which these audits stop")
    parser.add_argument("--items", type=int, default=ITEMS, help="of the catalogs that they judge")
    chosen = parser.parse_args()
    if chosen.rates:
        print(
            json.dumps(
                by_rate(chosen.rates, chosen.half_width, chosen.items, chosen.audits, chosen.seed), indent=1
            )
        )
    else:
        print(json.dumps(main(chosen.audits, chosen.copies, chosen.seed), indent=1))
