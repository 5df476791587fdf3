"""Input that means nothing gets a sentence: endless files, numbers that are none, empty names, folders for files."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file here")
def test_endless_files_are_refused(asked, plain: Path) -> None:
    assert "too large" in asked(2, "vocabulary import", plain, "/dev/zero")["error"]
    assert "too large" in asked(1, "filter import", plain, "/dev/zero")["error"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_pipe_that_nobody_writes_into_is_not_waited_for(asked, plain: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    (tmp_path / "photos").mkdir()
    into = ["import", tmp_path / "new", "--images", tmp_path / "photos"]
    for code, *command in (
        (2, "vocabulary import", plain, pipe),
        (1, "filter import", plain, pipe),
        (1, *into, "--table", pipe),
        (1, *into, "--weights", pipe),
        (1, *into, "--encoder", f"litert:{pipe}"),
    ):
        answer = asked(code, *command)
        assert str(pipe) in answer["error"]
        assert answer["hint"]


@pytest.mark.parametrize(
    ("code", "command", "arguments", "told"),
    [
        (2, "search", ["--text-weight", "nan", "--text", "red"], "not in the range"),
        (2, "search", ["--narrow", "nan", "--like", "p001"], "--narrow"),
        (2, "search", ["--limit", "-1"], "not in the range"),
        (2, "search", ["--where", ""], "empty"),
        (1, "search", ["--like", ""], "neither the id"),
        (2, "set", ["price=nan", "--id", "p001"], "not a number"),
        (2, "set", ["price=1e999", "--id", "p001"], "not a number"),
        (1, "set", ["colour=red", "--id", ""], "no item ''"),
        (2, "export", ["--out", "x.csv", "--since", ""], "no time"),
        (2, "history", ["--since", ""], "no time"),
        (2, "estimate", ["colour", "--name", ""], "cannot be the name"),
        (2, "estimate", [""], "attribute is empty"),
        (2, "estimate", ["colour", "--half-width", "nan"], "no meaning"),
        (2, "vocabulary add", [""], "empty"),
        (2, "filter save", ["", "--like", "p001"], "needs a name"),
        (2, "vocabulary import", ["."], "cannot be read"),
        (1, "filter import", ["."], "cannot be read"),
        (1, "search", ["--like", "x" * 5_000], "neither the id"),
        (1, "filter import", ["x" * 5_000], "File name too long"),
        (1, "vocabulary import", ["x" * 5_000], "File name too long"),
        (1, "import", ["--images", "x" * 5_000], "File name too long"),
        (1, "import", ["--images", ".", "--report", "x" * 5_000], "File name too long"),
        (1, "report", ["--out", "x" * 5_000], "File name too long"),
    ],
)
def test_what_means_nothing_is_refused_with_a_next_step(
    asked, plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code, command, arguments, told
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = asked(code, command, plain, *arguments)
    assert told in answer["error"]
    assert answer["hint"]
    assert asked(0, "history", plain) == []


def test_a_sample_has_no_seed_below_zero(asked, tmp_path: Path) -> None:
    assert "not in the range" in asked(2, "sample", tmp_path / "sample", "--seed", "-1")["error"]
    assert not (tmp_path / "sample").exists()


def test_a_filter_is_turned_round_by_not(run, plain: Path) -> None:
    code, _, err = run("search", plain, "--where", "!visual:round and colour=red")
    assert code == 2
    assert "Write not visual:round." in err


def test_counts_of_one_are_written_as_one(run, asked, plain: Path, tmp_path: Path) -> None:
    out = run("export", plain, "--where", "id=p001", "--out", tmp_path / "one.csv")[1]
    assert "1 item is in " in out
    assert "1 item " in run("export", plain, "--list")[1]
    assert run("duplicates", plain, "--kind", "exact")[1].splitlines()[-1].endswith(" pairs")


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("export", ["--out", "items.csv"]),
        ("report", ["--out", "page.html"]),
        ("filter export", ["reds", "--out", "reds.json"]),
        ("packet make", ["--attribute", "colour", "--out", "packet.json"]),
        ("explain", ["p000", "--like", "p003", "--map", "heat.png"]),
    ],
)
def test_a_disk_that_fills_up_has_nothing_half_written(
    asked, encoded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command, arguments
) -> None:
    asked(0, "filter save", encoded, "reds", "--like", "p000")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path / "out")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    asked(1, command, encoded, *arguments)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="names are text here")
def test_bytes_that_are_no_text_get_a_sentence(asked, encoded: Path, tmp_path: Path) -> None:
    broken = os.fsdecode(b"caf\xe9")
    for code, command, *arguments in (
        (1, "set", "colour=red", "--id", broken),
        (2, "set", f"{broken}=red", "--id", "p000"),
        (2, "set", "colour=grey", "--id", "p000", "--actor", broken),
        (2, "filter show", broken),
        (2, "history", "--actor", broken),
        (2, "certify", f"colour={broken}"),
    ):
        answer = asked(code, command, encoded, *arguments)
        assert answer["error"]
        assert answer["hint"]
    answer = asked(1, "import", tmp_path / broken, "--images", tmp_path)
    assert "no UTF-8" in answer["error"]
    assert asked(0, "history", encoded) == []


@pytest.mark.skipif(os.name != "posix", reason="names are text here")
def test_a_picture_whose_name_is_no_text_is_an_example(
    asked, encoded: Path, drawn_products: Path, tmp_path: Path
) -> None:
    picture = tmp_path / os.fsdecode(b"caf\xe9.jpg")
    picture.write_bytes(next(drawn_products.rglob("*.jpg")).read_bytes())
    assert asked(0, "search", encoded, "--like", picture, "--limit", 1)["results"]


def test_an_output_that_holds_few_signs_gets_the_others_escaped(plain: Path) -> None:
    def said(encoding: str, *arguments: str) -> bytes:
        command = [sys.executable, "-m", "visualsearch", *arguments[:1], str(plain), *arguments[1:]]
        done = subprocess.run(
            command, env={**os.environ, "PYTHONIOENCODING": encoding}, capture_output=True, check=True
        )
        assert b"Traceback" not in done.stderr
        return done.stdout

    said("utf-8", "set", "colour=Grün-日本", "--id", "p001", "--new")
    assert "Grün-日本" in said("utf-8", "history").decode("utf-8")
    assert rb"Gr\xfcn-\u65e5\u672c" in said("ascii", "history")
    assert rb"Gr" + "ü".encode("cp1252") + rb"n-\u65e5" in said("cp1252", "history")
    (change,) = json.loads(said("ascii", "history", "--json"))
    assert "Grün-日本" in json.dumps(change, ensure_ascii=False)


def test_a_file_on_standard_output_is_utf_8(encoded: Path, asked) -> None:
    asked(0, "filter save", encoded, "grün", "--like", "p001")
    command = [sys.executable, "-m", "visualsearch", "filter", "export", str(encoded), "grün"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONIOENCODING": "ascii"}, capture_output=True, check=True
    )
    assert json.loads(done.stdout.decode("utf-8"))["name"] == "grün"


def test_a_home_that_nobody_has_is_a_folder_that_is_not_there(asked) -> None:
    assert "~nobody-of-that-name/shop" in asked(1, "info", "~nobody-of-that-name/shop")["error"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no file that is always full here")
@pytest.mark.parametrize(
    "arguments", [[], ["--json"], ["--json", "--where", "nothing=x"], ["--json", "--odd"]]
)
def test_an_output_without_room_gets_a_sentence(plain: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "visualsearch", "search", str(plain), *arguments]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-2:] == [
        "Error: What was found cannot be written to the output (No space left on device).",
        "Make room, and give the command again.",
    ]


@pytest.mark.skipif(os.name != "posix", reason="nothing is closed by >&- here")
@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_an_output_that_is_closed_is_not_written_to(plain: Path, arguments: list[str]) -> None:
    command = [
        "sh",
        "-c",
        '"$@" >&-',
        "sh",
        sys.executable,
        "-m",
        "visualsearch",
        "info",
        str(plain),
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    assert not done.stderr


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("info", []),
        ("import", ["--images", "{}"]),
        ("import {}", ["--images"]),
        ("import {}", ["--images", "{}", "--table"]),
        ("export {}", ["--format", "csv", "--out"]),
        ("packet show", []),
        ("sample", []),
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    run, plain: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, arguments: list[str]
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    words = [word.format(plain) for word in (*command.split(), *arguments)]
    words.insert(len(command.split()) if words[-1] == str(plain) or not arguments else len(words), "")
    code, _, err = run(*words)
    assert (code, "the path is empty" in err) == (2, True), err
    assert not any(Path().iterdir())


@pytest.mark.parametrize("folder", [".", "/", ".."])
def test_a_folder_in_place_of_a_file_is_named(asked, encoded: Path, tmp_path: Path, folder: str) -> None:
    into = ["import", tmp_path / "new", "--images", tmp_path]
    assert "table" in asked(1, *into, "--table", folder)["error"]
    assert "read" in asked(1, *into, "--encoder", f"litert:{folder}")["error"]
    asked(0, "filter save", encoded, "red", "--like", "p001")
    assert "cannot be written" in asked(1, "filter export", encoded, "red", "--out", folder)["error"]
