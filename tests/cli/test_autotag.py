"""`visualsearch autotag` end to end: drawn photos, the real encoder, a real catalog."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

SHAPES = ("disc", "box", "cross")


def shape_of(name: str) -> str:
    return SHAPES[int(name[1:]) % 3]


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path, run) -> Path:
    """The drawn products, of which the last 45 have no shape."""
    folder = tmp_path / "catalog"
    shutil.copytree(imported_products, folder)
    hidden = [part for number in range(45, 90) for part in ("--id", f"p{number:03d}")]
    code, _, err = run("clear", folder, "shape", *hidden)
    assert code == 0, err
    return folder


def asked(run, *arguments: object, code: int = 0) -> dict:
    found, out, err = run("autotag", *arguments, "--json")
    assert found == code, err
    return json.loads(out)


def test_plan_certify_accept_and_undo(run, catalog: Path) -> None:
    plan = asked(run, catalog, "shape", "--precision", 90, "--limit", 3)
    assert plan["without_value"] == 45
    assert plan["proposed"] + plan["none_of_these"] == 45
    assert plan["proposed"] >= 30
    for row in plan["values"]:
        assert row["labelled"] == 15
        assert row["precision"]["low"] <= row["precision"]["rate"] <= row["precision"]["high"]
        assert len(row["items"]) <= 3
        assert all(shape_of(item["id"]) == row["value"] for item in row["items"])
    only = asked(run, catalog, "shape", "--values", "box")
    assert [row["value"] for row in only["values"]] == ["box"]

    count = plan["proposed"]
    found = asked(run, catalog, "shape", "--precision", 90, "--certify", "--count", count)
    assert (found["state"], found["candidates"]) == ("open", count)
    code, _, err = run("autotag", catalog, "shape", "--accept")
    assert code == 1
    assert "not complete" in err
    while found["state"] == "open":
        answers = []
        for name in found["to_judge"]:
            answers += ["--right" if found["values"][name] == [shape_of(name)] else "--wrong", name]
        found = asked(run, catalog, "shape", *answers, code=0)
    assert found["state"] == "certified"
    written = asked(run, catalog, "shape", "--accept")
    assert written["state"] == "accepted"
    left = asked(run, catalog, "shape")["without_value"]
    assert left == 45 - count
    assert run("undo", catalog)[0] == 0
    assert asked(run, catalog, "shape")["without_value"] == left + written["accepted"]["written"]
    code, out, _ = run("history", catalog, "--json")
    assert code == 0
    assert "auto-tag" in {row["kind"] for row in json.loads(out)}
    code, out, _ = run("certificates", "list", catalog)
    assert "auto tagging of shape #1" in out


def test_it_says_in_words_what_would_happen(run, catalog: Path) -> None:
    code, out, _ = run("autotag", catalog, "shape", "--limit", 1)
    assert code == 0
    assert "45 items without shape" in out
    assert "--certify" in out
    code, out, _ = run("autotag", catalog, "shape", "--certify", "--count", 20)
    assert code == 0
    assert "Judge these" in out
    assert any(shape in out for shape in SHAPES)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("price",), "number"),
        (("shape", "--values", "cone"), "no value"),
        (("shape", "--accept"), "--certify"),
        (("shape", "--right", "p050"), "--certify"),
        (("shape", "--certify", "--right", "p050"), "drawn first"),
    ],
)
def test_what_cannot_be(run, catalog: Path, arguments: tuple, text: str) -> None:
    code, _, err = run("autotag", catalog, *arguments)
    assert code == 2
    assert text in err
