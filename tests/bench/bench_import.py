"""The whole import of a catalog, by one command, against the encoder's forward pass alone on ready-made tensors.

``python tests/bench/bench_import.py`` prints JSON. It imports the development catalog fashion-2k where it is,
otherwise the sample catalog; the command's own start, the table, thumbnails, index and graphs all count.
"""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench_encode import _DATA, forward_rate

import visualsearch
from visualsearch import settings
from visualsearch.encoders.client import available_cores
from visualsearch.encoders.compile import ensure_compiled
from visualsearch.encoders.encoder import DEFAULT_ENCODER
from visualsearch.jobs import JobControl

_DRAWN = 2000


def main() -> dict[str, Any]:
    """Rates in images per second and their ratio; the forward pass is measured before and after the import."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("VISUALSEARCH_ENCODERS", str(settings.encoders_dir()))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
        compileall.compile_dir(Path(visualsearch.__file__).parent, quiet=1)
        compiled = ensure_compiled(DEFAULT_ENCODER, JobControl())
        photos, table = _catalog(Path(folder))
        images = sum(1 for _ in photos.rglob("*.jpg"))
        threads = available_cores()
        before = forward_rate(compiled, 600, threads)
        started = time.perf_counter()
        command = [sys.executable, "-m", "visualsearch", "import", str(Path(folder) / "catalog")]
        subprocess.run(
            [*command, "--images", str(photos), "--table", str(table)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        rate = images / (time.perf_counter() - started)
        forward = (before + forward_rate(compiled, 600, threads)) / 2
    return {
        "images": images,
        "forward pass alone": {"value": forward, "unit": "img/s"},
        "whole import": {"value": rate, "unit": "img/s"},
        "whole import / forward pass": {"value": rate / forward, "goal": ">= 0.9", "unit": "×"},
    }


def _catalog(folder: Path) -> tuple[Path, Path]:
    fashion = _DATA / "fashion-2k"
    if fashion.is_dir():
        return fashion, fashion / "styles.csv"
    from visualsearch.sample import generate

    generate(folder / "photos", _DRAWN, 1, JobControl())
    return folder / "photos", folder / "photos" / "products.csv"


if __name__ == "__main__":
    print(json.dumps(main(), indent=1))
