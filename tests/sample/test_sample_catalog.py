"""The catalog on disk: determinism, growth, cancel and resume, attributes against the truth."""

from __future__ import annotations

import csv
import hashlib
import multiprocessing
import threading
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from visualsearch.errors import Cancelled, UsageError, VisualSearchError
from visualsearch.jobs import JobControl, Progress
from visualsearch.sample import MAXIMUM_ITEMS, MINIMUM_ITEMS, SampleReport, generate
from visualsearch.sample.assortment import KINDS, PATTERN_NAMES
from visualsearch.sample.palette import COLOURS
from visualsearch.sample.products import ATTRIBUTES, STYLE, product
from visualsearch.sample.scene import PHOTO_HEIGHT, PHOTO_WIDTH

SEED = 3


def few(folder: Path, items: int, seed: int = SEED, **options: int) -> SampleReport:
    return generate(folder, items, seed, JobControl(), at_least=1, **{"processes": 1, **options})


def contents(folder: Path) -> dict[str, str]:
    """Every file below the folder with its digest."""
    return {
        file.relative_to(folder).as_posix(): hashlib.blake2b(file.read_bytes(), digest_size=8).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest catalog that a person can ask for."""
    folder = tmp_path_factory.mktemp("sample")
    report = generate(folder, MINIMUM_ITEMS, SEED, JobControl(), processes=1)
    assert (report.items, report.kept) == (MINIMUM_ITEMS, 0)
    assert report.drawn == report.images == len(list((folder / "images").rglob("*.jpg")))
    return folder


def test_all_types_and_patterns_occur_in_the_smallest(catalog: Path):
    truth = rows(catalog / "truth.csv")
    assert {row["type"] for row in truth} == {kind.name for kind in KINDS}
    assert {row["print"] for row in truth} == set(PATTERN_NAMES)
    assert len({row["colour"] for row in truth}) >= 12
    assert sum(row["style"] == STYLE for row in truth if row["type"] == "Shirt") >= 10


def test_images_open_and_have_their_size(catalog: Path):
    named = [path for row in rows(catalog / "products.csv") for path in row["image"].split("|")]
    assert len(named) == len(set(named))
    assert sorted(named) == sorted(file.relative_to(catalog).as_posix() for file in catalog.rglob("*.jpg"))
    for path in named:
        with Image.open(catalog / path) as image:
            image.load()
            assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (PHOTO_WIDTH, PHOTO_HEIGHT))


def test_some_products_have_a_second_image(catalog: Path):
    doubles = [row for row in rows(catalog / "products.csv") if "|" in row["image"]]
    assert 0.06 < len(doubles) / MINIMUM_ITEMS < 0.2


def test_photos_of_different_products_differ(catalog: Path):
    digests = [digest for name, digest in contents(catalog).items() if name.endswith(".jpg")]
    assert len(set(digests)) == len(digests)


def test_table_says_what_the_truth_says_except_where_noted(catalog: Path):
    for said, true in zip(rows(catalog / "products.csv"), rows(catalog / "truth.csv"), strict=True):
        assert said["id"] == true["id"]
        blanked, wrong = true["blanked"].split("|"), true["wrong"].split("|")
        for attribute in ATTRIBUTES:
            if attribute in blanked:
                assert said[attribute] == ""
            elif attribute in wrong:
                assert said[attribute] not in ("", true[attribute])
            else:
                assert said[attribute] == true[attribute] != ""


def test_nobody_has_tagged_hawaiian(catalog: Path):
    assert STYLE.lower() not in (catalog / "products.csv").read_text("utf-8").lower()
    assert STYLE in (catalog / "truth.csv").read_text("utf-8")


def test_mistakes_are_as_frequent_as_promised():
    products = [product(SEED, number) for number in range(4000)]
    blanks = Counter(attribute for one in products for attribute in one.blanked)
    lies = Counter(attribute for one in products for attribute in one.wrong)
    assert 0.065 < blanks["pattern"] / len(products) < 0.095
    for attribute in (
        "gender",
        "type",
        "colour",
        "season",
        "year",
        "price",
        "usage",
        "tags",
        "brand",
        "category",
    ):
        assert 0.038 < blanks[attribute] / len(products) < 0.062
    for attribute in ("gender", "type", "category", "colour", "pattern", "season", "usage"):
        assert 0.02 < lies[attribute] / len(products) < 0.04
    assert blanks["name"] == lies["name"] == lies["price"] == lies["year"] == 0


def test_attributes_are_plausible():
    products = [product(SEED, number) for number in range(3000)]
    colours = Counter(one.truth["colour"] for one in products)
    assert set(colours) == set(COLOURS)
    assert colours.most_common(1)[0][1] > 5 * min(colours.values()), "colours have a long tail"
    for one in products:
        assert 2019 <= int(one.truth["year"]) <= 2026
        assert 4 < float(one.truth["price"]) < 500
        assert one.truth["colour"] in one.truth["name"]
        assert one.truth["type"] != "Dress" or one.truth["gender"] == "Women"
    tropical = Counter(one.truth["season"] for one in products if one.style == STYLE)
    assert tropical["Summer"] > tropical["Winter"] * 4


def test_same_recipe_same_bytes(catalog: Path, tmp_path: Path):
    few(tmp_path / "again", 40)
    small = contents(tmp_path / "again")
    large = contents(catalog)
    pictures = [name for name in small if name.endswith(".jpg")]
    assert len(pictures) >= 40
    assert all(small[name] == large[name] for name in pictures), (
        "a larger catalog begins with the smaller one"
    )
    for table in ("products.csv", "truth.csv"):
        assert (catalog / table).read_bytes().startswith((tmp_path / "again" / table).read_bytes())


def test_bytes_do_not_depend_on_the_number_of_processes(tmp_path: Path):
    few(tmp_path / "one", 24)
    report = few(tmp_path / "two", 24, processes=2)
    assert report.drawn == report.images >= 24
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not multiprocessing.active_children()


def test_cancel_reaches_the_processes(tmp_path: Path):
    control = JobControl(lambda progress: control.cancel())
    with pytest.raises(Cancelled):
        generate(tmp_path, 10_000, SEED, control, processes=2)
    assert not multiprocessing.active_children()


def test_death_of_a_process_is_told(tmp_path: Path):
    def kill(progress: Progress) -> None:
        for child in multiprocessing.active_children():
            child.kill()

    with pytest.raises(VisualSearchError, match="ended unexpectedly"):
        generate(tmp_path, 10_000, SEED, JobControl(kill), processes=2)
    assert not multiprocessing.active_children()


def test_other_seeds_give_other_catalogs():
    ones = [[product(seed, number).truth["name"] for number in range(20)] for seed in (1, 2)]
    assert ones[0] != ones[1]
    assert product(1, 5) == product(1, 5)


def test_cancelled_and_resumed_is_as_if_never_stopped(tmp_path: Path):
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    control = JobControl(lambda progress: control.cancel() if progress.done >= 10 else None)
    with pytest.raises(Cancelled):
        generate(stopped, 30, SEED, control, at_least=1, processes=1)
    assert not (stopped / "products.csv").exists(), "a table that is there is whole"
    half = contents(stopped)
    assert 10 <= len([name for name in half if name.endswith(".jpg")]) < 30
    report = few(stopped, 30)
    assert report.kept == len([name for name in half if name.endswith(".jpg")])
    assert report.drawn == report.images - report.kept
    few(whole, 30)
    assert contents(stopped) == contents(whole)


def test_half_written_files_do_not_survive(tmp_path: Path):
    few(tmp_path, 5)
    before = contents(tmp_path)
    first = tmp_path / product(SEED, 0).paths[0]
    first.with_name(first.name + ".new").write_bytes(first.read_bytes()[:100])  # as left by a kill
    first.write_bytes(b"")  # as left by a power cut
    report = few(tmp_path, 5)
    assert report.drawn == 1
    assert contents(tmp_path) == before


@pytest.mark.parametrize(("items", "seed"), [(8, SEED), (20, SEED), (12, SEED + 1)])
def test_another_recipe_in_the_same_folder_leaves_nothing_of_the_old(tmp_path: Path, items: int, seed: int):
    few(tmp_path / "used", 12)
    few(tmp_path / "used", items, seed)
    few(tmp_path / "fresh", items, seed)
    assert contents(tmp_path / "used") == contents(tmp_path / "fresh")


def test_files_of_a_person_are_left_alone(tmp_path: Path):
    few(tmp_path, 3)
    mine = tmp_path / "images" / "000" / "holiday.jpg"
    mine.write_bytes(b"mine")
    few(tmp_path, 3, SEED + 1)
    assert mine.read_bytes() == b"mine"


def test_folder_with_other_things_is_refused(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(UsageError, match="not empty"):
        few(tmp_path, 3)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("recipe", ["", "[]", '{"seed": 1}', "\x00"])
def test_damaged_recipe_is_refused(tmp_path: Path, recipe: str):
    (tmp_path / "recipe.json").write_text(recipe)
    with pytest.raises(UsageError, match="no sample catalog"):
        few(tmp_path, 3)


def test_file_instead_of_a_folder_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        few(tmp_path / "file", 3)


@pytest.mark.parametrize("items", [-1, 0, MINIMUM_ITEMS - 1, MAXIMUM_ITEMS + 1])
def test_sizes_out_of_bounds_are_refused(tmp_path: Path, items: int):
    with pytest.raises(UsageError, match="300 to 1,000,000"):
        generate(tmp_path / "none", items, SEED, JobControl())
    assert not (tmp_path / "none").exists()


def test_disk_trouble_is_told(tmp_path: Path):
    few(tmp_path, 2)
    (tmp_path / "products.csv").unlink()
    (tmp_path / "products.csv.new").mkdir()  # nobody can write a file of this name now
    with pytest.raises(VisualSearchError, match="cannot be written"):
        few(tmp_path, 2)


def test_progress_counts_items_and_waits_while_paused(tmp_path: Path):
    seen: list[Progress] = []
    control = JobControl(seen.append)
    control.pause()
    job = threading.Thread(target=lambda: generate(tmp_path, 30, SEED, control, at_least=1, processes=1))
    job.start()
    job.join(timeout=0.3)
    assert job.is_alive()
    assert not list(tmp_path.rglob("*.jpg"))
    control.resume()
    job.join(timeout=60)
    assert seen[-1].done == seen[-1].total == 30
    drawing = [progress.done for progress in seen if progress.stage.startswith("Drawing")]
    assert drawing == sorted(drawing)


def test_ids_and_shards_of_the_largest_catalog():
    last = product(SEED, MAXIMUM_ITEMS - 1)
    assert last.id == "VS-1999999"
    assert last.paths[0] == "images/999/VS-1999999.jpg"
    assert product(SEED, 0).id == "VS-1000000"
