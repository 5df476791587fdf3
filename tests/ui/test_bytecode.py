"""Byte code of what PySide6 compiles at every start is kept, and never trusted beyond what it was made of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_COUNT = """
import builtins
made = []
genuine = builtins.compile
def counting(source, filename, *args, **options):
    made.append(str(filename))
    return genuine(source, filename, *args, **options)
builtins.compile = counting
import visualsearch.ui
assert builtins.compile is counting
from PySide6.QtCore import QObject
try:
    QObject(1, 2, 3)
except TypeError as error:  # its text comes from the modules in question
    assert "QObject" in str(error), error
else:
    raise AssertionError
print(sum(name.startswith("shibokensupport/") for name in made))
"""


def _compiled(folder: Path, **environment: str) -> int:
    """How many of PySide6's own modules a start compiles, with byte code in this folder."""
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", _COUNT],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        env={**clean, "PYTHONPYCACHEPREFIX": str(folder), **environment},
    )
    return int(done.stdout)


def _kept(folder: Path) -> list[Path]:
    return sorted(folder.rglob("shibokensupport*.pyc"))


def test_compiled_once(tmp_path: Path) -> None:
    assert _compiled(tmp_path) > 5
    assert _compiled(tmp_path) == 0
    assert not [file for file in tmp_path.rglob("shibokensupport*") if file.suffix != ".pyc"]


def test_damage_and_other_sources_are_compiled_anew(tmp_path: Path) -> None:
    _compiled(tmp_path)
    cut, other, empty = _kept(tmp_path)[:3]
    whole = cut.read_bytes()
    cut.write_bytes(whole[: len(whole) // 2])
    data = other.read_bytes()
    other.write_bytes(data[:8] + bytes(8) + data[16:])  # another hash: of another source
    empty.write_bytes(b"")
    assert _compiled(tmp_path) == 3
    assert cut.read_bytes() == whole


def test_nothing_is_written_where_python_must_not(tmp_path: Path) -> None:
    assert _compiled(tmp_path, PYTHONDONTWRITEBYTECODE="1") > 5
    assert not _kept(tmp_path)


def test_a_folder_that_cannot_be_written_is_no_matter(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert _compiled(blocked) > 5
