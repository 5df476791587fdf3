"""A catalog with copies planted in it: re-encoded, resized, cropped by at most 5 % and recoloured ones of other items,
with the truth. What ``bench_quality.py`` measures the duplicates with."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image

KINDS = ("re-encoded", "resized", "cropped", "recoloured")


def plant(source: Path, target: Path, copies: int, seed: int = 1) -> Path:
    """Copy ``source`` (images/ID.jpg and styles.csv) to ``target`` with ``copies`` more items; returns the table.

    ``target/truth.json``: the id of each copy → [the id of its original, the kind]."""
    random = np.random.default_rng(seed)
    (target / "images").mkdir(parents=True)
    with (source / "styles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    rows = [row for row in rows if (source / "images" / f"{row['id']}.jpg").is_file()]
    for row in rows:
        data = (source / "images" / f"{row['id']}.jpg").read_bytes()
        (target / "images" / f"{row['id']}.jpg").write_bytes(data)
    truth: dict[str, list[str]] = {}
    table = target / "styles.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        for number, at in enumerate(random.choice(len(rows), copies, replace=False)):
            original, kind = rows[at], KINDS[number % len(KINDS)]
            with Image.open(source / "images" / f"{original['id']}.jpg") as opened:
                image = opened.convert("RGB")
            name = f"copy{number:05d}"
            (target / "images" / f"{name}.jpg").write_bytes(altered(image, kind, random))
            writer.writerow({**original, "id": name})
            truth[name] = [original["id"], kind]
    (target / "truth.json").write_text(json.dumps(truth), "utf-8")
    return table


def altered(image: Image.Image, kind: str, random: np.random.Generator) -> bytes:
    """A JPEG of the image, changed in one way."""
    quality = int(random.integers(60, 96))
    width, height = image.size
    if kind == "re-encoded":
        quality = int(random.integers(35, 86))
    elif kind == "resized":
        scale = random.uniform(0.6, 2.0)
        image = image.resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    elif kind == "cropped":
        across, down = random.uniform(0.01, 0.05, 2)
        left, top = random.uniform(0, across), random.uniform(0, down)
        box = (left * width, top * height, (1 - across + left) * width, (1 - down + top) * height)
        image = image.resize((width, height), Image.Resampling.BICUBIC, box)
    else:
        image = recoloured(image, random)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def recoloured(image: Image.Image, random: np.random.Generator) -> Image.Image:
    """The product in another colour: its hue turned where it has one, otherwise dyed; the background stays."""
    pixels = np.asarray(image, np.float64) / 255
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    distance = np.linalg.norm(pixels - np.median(border, axis=0), axis=2)
    product = np.clip((distance - 0.06) / 0.12, 0, 1)[..., None]
    saturation = (pixels.max(2) - pixels.min(2))[distance > 0.15]
    if len(saturation) and saturation.mean() > 0.2:
        hsv = np.asarray(image.convert("HSV")).copy()
        turn = int(random.integers(50, 206))
        hsv[..., 0] = (hsv[..., 0].astype(int) + turn) % 256
        dyed = np.asarray(Image.fromarray(hsv, "HSV").convert("RGB"), np.float64) / 255
    else:
        dye = np.roll([0.9, random.uniform(0.15, 0.5), random.uniform(0.1, 0.3)], random.integers(3))
        light = pixels.mean(2, keepdims=True)
        dyed = np.clip(0.25 * dye + 0.75 * light * dye * 1.2, 0, 1)
    mixed = pixels * (1 - product) + dyed * product
    return Image.fromarray((mixed * 255 + 0.5).astype(np.uint8))
