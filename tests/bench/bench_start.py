"""From the start of the program to a painted grid of a 100,000-item catalog, against a PySide6 hello-world.

``python tests/bench/bench_start.py [--items N]`` prints JSON. Both are processes of their own, started in turns; the
time is from the parent's spawn to the child's first paint (for the grid: with every visible thumbnail in it).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from PIL import Image

from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.encoders import decode
from visualsearch.jobs import JobControl

_ROUNDS = 5
_PHOTOS = 500

_HELLO = """
import time
from PySide6.QtWidgets import QApplication, QLabel

class Hello(QLabel):
    def paintEvent(self, event):
        super().paintEvent(event)
        print(time.monotonic(), flush=True)
        app.quit()

app = QApplication([])
window = Hello("Hello, world")
window.resize(1280, 800)
window.show()
app.exec()
"""

_PROGRAM = """
import sys, time
from pathlib import Path
from visualsearch.ui.app import run  # first, as in the program: it makes the import of PySide6 shorter
from PySide6.QtCore import QEvent, QObject

class Watch(QObject):
    def __init__(self, window):
        super().__init__(window)
        self.window, self.area = window, window.area
        self.grid = 0.0
        self.viewport = self.area.gallery.viewport()
        self.viewport.installEventFilter(self)
        self.viewport.update()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and self.area.model.rowCount() > 0:
            self.grid = self.grid or time.monotonic()
            if all(self.area.pixmaps.pixmap(item) for item in self.visible()):
                print(self.grid, time.monotonic(), flush=True)
                self.viewport.removeEventFilter(self)
                self.window.close()
        return False

    def visible(self):
        rows = range(min(200, self.area.model.rowCount()))
        sight = self.viewport.rect()
        return [self.area.model.item_at(row) for row in rows if self.area.gallery.tile_rect(row).intersects(sight)]

run(Path(sys.argv[1]), ready=Watch)
"""


def main(items: int = 100_000) -> dict[str, Any]:
    """Median seconds to the first paint, and the ratio of the medians."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VISUALSEARCH_HOME"] = folder
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        os.environ.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # a person's second start finds the byte code of the first
        _painted(_HELLO)
        catalog = _catalog(Path(folder), items)
        _painted(_PROGRAM, str(catalog))
        hello, grid, thumbnails = [], [], []
        for _ in range(_ROUNDS):
            hello.append(_painted(_HELLO)[0])
            seconds = _painted(_PROGRAM, str(catalog))
            grid.append(seconds[0])
            thumbnails.append(seconds[1])
    base = statistics.median(hello)
    return {
        "items": items,
        "hello-world": {"value": base, "unit": "s"},
        "grid": {"value": statistics.median(grid), "unit": "s"},
        "grid with its thumbnails": {"value": statistics.median(thumbnails), "unit": "s"},
        "grid / hello-world": {"value": statistics.median(grid) / base, "goal": "<= 2", "unit": "×"},
        "grid with thumbnails / hello-world": {
            "value": statistics.median(thumbnails) / base,
            "goal": "<= 2",
            "unit": "×",
        },
    }


def _painted(program: str, *arguments: str) -> list[float]:
    """Seconds from the spawn to each moment that the program prints."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
    )
    return [float(moment) - started for moment in done.stdout.split()]


def _catalog(folder: Path, items: int) -> Path:
    """A catalog with thumbnails but without embeddings: the first grid needs none."""
    photos = folder / "photos"
    photos.mkdir()
    pictures = []
    for number in range(_PHOTOS):
        colour = (number * 37 % 256, number * 91 % 256, number * 53 % 256)
        file = photos / f"{number}.jpg"
        Image.new("RGB", (180, 240), colour).save(file)
        data = file.read_bytes()
        pictures.append((decode.digest_of(data), decode.prepare(data, 64).thumbnail))
    lines = ["id,image,name,colour,price"]
    lines += [f"A{n:07d},{n % _PHOTOS}.jpg,Product number {n},c{n % 12},{n % 300}" for n in range(items)]
    table = folder / "products.csv"
    table.write_text("\n".join(lines))
    with Catalog.open(folder / "catalog", create=True) as catalog:
        import_catalog(catalog, ImportRequest(photos, table, id="id", image="image"), JobControl())
    with Thumbnails.open(folder / "catalog" / "thumbnails.sqlite3") as thumbnails:
        thumbnails.put_many(pictures)
    return folder / "catalog"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=100_000)
    print(json.dumps(main(parser.parse_args().items), indent=1))
