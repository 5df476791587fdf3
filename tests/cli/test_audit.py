"""`visualsearch audit` end to end: drawn photos, the real encoder, a real catalog."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path, run) -> Path:
    """The drawn products; p003, a red disc... number 3 is a blue disc, is called green."""
    folder = tmp_path / "catalog"
    shutil.copytree(imported_products, folder)
    code, _, err = run("set", folder, "colour=green", "--id", "p003")
    assert code == 0, err
    return folder


def listed(run, *arguments: object) -> list[dict]:
    code, out, err = run("audit", *arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_list_keep_and_undo(run, catalog: Path) -> None:
    rows = listed(run, catalog, "colour", "--limit", 5)
    assert len(rows) == 5
    assert {"id", "given", "suggested", "score"} <= rows[0].keys()
    assert (rows[0]["id"], rows[0]["given"], rows[0]["suggested"]) == ("p003", "green", "blue")
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)
    assert run("audit", catalog, "colour", "--keep", "p003")[0] == 0
    assert listed(run, catalog, "colour")[0]["id"] != "p003"
    assert run("undo", catalog)[0] == 0
    assert listed(run, catalog, "colour", "--where", "shape=disc")[0]["id"] == "p003"


def test_change(run, catalog: Path) -> None:
    rows = listed(run, catalog, "colour", "--change", "p003=blue", "--unsure", "p001")
    assert [row["verdict"] for row in rows] == ["unsure", "change"]
    after = listed(run, catalog, "colour")
    assert "p003" not in {row["id"] for row in after[:3]}
    assert after[-1]["id"] == "p001"


def test_new_pairs_and_clusters(run, catalog: Path) -> None:
    rows = listed(run, catalog, "--new")
    assert all(row["score"] >= 0.5 for row in rows)
    assert isinstance(listed(run, catalog, "colour", "--pairs"), list)
    assert isinstance(listed(run, catalog, "colour", "--clusters"), list)
    code, out, _ = run("audit", catalog, "colour", "--limit", "2")
    assert code == 0
    assert "green → blue" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ("price",),
        (),
        ("colour", "--change", "p001"),
        ("colour", "--pairs", "--new"),
    ],
)
def test_wrong_usage(run, catalog: Path, arguments: tuple[str, ...]) -> None:
    code, _, err = run("audit", catalog, *arguments)
    assert code == 2
    assert "Error" in err or "Usage" in err
