"""`visualsearch filter` end to end: real photos, the real encoder, a real catalog."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def call(run, imported_products: Path, tmp_path: Path) -> Callable[..., Any]:
    """A `filter` command with --json on a copy of the catalog: its answer; (code, error) where it fails."""
    catalog = Path(shutil.copytree(imported_products, tmp_path / "catalog"))

    def command(name: str, *arguments: object, group: str = "filter") -> Any:
        words = (group, name) if group else (name,)
        code, out, err = run(*words, catalog, *arguments, "--json")
        return json.loads(out) if code == 0 else (code, err)

    return command


def search(call, where: str) -> dict[str, Any]:
    return call("search", "--where", where, "--facets", "--limit", "100", group="")


def test_save_list_show_and_use(call):
    saved = call("save", "red discs", "--like", "p000", "--like", "p009", "--narrow", "0.4")
    assert (saved["name"], saved["notes"]) == ("red discs", [])
    (row,) = call("list")
    assert (row["name"], row["count"], row["new"], row["state"]) == ("red discs", saved["count"], 0, "ok")
    shown = call("show", "red discs", "--limit", 100)
    assert shown["total"] == len(shown["items"]) == saved["count"]
    assert {"p000", "p009"} <= set(shown["items"])
    assert (shown["positives"], shown["narrow"], shown["estimate"]["guess"]) == (["p000", "p009"], 0.4, True)
    assert call("show", "red discs", "--new")["items"] == []
    found = search(call, 'visual:"red discs" and not colour=blue')
    assert found["total"] == len(found["results"])
    assert sum(found["facets"]["colour"].values()) == found["total"]
    assert search(call, 'visual:"red discs" and "red disc"')["total"] <= found["total"]


def test_conditions_are_saved_along(call):
    everything = call("save", "a", "--like", "p000", "--narrow", "0.2")["count"]
    cheap = call("save", "b", "--like", "p000", "--narrow", "0.2", "--where", "price<50", "--text", "linen")
    assert 0 < cheap["count"] < everything
    assert search(call, "visual:b")["total"] == search(call, 'visual:a and price<50 and "linen"')["total"]


def test_export_import_rename_and_delete(call, tmp_path: Path):
    count = call("save", "a", "--like", "p000", "--unlike", "p001", "--blocks", "colour")["count"]
    file = tmp_path / "a.json"
    assert call("export", "a", "--out", file) == {"name": "a", "file": str(file)}
    assert call("export", "a") == json.loads(file.read_text("utf-8"))
    assert call("import", file)[0] == 2
    assert call("import", file, "--replace")["count"] == count
    assert call("import", file, "--name", "b") == {"name": "b", "count": count, "notes": []}
    call("save", "c", "--like", "p000", "--where", "visual:b")
    call("rename", "b", "b 2")
    assert search(call, "visual:c")["total"] > 0
    assert call("delete", "b 2") == {"deleted": "b 2", "used_by": ["c"]}
    assert [row["name"] for row in call("list")] == ["a", "c"]
    assert "no saved filter 'b 2'" in call("list")[1]["error"]


def test_weights_are_saved_with_the_examples(call, tmp_path: Path):
    count = call("save", "a", "--like", "p000*2", "--like", "p009", "--unlike", "p001*0.5")["count"]
    file = tmp_path / "a.json"
    call("export", "a", "--out", file)
    body = json.loads(file.read_text("utf-8"))
    assert [example.get("weight") for example in body["positives"]] == [2.0, None]
    assert [example.get("weight") for example in body["negatives"]] == [0.5]
    assert call("import", file, "--name", "b")["count"] == count
    body["positives"][0]["weight"] = 40
    file.write_text(json.dumps(body), "utf-8")
    code, answer = call("import", file, "--name", "c")
    assert code == 1
    assert "positives[0].weight" in answer


def test_a_filter_that_is_empty_is_shown(call):
    call("save", "a", "--like", "p000", "--where", "colour=mauve")
    shown = call("show", "a")
    assert (shown["count"], shown["total"], shown["items"], shown["estimate"]["items"]) == (0, 0, [], 0)
    assert call("judge", "a")["next"] == []


def test_a_condition_whose_value_is_renamed_is_told(call):
    call("save", "reds", "--like", "p000", "--where", "colour=red")
    assert call("show", "reds")["notes"] == []
    call("rename", "colour", "red", "scarlet", group="vocabulary")
    shown = call("show", "reds")
    assert shown["count"] == 0
    assert "no value 'red'" in " ".join(shown["notes"])


@pytest.mark.skipif(os.name == "nt", reason="there is no such shell")
@pytest.mark.parametrize(
    "name", ["hawaiian", "floral dress", 'it\'s "red" (x): y', "$(false) `a`", "Größe 衣"]
)
def test_what_is_said_of_a_name_can_be_pasted(run, imported_products: Path, tmp_path: Path, name: str):
    catalog = Path(shutil.copytree(imported_products, tmp_path / "catalog"))
    code, out, _ = run("filter", "save", catalog, name, "--like", "p000")
    assert code == 0
    words = shlex.split(out.partition("Use it as ")[2])
    assert words[0] == "--where"
    assert run("search", catalog, *words)[0] == 0


def test_judging_makes_an_estimate(call):
    call("save", "a", "--like", "p000", "--like", "p009", "--like", "p018", "--narrow", "0.4")
    first = call("judge", "a", "--count", 20)
    assert len(first["next"]) == 20
    red = [name for name in first["next"] if int(name[1:]) % 9 == 0]
    other = [name for name in first["next"] if name not in red]
    answers = [word for name in red for word in ("--yes", name)] + [w for n in other for w in ("--no", n)]
    later = call("judge", "a", *answers, "--count", 5)
    assert (first["estimate"]["guess"], later["estimate"]["guess"]) == (True, False)
    assert later["estimate"]["judged"] == 20
    assert not set(later["next"]) & set(first["next"])
    assert len(call("export", "a")["judgements"]) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("save", "a"), 2, "needs examples"),
        (("save", " ", "--like", "p000"), 2, "needs a name"),
        (("save", "a", "--like", "p000", "--where", "shape=("), 2, "missing"),
        (("save", "a", "--like", "p000", "--where", "visual:a"), 2, "contains itself"),
        (("show", "nothing"), 1, "no saved filter"),
        (("delete", "nothing"), 1, "no saved filter"),
        (("rename", "nothing", "b"), 1, "no saved filter"),
        (("import", "/no/such/file"), 1, "cannot be read"),
        (("judge", "a", "--yes", "p000", "--no", "p000"), 1, "no saved filter"),
    ],
)
def test_mistakes_are_said(call, arguments, code, message):
    found, error = call(*arguments)
    assert (found, message in error) == (code, True)


def test_a_failed_export_leaves_nothing_behind(run, call, tmp_path: Path):
    call("save", "discs", "--like", "p000")
    folder = tmp_path / "folder"
    folder.mkdir()
    code, _ = call("export", "discs", "--out", folder)
    assert code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["catalog", "folder"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no such device")
def test_what_never_ends_is_no_filter(call):
    code, err = call("import", "/dev/zero")
    assert code == 1
    assert "too large" in err
