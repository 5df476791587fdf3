"""Duplicates in a catalog of drawn photos: real thumbnails, real SQLite, no encoder."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from visualsearch.attributes import shapes
from visualsearch.attributes.duplicates import Duplicates, Pair
from visualsearch.attributes.lookalikes import FILE_NAME
from visualsearch.catalog.decisions import Decisions
from visualsearch.catalog.snapshot import load_snapshot
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import Cancelled, UsageError
from visualsearch.filters.engine import Engine
from visualsearch.jobs import JobControl, Progress
from visualsearch.thumbnail import Thumbnail

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))
import planted_copies as planted

PRODUCTS = 40


def draw(seed: int, colour: tuple[int, int, int] = (170, 60, 50)) -> Image.Image:
    """A product of its own: an outline with a pattern."""
    random = np.random.default_rng(seed)
    image = Image.new("RGB", (120, 160), (246, 246, 244))
    pen = ImageDraw.Draw(image)
    points = [
        (60 + random.uniform(18, 50) * np.cos(a), 80 + random.uniform(24, 68) * np.sin(a))
        for a in np.arange(0, 6.28, 0.7)
    ]
    pen.polygon(points, fill=colour)
    for _ in range(5):
        x, y, size = random.uniform(30, 85), random.uniform(40, 110), random.uniform(4, 14)
        shade = tuple(int(channel * random.uniform(0.2, 0.6)) for channel in colour)
        pen.ellipse((x, y, x + size, y + size * random.uniform(0.6, 2)), fill=shade)
    return image


def jpeg(image: Image.Image, quality: int = 90) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


class Shop:
    """Photos by item; ``same`` items share a file."""

    def __init__(self, folder: Path) -> None:
        self.catalog = Catalog.open(folder, create=True)
        self.thumbnails = Thumbnails.open(folder)
        self.decisions = Decisions(self.catalog)
        with self.catalog.write() as connection:
            connection.execute("INSERT INTO attribute VALUES (1, 'kind', 'category', '', 1)")
            connection.execute("INSERT INTO attribute VALUES (2, 'tags', 'category', '|', 2)")
            connection.execute("INSERT INTO attribute VALUES (3, 'price', 'number', '', 3)")
            connection.execute("INSERT INTO attribute VALUES (4, 'name', 'text', '', 4)")
        self.number = 0
        for seed in range(PRODUCTS):
            self.add(jpeg(draw(seed)))

    def add(
        self, photo: bytes, kind: str = "shirt", tags: tuple[str, ...] = ("a", "b"), price: float = 9.0
    ) -> int:
        self.number += 1
        digest = (hash_of(photo)).ljust(16, b"\1")
        with Image.open(io.BytesIO(photo)) as image:
            self.thumbnails.put_many([(digest, Thumbnail(photo, *image.size, 0))])
        with self.catalog.write() as connection:
            run = connection.execute
            run("INSERT INTO item(number, id) VALUES (?, ?)", (self.number, f"p{self.number:03}"))
            run(
                "INSERT INTO image(item, position, path, digest) VALUES (?, 0, ?, ?)",
                (self.number, f"{self.number}.jpg", digest),
            )
            for attribute, value in [(1, kind), *((2, tag) for tag in tags)]:
                run("INSERT OR IGNORE INTO category_value(attribute, text) VALUES (?, ?)", (attribute, value))
                run(
                    "INSERT INTO item_value SELECT ?, ?, number FROM category_value WHERE attribute = ? AND text = ?",
                    (attribute, self.number, attribute, value),
                )
            run("INSERT INTO item_value VALUES (3, ?, ?)", (self.number, price))
            run("INSERT INTO item_value VALUES (4, ?, ?)", (self.number, f"name {self.number}"))
        return self.number

    def use(self, work, control):
        def no_pictures(file: str) -> tuple[np.ndarray, np.ndarray]:
            raise AssertionError(file)

        return work(Engine(self.catalog, load_snapshot(self.catalog), None, no_pictures))

    @property
    def duplicates(self) -> Duplicates:
        return Duplicates(self.catalog, self.thumbnails, self.use, self.decisions)

    def pairs(self, kind) -> set[tuple[int, int]]:
        return {(pair.item, pair.other) for pair in self.duplicates.pairs(kind, JobControl())}


def hash_of(photo: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(photo, digest_size=15).digest()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "shop")
    yield made
    made.thumbnails.close()
    made.catalog.close()


def test_products_of_their_own_are_no_duplicates(shop: Shop):
    assert shop.duplicates.listing(None, JobControl()).counts == {
        "exact": 0,
        "near": 0,
        "variant": 0,
        "conflict": 0,
    }
    assert shop.duplicates.groups(JobControl()) == []


@pytest.mark.parametrize("kind", planted.KINDS)
def test_copies_are_found_as_what_they_are(shop: Shop, kind: str):
    random = np.random.default_rng(2)
    made = {(seed + 1, shop.add(planted.altered(draw(seed), kind, random))) for seed in range(0, PRODUCTS, 4)}
    found = shop.pairs("variant" if kind == "recoloured" else "near")
    assert len(found & made) >= len(made) - 1
    assert len(found - made) <= 1


def test_the_same_file_is_exact_and_no_crowd_of_pairs(shop: Shop):
    photo = jpeg(draw(99))
    crowd = [shop.add(photo) for _ in range(30)]
    assert shop.pairs("exact") == {(crowd[0], other) for other in crowd[1:]}
    (group,) = shop.duplicates.groups(JobControl(), ["exact"])
    assert group.items == crowd


def test_of_many_pairs_the_first_and_all_judged_ones_are_made(shop: Shop):
    photo = jpeg(draw(99))
    crowd = [shop.add(photo) for _ in range(8)]
    shop.duplicates.judge(crowd[0], crowd[-1], "duplicate")
    shop.duplicates.judge(crowd[0], crowd[-2], "no")
    every = shop.duplicates.pairs("exact", JobControl())
    assert len(every) == 6
    waiting = [pair for pair in every if pair.answer is None]
    for limit in (0, 2, 5, 50):
        made = shop.duplicates.listing("exact", JobControl(), limit).pairs
        chosen = {pair.other for pair in waiting[:limit]} | {crowd[-1]}
        assert made == [pair for pair in every if pair.other in chosen]
    assert shop.duplicates.listing(None, JobControl()).counts["exact"] == 6


def test_many_copies_of_one_photo_are_one_group(shop: Shop):
    copies = [1] + [shop.add(jpeg(draw(0), quality)) for quality in range(50, 90, 5)]
    groups = shop.duplicates.groups(JobControl())
    assert [group.items for group in groups] == [copies]


def test_the_most_complete_one_is_kept(shop: Shop):
    photo = jpeg(draw(99))
    one, other = shop.add(photo), shop.add(photo)
    assert shop.duplicates.groups(JobControl())[0].keep == one
    with shop.catalog.write() as connection:
        connection.execute("DELETE FROM item_value WHERE item = ? AND attribute = 3", (one,))
    assert shop.duplicates.groups(JobControl())[0].keep == other


def test_conflicts_are_copies_with_other_attributes(shop: Shop):
    photo = jpeg(draw(99))
    one = shop.add(photo)
    same = shop.add(photo, tags=("b", "a"))
    other = shop.add(photo, kind="dress", tags=("a",), price=10.0)
    (pair,) = shop.duplicates.pairs("conflict", JobControl())
    assert (pair.item, pair.other) == (one, other)
    assert pair.conflicts == {
        "kind": (("shirt",), ("dress",)),
        "tags": (("a", "b"), ("a",)),
        "price": (("9",), ("10",)),
    }
    assert (one, same) in shop.pairs("exact")


def test_what_is_not_a_duplicate_is_remembered_and_undone(shop: Shop):
    other = shop.add(jpeg(draw(0), 60))
    assert (1, other) in shop.pairs("near")
    shop.duplicates.judge(other, 1, "no")
    assert (1, other) not in shop.pairs("near")
    assert shop.duplicates.groups(JobControl()) == []
    shop.decisions.undo()
    assert (1, other) in shop.pairs("near")
    shop.duplicates.judge(1, other, "variant")
    assert (1, other) in shop.pairs("variant")
    shop.duplicates.judge(1, other, None)
    (pair,) = shop.duplicates.pairs("near", JobControl())
    assert pair == Pair(1, other, "near", pair.score, None, {})


def test_a_conflict_is_mended_by_taking_the_values_of_one_side(shop: Shop):
    photo = jpeg(draw(99))
    one = shop.add(photo, tags=("b", "a"))
    other = shop.add(photo, kind="dress", tags=("a",), price=10.0)
    for attribute, values in (("tags", ("a", "b")), ("price", (9.0,)), ("kind", ("shirt",))):
        shop.duplicates.take_value(attribute, one, other)
        number = shop.decisions.history(limit=1)[0].number
        (change,) = shop.decisions.changes(number, 10)
        assert (change.item, change.name, change.new) == (other, attribute, values)
    assert shop.duplicates.pairs("conflict", JobControl()) == []
    with pytest.raises(UsageError):
        shop.duplicates.take_value("nothing", one, other)


def test_answers_move_the_thresholds(shop: Shop):
    others = [
        shop.add(planted.altered(draw(seed), "cropped", np.random.default_rng(seed))) for seed in range(8)
    ]
    before = shop.duplicates.listing(None, JobControl()).thresholds
    found = {(pair.item, pair.other): pair.score for pair in shop.duplicates.pairs("near", JobControl())}
    for seed, other in enumerate(others):
        shop.duplicates.judge(seed + 1, other, "no")
    after = shop.duplicates.listing(None, JobControl()).thresholds
    assert after.alike > before.alike
    assert after.recoloured == before.recoloured
    assert found
    for seed, other in enumerate(others):
        shop.duplicates.judge(seed + 1, other, "variant")
    assert shop.duplicates.listing(None, JobControl()).thresholds.recoloured < before.recoloured


def test_only_new_photos_are_looked_at_again(shop: Shop):
    seen: list[Progress] = []
    shop.duplicates.found(JobControl())
    shop.add(jpeg(draw(0), 60))
    shop.duplicates.found(JobControl(seen.append))
    assert {step.total for step in seen if step.stage == "Looking at photos"} == {1}


def test_a_damaged_cache_is_made_again(shop: Shop):
    other = shop.add(jpeg(draw(0), 60))
    expected = shop.pairs("near")
    file = shop.catalog.path / FILE_NAME
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(bytes(data))
    assert shop.pairs("near") == expected == {(1, other)}
    file.write_bytes(b"")
    assert shop.pairs("near") == expected


def test_cancel_stops_it(shop: Shop):
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        shop.duplicates.found(control)


def test_photos_without_a_thumbnail_and_empty_catalogs(tmp_path: Path, shop: Shop):
    with shop.catalog.write() as connection:
        connection.execute("INSERT INTO item(number, id) VALUES (900, 'bare')")
        connection.execute(
            "INSERT INTO image(item, position, path, digest) VALUES (900, 0, 'x', ?)", (b"x" * 16,)
        )
    assert shop.duplicates.listing(None, JobControl()).counts["near"] == 0
    with (
        Catalog.open(tmp_path / "empty", create=True) as empty,
        Thumbnails.open(tmp_path / "empty") as thumbnails,
    ):
        found = Duplicates(empty, thumbnails, shop.use, Decisions(empty)).found(JobControl())
        assert len(found.items) == 0


def test_what_has_no_meaning_is_refused(shop: Shop):
    with pytest.raises(UsageError):
        shop.duplicates.pairs("similar", JobControl())  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        shop.duplicates.judge(3, 3, "duplicate")


def test_a_hash_is_of_shapes_and_not_of_colours():
    red, blue, other = (draw(1, (200, 40, 40)), draw(1, (40, 40, 200)), draw(2, (200, 40, 40)))
    tiles = shapes.tiles([Thumbnail(jpeg(image), *image.size, 0) for image in (red, blue, other)])
    hashes = shapes.hashes(tiles).astype(float)
    hashes /= np.linalg.norm(hashes, axis=1, keepdims=True)
    assert hashes[0] @ hashes[1] > 0.95
    assert hashes[0] @ hashes[2] < 0.9
    found = shapes.Comparison(tiles).differences(np.array([0, 0]), np.array([1, 2]))
    assert found[0, 0] < 0.1 * found[1, 0]
    assert found[0, 2] > 0.2 > found[1, 2]


def test_on_the_command_line(shop: Shop, run):
    import json

    other = shop.add(jpeg(draw(0), 60), kind="dress")
    path = shop.catalog.path
    code, out, _ = run("duplicates", path, "--kind", "near", "--json")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["id"], row["other"], row["kind"]) == ("p001", f"p{other:03}", "near")
    assert json.loads(run("duplicates", path, "--kind", "conflict", "--json")[1])[0]["conflicts"] == {
        "kind": [["shirt"], ["dress"]]
    }
    assert json.loads(run("duplicates", path, "--groups", "--json")[1]) == [
        {"keep": "p001", "items": ["p001", f"p{other:03}"]}
    ]
    assert "1 pair\n" in run("duplicates", path)[1]
    code, out, _ = run("duplicates", path, "--not-duplicate", "p001", f"p{other:03}", "--json")
    assert (code, json.loads(out)) == (0, [])
