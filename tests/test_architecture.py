"""The rules that keep the program small and quick to start: who may import whom, and how long a module may get."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import visualsearch

PACKAGE = Path(visualsearch.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("tensorflow", "keras", "ai_edge_litert")
MOST_LINES = 420  # beyond this a module has two purposes
MOST_FUNCTION_LINES = 60


FIRST_GRID = """
import sys
from pathlib import Path
from visualsearch.ui import app, main_window
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.thumbnail import Thumbnail
from PySide6.QtCore import QBuffer
from PySide6.QtGui import QImage

buffer = QBuffer()
buffer.open(QBuffer.OpenModeFlag.WriteOnly)
picture = QImage(60, 80, QImage.Format.Format_RGB32)
picture.fill(0x336699)
assert picture.save(buffer, "JPEG")
folder = Path(sys.argv[1]) / "catalog"
with Catalog.open(folder, create=True) as catalog, catalog.write() as connection:
    for number in range(1, 41):
        connection.execute("INSERT INTO item (number, id) VALUES (?, ?)", (number, f"A{number}"))
        connection.execute(
            "INSERT INTO image (number, item, position, path, digest) VALUES (?, ?, 0, ?, ?)",
            (number, number, f"{number}.jpg", bytes([number] * 16)),
        )
with Thumbnails.open(folder) as thumbnails:
    jpeg = bytes(buffer.data().data())
    thumbnails.put_many([(bytes([n] * 16), Thumbnail(jpeg, 60, 80, 0x336699)) for n in range(1, 41)])

# A slow machine neither shows the start page meanwhile nor goes on before the photos are there.
app._PATIENCE_MS = main_window._FIRST_PAINT_MS = 100_000

def ready(window):
    window.area.gallery.completed.connect(lambda: done(window))
    window.area.gallery.viewport().update()

def done(window):
    if window.isVisible():
        print(*{name.split(".")[0] for name in sys.modules})
        window.close()

app.run(folder, ready=ready)
"""


def modules_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter that ran a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_imports_go_one_way() -> None:
    """The contracts in pyproject.toml: layers, Qt only in the window, TensorFlow only in the encoders."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_is_in_the_layers() -> None:
    """A new top-level module has to say where it belongs."""
    contracts = (PACKAGE.parent / "pyproject.toml").read_text("utf-8")
    layers = contracts[contracts.index('type = "layers"') :]
    layers = layers[: layers.index("[[")]
    parts = {file.relative_to(PACKAGE).parts[0].removesuffix(".py") for file in MODULES} - {"__init__"}
    listed = {name.strip().removeprefix("visualsearch.") for name in layers.replace('"', "|").split("|")}
    assert parts <= listed, f"not in pyproject.toml's layers: {sorted(parts - listed)}"


def test_the_window_leaves_tensorflow_alone() -> None:
    """Importing TensorFlow takes seconds and half a gigabyte: only a child process may."""
    loaded = modules_after("import visualsearch.ui.app")
    assert "PySide6" in loaded
    assert not loaded.intersection(HEAVY)


def test_the_first_photos_are_painted_with_little_loaded(tmp_path: Path) -> None:
    """What the first grid with its photos does not need may take its time afterwards."""
    done = subprocess.run(
        [sys.executable, "-c", FIRST_GRID, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "VISUALSEARCH_HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "PySide6" in loaded
    late = {*HEAVY, "numpy", "PIL", "scipy", "annoy", "click", "rich", "platformdirs"}
    assert loaded & late == set()


def test_no_module_of_the_window_imports_tensorflow() -> None:
    names = [".".join(("visualsearch", *file.relative_to(PACKAGE).with_suffix("").parts)) for file in MODULES]
    names = [name.removesuffix(".__init__") for name in names if name.startswith("visualsearch.ui")]
    assert not modules_after("\n".join(f"import {name}" for name in names)).intersection(HEAVY)


def test_the_command_line_starts_light() -> None:
    """`visualsearch --help` must not wait for Qt, NumPy or TensorFlow."""
    assert not modules_after("import visualsearch.cli").intersection({*HEAVY, "PySide6", "numpy", "annoy"})


@pytest.mark.parametrize(("set_before", "wanted"), [("", 1), ("2", min(2, os.cpu_count() or 1))])
def test_products_of_matrices_take_one_thread_unless_somebody_says_otherwise(
    set_before: str, wanted: int
) -> None:
    """Also where NumPy was loaded first, as by a notebook or a test."""
    code = (
        "import numpy, visualsearch, threadpoolctl\n"
        "print({found['num_threads'] for found in threadpoolctl.threadpool_info()})"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    if set_before:
        environment["OPENBLAS_NUM_THREADS"] = set_before
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment
    )
    assert done.stdout.strip() == str({wanted}), done.stderr


@pytest.mark.parametrize("file", MODULES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_module_reads_well(file: Path) -> None:
    """Each module says what it is for, stays short, and neither loads pickles nor evaluates text."""
    text = file.read_text("utf-8")
    tree = ast.parse(text)
    if tree.body:
        assert ast.get_docstring(tree), "says nothing about itself"
    assert text.count("\n") <= MOST_LINES, "is too long: split it by purpose"
    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= MOST_FUNCTION_LINES
    ]
    assert not long, "has functions with more than one purpose"
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"eval", "exec"}, "evaluates text"
    passed = {
        keyword.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    }
    assert "allow_pickle" not in passed, "loads pickles"
