"""`visualsearch evaluate` end to end: drawn photos, the real encoder, a real catalog."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from visualsearch.cli import main
from visualsearch.evaluation.run import SCORERS


@pytest.fixture(scope="session")
def catalog(drawn_products: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The drawn products without a few of their labels: 27 discs, 27 red ones; other values are on 30 of 90."""
    folder = tmp_path_factory.mktemp("evaluate")
    table = folder / "labels.csv"
    with (
        (drawn_products / "products.csv").open(encoding="utf-8", newline="") as products,
        table.open("w", encoding="utf-8", newline="") as labels,
    ):
        writer = csv.writer(labels)
        writer.writerow(["id", "shape", "colour", "name"])
        kept = {"shape": 0, "colour": 0}
        for row in csv.DictReader(products):
            for attribute, value in (("shape", "disc"), ("colour", "red")):
                if row[attribute] == value:
                    kept[attribute] += 1
                    row[attribute] = value if kept[attribute] <= 27 else ""
            writer.writerow([row["id"], row["shape"], row["colour"], row["name"]])
    with pytest.raises(SystemExit) as exit_:
        main(["import", str(folder / "catalog"), "--images", str(drawn_products), "--table", str(table)])
    assert not exit_.value.code
    return folder / "catalog"


def test_json(run, catalog: Path) -> None:
    arguments = ("evaluate", catalog, "--attribute", "shape", "--attribute", "colour", "--attribute")
    code, out, err = run(*arguments, "shape+colour", "--shots", "1,3", "--filters", 2, "--json")
    assert code == 0, err
    report = json.loads(out)
    assert report["shape+colour"] == {}  # ten items each
    for attribute in ("shape", "colour"):
        assert list(report[attribute]) == ["1", "3"]
        for scorers in report[attribute].values():
            assert tuple(scorers) == SCORERS
            for figures in scorers.values():
                assert {"map", "p50", "low", "high", "filters"} <= figures.keys()
                assert figures["filters"] == 1
    assert report["shape"]["3"]["auto"]["map"] > 0.5
    assert report["colour"]["3"]["auto"]["map"] > 0.5


def test_table(run, catalog: Path) -> None:
    code, out, _ = run(
        "evaluate", catalog, "--attribute", "shape", "--attribute", "shape+colour", "--shots", "1"
    )
    assert code == 0
    assert "shape · 1 filter · 1 example" in out
    assert all(scorer in out for scorer in SCORERS)
    assert "shape+colour: every value is too rare or too common." in out


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--attribute", "shape", "--shots", "1,three"),
        ("--attribute", "shape", "--shots", "0"),
        ("--attribute", "shape", "--rounds", "-1"),
    ],
)
def test_wrong_usage(run, catalog: Path, options: tuple[str, ...]) -> None:
    code, out, err = run("evaluate", catalog, *options)
    assert code == 2
    assert err
    assert not out


def test_nothing_to_evaluate(run, catalog: Path) -> None:
    code, _, err = run("evaluate", catalog, "--attribute", "shape+colour")
    assert code == 1
    assert "shape+colour" in err
