"""The whole encoding pipeline against the network's forward pass alone, on ready-made tensors.

Both run in one child process with as many threads, in turns, so that the machine's load weighs on both alike.
``python tests/bench/bench_encode.py [--photos FOLDER] [--images N]`` prints JSON. Without FOLDER: the development
catalog fashion-2k where it is, otherwise drawn shop thumbnails.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from visualsearch.encoders.client import EncoderClient, available_cores
from visualsearch.encoders.compile import ensure_compiled
from visualsearch.encoders.encoder import DEFAULT_ENCODER, CompiledEncoder
from visualsearch.jobs import JobControl

GOAL = ">= 0.9"
_ROUNDS = 5
_DATA = Path(os.environ.get("VISUALSEARCH_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def main(photos: Path | None = None, images: int = 400) -> dict[str, Any]:
    """Rates in images per second (the median of five rounds) and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        compiled = ensure_compiled(DEFAULT_ENCODER, JobControl())
        files = _files(photos or _DATA / "fashion-2k" / "images", images, Path(folder))
        threads = available_cores()
        pairs = []
        with EncoderClient(compiled, threads=threads) as client:
            _pipeline(client, files[:64])  # starts the process
            for _ in range(_ROUNDS):
                pairs.append((forward_rate(compiled, len(files), threads), _pipeline(client, files)))
        forward, pipeline = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        ratio = statistics.median(after / before for before, after in pairs)
    return {
        "images": len(files),
        "threads": threads,
        "forward pass alone": {"value": forward, "unit": "img/s"},
        "read, decode, colour, thumbnail and encode": {"value": pipeline, "unit": "img/s"},
        "pipeline / forward pass": {"value": ratio, "goal": GOAL, "unit": "×"},
    }


def _files(folder: Path, count: int, own: Path) -> list[Path]:
    found = sorted(folder.rglob("*.jpg"))[:count] if folder.is_dir() else []
    return found or [_drawn(own / f"{number}.jpg", number) for number in range(count)]


def _drawn(file: Path, seed: int) -> Path:
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (60, 80), "white")
    draw = ImageDraw.Draw(image)
    for _ in range(12):
        x, y = random.integers(5, 40, 2)
        draw.rectangle((x, y, x + 14, y + 30), fill=tuple(int(v) for v in random.integers(0, 255, 3)))
    image.save(file, "JPEG", quality=90)
    return file


def _pipeline(client: EncoderClient, files: list[Path]) -> float:
    started = time.perf_counter()
    done = sum(len(batch) for batch in client.encode(enumerate(files), JobControl()))
    return done / (time.perf_counter() - started)


def forward_rate(compiled: CompiledEncoder, count: int, threads: int) -> float:
    """The rate in a process of its own."""
    command = [sys.executable, __file__, "--forward", str(compiled.file), str(count), str(threads)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def _forward_in_child(file: Path, count: int, threads: int) -> float:
    from visualsearch.encoders.runtime import Network
    from visualsearch.encoders.worker import stay_behind

    stay_behind()  # else what runs beside would slow down the worker alone
    networks = [Network(file) for _ in range(threads)]
    size = networks[0].input_size
    tensors = np.random.default_rng(0).uniform(-1, 1, (8, 1, size, size, 3)).astype(np.float32)

    def run(network: Network, images: int) -> None:
        for number in range(images):
            network(tensors[number % len(tensors)])

    for network in networks:
        run(network, 4)
    workers = [threading.Thread(target=run, args=(network, count // threads)) for network in networks]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return count // threads * threads / (time.perf_counter() - started)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--forward", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.forward:
        model, number, cores = arguments.forward
        print(_forward_in_child(Path(model), int(number), int(cores)))
    else:
        print(json.dumps(main(arguments.photos, arguments.images), indent=1))
