"""The command line end to end: real photos, the real encoder, a real catalog."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from visualsearch.errors import Cancelled
from visualsearch.jobs import JobControl


@pytest.fixture
def catalog(imported_products: Path) -> Path:
    return imported_products


@pytest.fixture
def search(run, catalog: Path) -> Callable[..., dict[str, Any]]:
    """`search … --json` as a dictionary."""

    def call(*arguments: object) -> dict[str, Any]:
        code, out, err = run("search", catalog, *arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return call


def test_info_tells_that_all_is_indexed(run, catalog: Path):
    code, out, _ = run("info", catalog, "--json")
    info = json.loads(out)
    assert code == 0
    assert (info["items"], info["embedded"], info["to_embed"], info["refused"]) == (90, 90, 0, 0)
    assert info["attributes"] == ["shape", "colour", "price", "name"]
    assert info["index_rows"] == 90


def test_importing_again_changes_nothing(run, catalog: Path, drawn_products: Path):
    before = (catalog / "catalog.sqlite3").read_bytes()
    code, out, _ = run(
        "import", catalog, "--images", drawn_products, "--table", drawn_products / "products.csv", "--json"
    )
    report = json.loads(out)
    assert code == 0
    assert (report["items_unchanged"], report["items_new"], report["images_unchanged"]) == (90, 0, 90)
    assert (catalog / "catalog.sqlite3").read_bytes() == before


def test_look_finds_its_like(search):
    found = search("--like", "p000", "--like", "p009", "--limit", 8)
    assert found["exact"] is True
    assert found["total"] == 88
    ids = [int(row["id"][1:]) for row in found["results"]]
    assert not {0, 9} & set(ids)
    assert sum(number % 3 == 0 for number in ids) >= 6
    scores = [row["score"] for row in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert Path(found["results"][0]["image"]).is_file()


def test_style_and_colour_rank_differently(search):
    style = search("--like", "p000", "--blocks", "style", "--limit", 12)["results"]
    colour = search("--like", "p000", "--blocks", "colour", "--limit", 12)["results"]
    assert sum(int(row["id"][1:]) % 3 == 0 for row in style) >= 10
    assert sum(int(row["id"][1:]) // 3 % 3 == 0 for row in colour) >= 10
    assert [row["id"] for row in style] != [row["id"] for row in colour]


def test_a_picture_from_outside_is_an_example(search, drawn_products: Path):
    found = search("--like", drawn_products / "images" / "p004.jpg", "--limit", 5)
    assert found["results"][0]["id"] == "p004"


def test_condition_text_and_facets_go_together(search):
    found = search("--where", "shape=box and price<50", "--text", "blue", "--facets", "--limit", 100)
    expected = [f"p{n:03d}" for n in range(90) if n % 3 == 1 and n // 3 % 3 == 1 and 5 + n < 50]
    assert sorted(row["id"] for row in found["results"]) == expected
    assert found["total"] == len(expected)
    assert found["facets"]["colour"] == {"blue": len(expected)}


def test_facets_count_values_only(run, drawn_products: Path, tmp_path: Path):
    table = tmp_path / "some-empty.csv"
    lines = (drawn_products / "products.csv").read_text().splitlines()
    table.write_text(
        "\n".join([lines[0], *(line.replace(",red,", ",,") for line in lines[1:4]), *lines[4:13]])
    )
    catalog = tmp_path / "c"
    assert run("import", catalog, "--images", drawn_products, "--table", table)[0] == 0
    _, out, _ = run("search", catalog, "--facets", "--json")
    assert json.loads(out)["facets"]["colour"] == {"blue": 3, "green": 3, "red": 3}


def test_people_are_shown_the_commonest_values_of_a_facet(run, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.new("RGB", (20, 20), "red").save(photos / "one.jpg")
    brands = [f"b{n:02d}" for n in range(25) for _ in range(40 - n)]
    lines = [f"i{n},one.jpg,{brand}" for n, brand in enumerate(brands)]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["id,image,brand", *lines]))
    catalog = tmp_path / "c"
    assert run("import", catalog, "--images", photos, "--table", table)[0] == 0
    _, said, _ = run("search", catalog, "--facets", "--limit", 0)
    assert "brand: b00 40, b01 39," in said
    assert "b19 21, … and 5 more values; --json lists them all" in said
    _, out, _ = run("search", catalog, "--facets", "--json", "--limit", 0)
    assert len(json.loads(out)["facets"]["brand"]) == 25


def test_an_example_counts_as_much_as_is_said(search):
    plain = search("--like", "p000", "--like", "p001", "--limit", 88)["results"]
    heavy = search("--like", "p000*4", "--like", "p001*0.25", "--limit", 88)["results"]
    once = search("--like", "p000*1", "--like", "p001", "--limit", 88)["results"]
    assert once == plain
    assert heavy != plain
    discs = [sum(int(row["id"][1:]) % 3 == 0 for row in rows[:20]) for rows in (heavy, plain)]
    assert discs[0] >= discs[1]
    left_out = search("--like", "p000", "--like", "p001*0", "--unlike", "p002*0", "--limit", 89)
    assert left_out == search("--like", "p000", "--limit", 89) | {"elapsed_ms": left_out["elapsed_ms"]}


def test_what_a_search_does_not_learn_from_is_named(run, imported_products: Path) -> None:
    """Photos of one kind, half of them called right and half wrong, teach nothing."""
    alike = [f"p{number:03}" for number in range(0, 90, 9)]
    more = [f"p{number:03}" for number in range(3, 30, 9)]
    positives, negatives = [*alike[:3], *alike[3::2], more[0]], [*alike[4::2], *more[1:]]
    asked = [word for item in positives for word in ("--like", item)]
    asked += [word for item in negatives for word in ("--unlike", item)]
    refused = [*positives[3:], *negatives]
    code, out, err = run("search", imported_products, *asked, "--limit", "1", "--json")
    assert code == 0
    assert json.loads(out)["total"] == 90 - len(positives) - len(negatives)
    assert f"Not learnt from, for the ranking would get no better: {', '.join(refused)}." in err
    code, out, _ = run("explain", imported_products, "p001", *asked, "--json")
    assert json.loads(out)["refused"] == refused
    assert ", ".join(refused) in run("explain", imported_products, "p001", *asked)[1]
    heavy = [f"{word}*2" if word == refused[0] else word for word in asked]
    assert "Not learnt" not in run("search", imported_products, *heavy)[2]


def test_without_any_score_the_order_is_by_id(search):
    found = search("--limit", 4)
    assert [row["id"] for row in found["results"]] == ["p000", "p001", "p002", "p003"]
    assert found["total"] == 90


def test_the_index_agrees_with_the_scan(search):
    two_phase = search("--like", "p001", "--unlike", "p002", "--limit", 30)
    scan = search("--like", "p001", "--unlike", "p002", "--limit", 30, "--exact")
    assert two_phase["results"] == scan["results"]
    assert search("--like", "p001", "--limit", 5, "--approximate")["exact"] is False


def test_narrowing_keeps_the_close_ones(search):
    everything = search("--like", "p000", "--like", "p009", "--like", "p018")["total"]
    narrow = search("--like", "p000", "--like", "p009", "--like", "p018", "--narrow", "auto", "--limit", 100)
    assert 0 < narrow["total"] < everything
    assert len(narrow["results"]) == narrow["total"]


def test_a_mistake_in_a_condition_is_pointed_at(run, catalog: Path):
    code, _, err = run("search", catalog, "--where", "shape=box and ]")
    assert code == 2
    assert "shape=box and ]\n              ^" in err


def test_an_unknown_attribute_is_named_with_the_nearest(run, catalog: Path):
    code, _, err = run("search", catalog, "--where", "shpe=box")
    assert code == 2
    assert "shape" in err


def test_a_value_that_nothing_has_is_warned_of(run, catalog: Path):
    code, out, err = run("search", catalog, "--where", "colour=bleu", "--json")
    assert code == 0
    assert json.loads(out)["total"] == 0
    assert "bleu" in err
    assert "blue" in err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["search", "{catalog}", "--like", "nobody"], 1, "nobody"),
        (["search", "{catalog}", "--blocks", "loud"], 2, "loud"),
        (["search", "{catalog}", "--narrow", "7"], 2, "7"),
        (["search", "{catalog}", "--text-weight", "2"], 2, "text-weight"),
        (["search", "{tmp}/nothing"], 1, "no catalog"),
        (["import", "{tmp}/new", "--images", "{tmp}/missing"], 1, "missing"),
        (["import", "{tmp}/new"], 2, "--images"),
        (["sample", "{tmp}/s", "--items", "5"], 2, "300"),
        (["dance"], 2, "dance"),
        (["import", "{tmp}/new", "--images", "{tmp}", "--id", "sku"], 2, "--table"),
        (["import", "{tmp}/new", "--images", "{tmp}", "--report", "{tmp}/no/r.json"], 2, "report"),
        (["search", "{catalog}", "--exact", "--approximate"], 2, "exclude"),
        (["search", "{catalog}", "--like", "p000", "--unlike", "p000"], 2, "p000"),
        (["search", "{catalog}", "--like", "p000*9"], 2, "from 0.25 to 4"),
        (["search", "{catalog}", "--like", "p000*-1"], 2, "from 0.25 to 4"),
        (["search", "{catalog}", "--like", "nobody*2"], 1, "nobody"),
    ],
)
def test_mistakes_get_a_sentence_and_a_code(run, catalog, tmp_path, arguments, code, words):
    filled = [argument.format(catalog=catalog, tmp=tmp_path) for argument in arguments]
    got, _, err = run(*filled)
    assert got == code, err
    assert words in err
    assert "Traceback" not in err


def test_types_are_given_columns_skipped_and_both_remembered(run, drawn_products: Path, tmp_path: Path):
    table = tmp_path / "t.csv"
    table.write_text("id,size,price,secret\np000,38,9.5,x\np001,40,dear,y\n")
    command = ["import", tmp_path / "c", "--images", drawn_products, "--table", table]
    given = ["--type", "size=category", "--type", "price=number", "--skip", "secret"]
    for options in (given, given, []):
        code, out, err = run(*command, *options, "--json")
        report = json.loads(out)
        assert code == 3, err
        assert report["columns"]["attributes"] == {"size": "category", "price": "number"}
        assert report["columns"]["skipped"] == ["secret"]
        assert report["refused"] == [
            {"source": "t.csv:3", "reason": "'dear' is not a number: 'price' was left empty"}
        ]
    assert report["items_unchanged"] == 2
    assert json.loads(run("search", tmp_path / "c", "--where", "size=38", "--json")[1])["total"] == 1
    code, out, _ = run(*command)
    assert "\n  category attributes: size\n  number attributes: price\n  skipped: secret\n" in out
    for wrong, *words in (
        (["--type", "size"], "COLUMN=TYPE"),
        (["--type", "sise=number"], "'sise'", "'size'"),
        (["--type", "size=numbers"], "'numbers'", "'number'"),
        (["--skip", "secrets"], "'secrets'", "'secret'"),
        (["--skip", "id"], "'id' holds the items' ids"),
    ):
        code, _, err = run(*command, *wrong)
        assert (code, [word for word in words if word not in err]) == (2, []), err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_report_that_must_not_be_written_is_refused_before_the_import(
    run, drawn_products: Path, tmp_path: Path
):
    table, pipe = tmp_path / "t.csv", tmp_path / "pipe"
    table.write_text("id\np000\n")
    os.mkfifo(pipe)
    command = ["import", tmp_path / "c", "--images", drawn_products, "--table", table, "--report"]
    for file, words in ((table, "is the table"), (pipe, "cannot be written")):
        code, _, err = run(*command, file)
        assert (code, words in err, (tmp_path / "c").exists()) == (2, True, False), err
    assert table.read_text() == "id\np000\n"


def test_a_report_takes_the_place_of_no_file_of_the_catalog(run, catalog: Path):
    before = {file: file.stat().st_size for file in catalog.iterdir()}
    command = ["import", catalog, "--images", catalog.parent, "--report"]
    for name in (next(iter(before)).name, "report.json"):
        code, _, err = run(*command, catalog / name)
        assert (code, "own folder" in err) == (2, True), err
    assert {file: file.stat().st_size for file in catalog.iterdir()} == before


def test_several_columns_of_photos_are_given(run, drawn_products: Path, tmp_path: Path):
    table = tmp_path / "t.csv"
    table.write_text("id,front,back\np000,p000.jpg,p001.jpg\np002,p002.jpg,\n")
    command = ["import", tmp_path / "c", "--images", drawn_products / "images", "--table", table, "--json"]
    for several in (["--image", "front", "--image", "back"], ["--image", "front,back"], []):
        code, out, err = run(*command, *several)
        assert code == 0, err
        assert (
            json.loads(out)["refused"],
            json.loads(run("info", tmp_path / "c", "--json")[1])["images"],
        ) == ([], 3)


def test_what_was_refused_is_counted_be_it_row_or_photo(run, drawn_products: Path, tmp_path: Path):
    (tmp_path / "images").mkdir()
    for name in ("p000.jpg", "p001.jpg"):
        shutil.copy(drawn_products / "images" / name, tmp_path / "images")
    (tmp_path / "images" / "p002.jpg").write_bytes(b"no picture")
    table = tmp_path / "t.csv"
    table.write_text("id,size\np000,38\np001\np002,40\np003,41\n")
    command = ["import", tmp_path / "c", "--images", tmp_path / "images", "--table", table, "--json"]
    refused = [one["source"] for one in json.loads(run(*command)[1])["refused"]]
    assert refused == [
        "t.csv:3",
        "t.csv:5",
        "p002.jpg",
    ]  # a cell is missing, a photo is missing, a photo is damaged
    assert json.loads(run("info", tmp_path / "c", "--json")[1])["refused"] == 3
    table.write_text("id,size\np000,38\np001,39\n")
    assert json.loads(run(*command)[1])["refused"] == []
    assert json.loads(run("info", tmp_path / "c", "--json")[1])["refused"] == 0


def test_the_report_of_photos_alone_does_not_speak_of_columns(run, tmp_path: Path):
    (tmp_path / "photos").mkdir()
    code, out, _ = run("import", tmp_path / "c", "--images", tmp_path / "photos")
    assert code == 0
    assert "  why: each photo is an item, its path the id\n" in out
    assert [line for line in out.splitlines() if line.rstrip().endswith(":")] == []


def test_an_encoding_is_given_and_reported(run, drawn_products: Path, tmp_path: Path):
    table = tmp_path / "t.csv"
    table.write_bytes("id,colour\np000,růžová\np001,modrá\n".encode("cp1250"))
    command = ["import", tmp_path / "c", "--images", drawn_products, "--table", table]
    code, out, _ = run(*command)
    assert code == 0
    assert "encoding: cp1252" in out
    assert "note: The table is not UTF-8" in out
    code, out, _ = run(*command, "--encoding", "cp1250", "--json")
    assert (code, json.loads(out)["columns"]["encoding"], json.loads(out)["notes"]) == (0, "cp1250", [])
    assert json.loads(run("search", tmp_path / "c", "--where", "colour=růžová", "--json")[1])["total"] == 1
    code, _, err = run(*command, "--encoding", "klingon")
    assert (code, "klingon" in err) == (2, True)


def test_data_does_not_control_the_terminal(run, drawn_products: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    good = (drawn_products / "images" / "p000.jpg").read_bytes()
    (photos / "new\nline\x1b[31m[bold]\u202e.jpg").write_bytes(good)
    (photos / "bell\x07.jpg").write_bytes(b"no picture")
    code, out, _ = run("import", tmp_path / "c", "--images", photos)
    assert code == 3
    assert "refused bell\\x07.jpg: It is not a picture" in out
    code, out, err = run("search", tmp_path / "c")
    assert "new\\nline\\x1b[31m[bold]\\u202e.jpg" in out
    _, _, error = run("search", tmp_path / "c", "--like", "no\nbody\x1b")
    assert not set("\x07\x1b\u202e") & set(out + err + error)


def test_json_is_unicode_whatever_the_files_are_called(run, drawn_products: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    good = (drawn_products / "images" / "p000.jpg").read_bytes()
    file = os.fsencode(photos) + b"/b\xff.jpg"
    try:
        with open(file, "wb") as stream:
            stream.write(good)
    except OSError:
        pytest.skip("this file system has only Unicode names")
    assert run("import", tmp_path / "c", "--images", photos, "--report", tmp_path / "r.json")[0] == 0
    code, out, _ = run("search", tmp_path / "c", "--json")
    assert code == 0
    out.encode("utf-8")
    assert os.fsencode(json.loads(out)["results"][0]["image"]) == file
    code, out, _ = run("search", tmp_path / "c")
    assert "b\\udcff.jpg" in out


def test_examples_are_counted_once(search):
    once, twice = search("--like", "p000"), search("--like", "p000", "--like", "p000")
    assert once["results"] == twice["results"]
    assert search("--like", "p000", "--blocks", "STYLE")["total"] == 89


def test_what_restricts_nothing_is_said(run, catalog: Path):
    code, out, err = run("search", catalog, "--text", "(*", "--json")
    assert (code, json.loads(out)["total"]) == (0, 90)
    assert "no word" in err


def test_an_example_without_a_photo_is_said_to_mean_nothing(run, drawn_products: Path, tmp_path: Path):
    table = tmp_path / "t.csv"
    table.write_text("id,colour\np000,red\np001,blue\np002,red\nnone,red\n")
    assert run("import", tmp_path / "c", "--images", drawn_products, "--table", table)[0] == 3
    code, _, err = run("search", tmp_path / "c", "--like", "p000", "--like", "none")
    assert code == 0
    assert "'none' has no photo" in err


@pytest.mark.skipif(os.name != "posix", reason="groups of processes are sent signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_work_that_is_asked_to_end_is_put_away(tmp_path: Path, number: signal.Signals):
    command = [sys.executable, "-m", "visualsearch", "sample", tmp_path / "s", "--items", "1000000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stderr is not None
        assert "Drawing" in process.stderr.readline()
        os.killpg(process.pid, number)
        said = process.stderr.read()
    assert process.returncode == 1
    assert "Error: Cancelled.\nNothing is half written" in said
    assert "Traceback" not in said


def test_cancelling_is_said_in_json_too(run, drawn_products: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(JobControl, "checkpoint", cancelled)
    monkeypatch.setattr(JobControl, "progress", cancelled)
    code, out, err = run("import", tmp_path / "c", "--images", drawn_products, "--json")
    assert (code, json.loads(out)["error"]) == (1, "Cancelled.")
    assert "give the command again to go on" in err


def cancelled(*_: object, **__: object) -> None:
    raise Cancelled


def test_a_refused_photo_is_reported_and_the_rest_imported(run, drawn_products: Path, tmp_path: Path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name in ("p000.jpg", "p001.jpg"):
        (photos / name).write_bytes((drawn_products / "images" / name).read_bytes())
    (photos / "broken.jpg").write_bytes((photos / "p000.jpg").read_bytes()[:300])
    (photos / "empty.png").write_bytes(b"")
    report_file = tmp_path / "report.json"
    code, out, _ = run("import", tmp_path / "c", "--images", photos, "--report", report_file)
    assert code == 3
    assert "broken.jpg" in out
    report = json.loads(report_file.read_text())
    assert {Path(refusal["source"]).name for refusal in report["refused"]} == {"broken.jpg", "empty.png"}
    code, out, _ = run("search", tmp_path / "c", "--like", "p000.jpg", "--json")
    assert [row["id"] for row in json.loads(out)["results"]] == ["p001.jpg"]
    assert [refusal["source"] for refusal in report["refused"]] == ["broken.jpg", "empty.png"]
    assert (report["items_new"], report["images_new"]) == (2, 4)
    assert json.loads(run("info", tmp_path / "c", "--json")[1])["items"] == 2

    code, out, _ = run("import", tmp_path / "c", "--images", photos, "--json")
    again = json.loads(out)
    assert code == 3
    assert (again["items_unchanged"], again["items_new"], again["images_unchanged"], again["images_new"]) == (
        2,
        0,
        4,
        0,
    )
    assert [(refusal["source"], refusal["reason"]) for refusal in again["refused"]] == [
        (refusal["source"], f"still refused: {refusal['reason']}") for refusal in report["refused"]
    ]
    (photos / "empty.png").unlink()
    (photos / "broken.jpg").write_bytes((photos / "p001.jpg").read_bytes())
    code, out, _ = run("import", tmp_path / "c", "--images", photos, "--json")
    assert (code, json.loads(out)["refused"], json.loads(out)["items_new"]) == (0, [], 1)
    (photos / "p000.jpg").write_bytes(b"")
    (photos / "other.jpg").write_bytes((drawn_products / "images" / "p003.jpg").read_bytes())
    report = json.loads(run("import", tmp_path / "c", "--images", photos, "--json")[1])
    counts = [report[f"items_{what}"] for what in ("new", "unchanged", "changed", "gone")]
    assert counts == [1, 2, 0, 1]


def test_encoders_are_listed(run):
    code, out, _ = run("encoders", "--json")
    assert code == 0
    names = [state["name"] for state in json.loads(out)]
    assert names[:2] == ["efficientnet-lite2", "inception-v3"]


def test_readable_forms(run, catalog: Path):
    for command in (["info", catalog], ["search", catalog, "--facets"], ["encoders"]):
        code, out, _ = run(*command)
        assert code == 0
        assert out.strip()


def test_gui_that_nobody_sees_says_that_there_is_no_catalog(run, tmp_path: Path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    code, _, err = run("gui", tmp_path / "nope")
    assert code == 1
    assert "There is no catalog in" in err


def test_gui_without_a_display_says_what_to_do(run, catalog: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = run("gui", catalog)
    assert code == 1
    assert "display" in err
