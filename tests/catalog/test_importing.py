"""Imports of real tables and real folders: what comes in, what is reported, and that again changes nothing."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import unicodedata
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from visualsearch.catalog import cells, importing, previewing, text
from visualsearch.catalog.decisions import Decisions, ValueChange
from visualsearch.catalog.importing import ImportRequest, import_catalog, last_request
from visualsearch.catalog.previewing import preview
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.unusable import drop_photos, refuse_photos
from visualsearch.errors import (
    Cancelled,
    CatalogError,
    CatalogLocked,
    ReadOnlyCatalog,
    TableError,
    UsageError,
)
from visualsearch.jobs import JobControl, Progress


@pytest.fixture
def catalog(tmp_path: Path):
    with Catalog.open(tmp_path / "catalog", create=True) as opened:
        yield opened


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with images/1.jpg … images/4.jpg."""
    folder = tmp_path / "shop"
    for number in range(1, 5):
        photo(folder / "images" / f"{number}.jpg", number)
    return folder


def photo(file: Path, shade: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (shade % 256, shade // 256 % 256, 90)).save(file)


def table(folder: Path, content: str, name: str = "t.csv") -> Path:
    (folder / name).write_text(content, "utf-8")
    return folder / name


def run(catalog: Catalog, images: Path, table: Path | None = None, **options):
    return import_catalog(catalog, ImportRequest(images, table, **options), JobControl())


def state(catalog: Catalog) -> dict[str, tuple]:
    """Active items by id: values by attribute, and images' paths and digests in order."""
    items = {}
    for number in catalog.items_in_id_order().tolist():
        item = catalog.details(number)
        values = {attribute.name: attribute.values for attribute in item.attributes}
        items[item.id] = (values, [(image.path, image.digest) for image in item.images])
    return items


def found(catalog: Catalog, words: str) -> list[str]:
    """The ids that a text search finds."""
    answer = text.search(catalog, words, JobControl())
    return [] if answer is None else catalog.ids_of(answer[0])


def decide(catalog: Catalog, id: str, colour: str) -> None:
    number = catalog.number_of(id)
    assert number is not None
    Decisions(catalog).apply("set", "decided", values=[ValueChange(number, "colour", (colour,))])


def refused(report) -> list[tuple[str, str]]:
    return [(one.source, one.reason) for one in report.refused]


GOOD = "id,colour,price\n1,red,9.5\n2,blue,8\n3,red,\n4,green,7\n"


def test_a_table_comes_in(catalog: Catalog, shop: Path):
    report = run(catalog, shop, table(shop, GOOD))
    assert (report.items_new, report.images_new, report.refused) == (4, 4, [])
    assert report.columns["id"] == "id"
    assert report.columns["image"] == "images/{id}.jpg"
    assert report.columns["attributes"] == {"colour": "category", "price": "number"}
    assert (report.columns["encoding"], report.columns["delimiter"]) == ("utf-8", ",")
    values, images = state(catalog)["1"]
    assert values == {"colour": ("red",), "price": (9.5,)}
    assert [path for path, _ in images] == ["images/1.jpg"]
    assert state(catalog)["3"][0] == {"colour": ("red",)}
    assert found(catalog, "green") == ["4"]
    assert catalog.image_root == shop
    json.dumps(report.to_dict())


def test_again_changes_nothing(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD + "5,red,x\n6\n"))
    revision, before = catalog.revision, state(catalog)
    report = run(catalog, shop, shop / "t.csv")
    assert catalog.revision == revision
    assert state(catalog) == before
    assert (report.items_unchanged, report.images_unchanged) == (5, 4)
    assert (report.items_new, report.items_changed, report.items_gone) == (0, 0, 0)
    assert (report.images_new, report.images_changed, report.images_gone) == (0, 0, 0)
    assert [source for source, _ in refused(report)] == ["t.csv:6", "t.csv:7"]


def test_unchanged_photos_are_not_read_again(catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch):
    run(catalog, shop, table(shop, GOOD))
    monkeypatch.setattr(importing, "file_digest", lambda file: pytest.fail(f"{file} was read"))
    assert run(catalog, shop, shop / "t.csv").images_unchanged == 4


def test_a_touched_photo_is_unchanged_and_an_edited_one_is_not(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    catalog.refuse_images([(1, "bad"), (2, "bad")])
    os.utime(shop / "images/1.jpg", ns=(1, 1))
    photo(shop / "images/2.jpg", 99)
    before = state(catalog)
    report = run(catalog, shop, shop / "t.csv")
    assert (report.images_unchanged, report.images_changed) == (3, 1)
    assert state(catalog)["2"] != before["2"]
    assert [refusal.source for refusal in catalog.refusals()] == ["images/1.jpg"]  # other bytes may be usable


def test_rows_and_photos_vanish_and_come_back(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    before, numbers = state(catalog), catalog.items_in_id_order().tolist()
    table(shop, "id,colour,price\n1,red,9.5\n3,pink,\n4,green,7\n")
    (shop / "images/4.jpg").rename(shop / "4.away")
    report = run(catalog, shop, shop / "t.csv")
    assert (report.items_gone, report.items_changed, report.items_unchanged) == (1, 1, 2)
    assert (report.images_gone, report.images_unchanged) == (2, 2)
    assert refused(report) == [("t.csv:4", "images/4.jpg: there is no such file")]
    assert catalog.number_of("2") is None
    assert found(catalog, "blue") == []
    assert state(catalog)["3"][0] == {"colour": ("pink",)}
    assert catalog.counts().without_image == 1

    table(shop, GOOD)
    (shop / "4.away").rename(shop / "images/4.jpg")
    report = run(catalog, shop, shop / "t.csv")
    assert (report.items_new, report.items_changed, report.images_new) == (1, 1, 2)
    assert state(catalog) == before
    assert catalog.items_in_id_order().tolist() == numbers
    assert found(catalog, "blue") == ["2"]
    assert catalog.refusals() == []


@pytest.mark.parametrize(
    ("name", "whole", "damaged", "left"),
    [
        ("t.csv", "id,a\n1,x\n2,y\n3,z\n", 'id,a\n1,x\n2,"y\n3,new\n', "new"),
        ("t.jsonl", '{"id":1}\n{"id":2}\n{"id":3,"a":"z"}', '{"id":1}\n{"id":2', "z"),
        ("t.json", '[{"id":1},\n{"id":2},\n{"id":3,"a":"z"}]', '[{"id":1},\n', "z"),
    ],
)
def test_what_cannot_be_read_takes_no_item_away(
    catalog: Catalog, shop: Path, name: str, whole: str, damaged: str, left: str
):
    """A file that was cut off, or a row that is damaged: nobody knows of which items it told."""
    (shop / name).write_text(whole)
    run(catalog, shop, shop / name)
    (shop / name).write_text(damaged)
    report = run(catalog, shop, shop / name)
    assert len(report.refused) >= 1
    assert report.items_gone == 0
    assert any("left as they are" in note for note in report.notes)
    assert list(state(catalog)) == ["1", "2", "3"]
    assert state(catalog)["3"][0] == {"a": (left,)}
    (shop / name).write_text(whole.replace("2", "4"))
    report = run(catalog, shop, shop / name)
    assert (report.items_new, report.items_gone) == (1, 1), "whole again, it says what is gone"


def test_a_moved_photo_keeps_its_number(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, "id,image\n1,images/1.jpg\n2,images/2.jpg\n"))
    before = catalog.details(1).images[0]
    (shop / "images/1.jpg").rename(shop / "images/one.jpg")
    report = run(catalog, shop, table(shop, "id,image\n1,images/one.jpg\n2,images/2.jpg\n"))
    after = catalog.details(1).images[0]
    assert (report.images_moved, report.images_gone, report.images_new) == (1, 0, 0)
    assert (after.number, after.digest, after.path) == (before.number, before.digest, "images/one.jpg")


def test_the_photos_folder_or_its_parent(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    report = run(catalog, shop / "images", shop / "t.csv")
    assert (report.columns["image"], report.images_moved, report.items_unchanged) == ("{id}.jpg", 4, 4)
    assert catalog.image_root == shop / "images"


def test_several_photos_of_an_item(catalog: Catalog, shop: Path):
    content = "sku,image,colour\nA,images/2.jpg|images/1.jpg,red\nB,images/3.jpg,blue\nA,images/4.jpg,red\n"
    report = run(catalog, shop, table(shop, content))
    assert report.refused == []
    assert [path for path, _ in state(catalog)["A"][1]] == ["images/2.jpg", "images/1.jpg", "images/4.jpg"]
    assert run(catalog, shop, shop / "t.csv").images_unchanged == 4


def test_further_rows_of_an_item_in_a_later_batch(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch
):
    content = (
        "sku,image,colour\nA,images/2.jpg,red\nB,images/3.jpg,blue\nA,images/1.jpg,red\nB,images/4.jpg,blue\n"
    )
    monkeypatch.setattr(importing, "_BATCH", 2)
    for _ in range(2):
        report = run(catalog, shop, table(shop, content))
        assert report.refused == []
        assert [path for path, _ in state(catalog)["A"][1]] == ["images/2.jpg", "images/1.jpg"]
        assert [path for path, _ in state(catalog)["B"][1]] == ["images/3.jpg", "images/4.jpg"]
    assert (report.items_unchanged, report.images_unchanged, report.images_moved) == (2, 4, 0)


def images_of(catalog: Catalog) -> dict[str, list[str]]:
    return {id: [Path(path).name for path, _ in images] for id, (_, images) in state(catalog).items()}


TWO_ITEMS = {"A": ["1.jpg", "2.jpg"], "B": ["3.jpg", "4.jpg"]}


@pytest.mark.parametrize("batch", [1, 3, 5000])
@pytest.mark.parametrize("column", ["position", "View", "Image Alt Text", "sort_order", "whatever"])
def test_columns_of_the_photo_do_not_cost_photos(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch, column: str, batch: int
):
    monkeypatch.setattr(importing, "_BATCH", batch)
    content = f"sku,image,{column},colour\nA,1.jpg,1,red\nA,2.jpg,2,red\nB,3.jpg,1,blue\nB,4.jpg,2,blue\n"
    for _ in range(2):
        revision = catalog.revision
        report = run(catalog, shop / "images", table(shop, content))
        assert images_of(catalog) == TWO_ITEMS
        assert report.refused == []
        assert any(repr(column) in note and "first row" in note for note in report.notes)
        assert state(catalog)["A"][0] == {column: (1.0,), "colour": ("red",)}
    assert catalog.revision == revision


@pytest.mark.parametrize("batch", [1, 5000])
def test_empty_cells_of_further_rows_do_not_matter(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch, batch: int
):
    monkeypatch.setattr(importing, "_BATCH", batch)
    lines = ["Handle,Name,Image Src,Tags", 'A,Polo,1.jpg,"red, cotton"', "A,,2.jpg,", "B,Jeans,3.jpg,blue"]
    report = run(catalog, shop / "images", table(shop, "\n".join([*lines, "B,,4.jpg,", "B,,4.jpg,"])))
    assert images_of(catalog) == TWO_ITEMS
    assert refused(report) == [
        ("t.csv:6", "the id 'B' is on t.csv:4 already, with the same values and photo")
    ]
    assert report.notes == []


@pytest.mark.parametrize("batch", [1, 2, 5000])
def test_conflicts_cost_cells_and_not_photos(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch, batch: int
):
    monkeypatch.setattr(importing, "_BATCH", batch)
    lines = ["sku,image,gender,year,tags", "A,1.jpg,Women,2012,a|b", "A,2.jpg,Women,2012,b|a"]
    lines += ["B,3.jpg,Women,2012.0,", "B,4.jpg,Men,2013,c", "B,4.jpg,Men,2013,c"]
    for _ in range(2):
        report = run(catalog, shop / "images", table(shop, "\n".join(lines)), separators={"tags": "|"})
        assert images_of(catalog) == TWO_ITEMS
        assert refused(report) == [
            ("t.csv:5", "gender: 'Men' here, 'Women' on t.csv:4: kept 'Women'"),
            ("t.csv:5", "tags: 'c' here, none on t.csv:4: left empty"),
            ("t.csv:5", "year: '2013' here, '2012' on t.csv:4: kept '2012'"),
            ("t.csv:6", "the id 'B' is on t.csv:4 already, with other values"),
        ]
        assert state(catalog)["B"][0] == {"gender": ("Women",), "year": (2012.0,)}


def test_duplicate_and_empty_ids(catalog: Catalog, shop: Path):
    content = f"id,colour\n1,red\n1,blue\n1,red\n,red\n{'x' * 513},red\n2,blue\n"
    report = run(catalog, shop, table(shop, content))
    assert refused(report) == [
        ("t.csv:3", "the id '1' is on t.csv:2 already, with other values"),
        ("t.csv:4", "the id '1' is on t.csv:2 already, with the same values and photo"),
        ("t.csv:5", "the row has no id (column 'id' is empty)"),
        ("t.csv:6", "the id is longer than 512 characters"),
    ]
    assert state(catalog)["1"][0] == {"colour": ("red",)}
    assert sorted(state(catalog)) == ["1", "2"]


def test_years_formulas_and_cells_that_do_not_fit(catalog: Catalog, shop: Path):
    rows = "".join(f"{n},2012.0,=1+1\n" for n in range(1, 100))
    report = run(catalog, shop, table(shop, f"id,year,note\n{rows}100,soon,=1+1\n"), image="images/{id}.jpg")
    assert report.columns["attributes"] == {"year": "number", "note": "category"}
    assert state(catalog)["1"][0] == {"year": (2012.0,), "note": ("=1+1",)}
    assert ("t.csv:101", "'soon' is not a number: 'year' was left empty") in refused(report)
    assert state(catalog)["100"][0] == {"note": ("=1+1",)}


def test_types_are_kept(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    report = run(catalog, shop, table(shop, "id,colour,price\n1,12,cheap\n2,13,dear\n"))
    assert report.columns["attributes"] == {"colour": "category", "price": "number"}
    assert len(report.refused) == 2
    assert state(catalog)["1"][0] == {"colour": ("12",)}


def test_separators(catalog: Catalog, shop: Path):
    content = "id,tags,code\n1,a|b,x/y\n2,b|a,x\n3,a,y\n"
    report = run(catalog, shop, table(shop, content), separators={"code": "/", "tags": ""})
    assert report.columns["attributes"] == {
        "tags": "category",
        "code": "category, several separated by '/'",
    }
    assert state(catalog)["1"][0] == {"tags": ("a|b",), "code": ("x", "y")}
    run(catalog, shop, shop / "t.csv", separators={"tags": "|"})
    assert state(catalog)["1"][0]["tags"] == ("a", "b")
    assert state(catalog)["3"][0]["tags"] == ("a",)


def test_a_type_that_a_separator_changes_is_written_anew(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, "id,size\n1,38\n2,40\n3,41\n4,42\n"))
    assert state(catalog)["1"][0] == {"size": (38.0,)}
    run(catalog, shop, shop / "t.csv", separators={"size": "/"})
    assert state(catalog)["1"][0] == {"size": ("38",)}
    assert run(catalog, shop, shop / "t.csv").items_unchanged == 4


def test_a_given_type_is_taken_and_kept(catalog: Catalog, shop: Path):
    content = "id,size,code,note\n1,38,7,a|b\n2,40,8x,b|a\n3,41,9,a\n"
    wanted = {"size": "category", "code": "number", "note": "text"}
    report = run(catalog, shop, table(shop, content), types=wanted)
    assert report.columns["attributes"] == wanted
    assert refused(report) == [("t.csv:3", "'8x' is not a number: 'code' was left empty")]
    assert state(catalog)["1"][0] == {"size": ("38",), "code": (7.0,), "note": ("a|b",)}
    revision = catalog.revision
    for again in (wanted, None):
        report = run(catalog, shop, shop / "t.csv", types=again)
        assert (report.items_unchanged, len(report.refused), catalog.revision) == (3, 1, revision)
    request = last_request(catalog)
    assert request is not None
    assert request.types == wanted


def test_a_type_that_is_given_later_writes_the_values_anew(catalog: Catalog, tmp_path: Path, shop: Path):
    run(catalog, shop, table(shop, "id,size,tags\n1,38,1|2\n2,40,2\n3,41,x\n4,,1\n"))
    report = run(catalog, shop, shop / "t.csv", types={"size": "text", "tags": "number"})
    assert report.columns["attributes"] == {"size": "text", "tags": "number"}
    assert [reason for _, reason in refused(report)] == [
        "'1|2' is not a number: 'tags' was left empty",
        "'x' is not a number: 'tags' was left empty",
    ]
    assert state(catalog)["2"][0] == {"size": ("40",), "tags": (2.0,)}
    run(catalog, shop, shop / "t.csv", types={"tags": "number"}, separators={"tags": "|"})
    assert state(catalog)["1"][0] == {"size": ("38",), "tags": (1.0, 2.0)}
    run(catalog, shop, shop / "t.csv", types={"size": "number", "tags": "category"})
    with Catalog.open(tmp_path / "fresh", create=True) as fresh:
        given = {"size": "number", "tags": "category"}
        run(fresh, shop, shop / "t.csv", types=given, separators={"tags": "|"})
        assert state(catalog) == state(fresh)
    assert run(catalog, shop, shop / "t.csv").items_unchanged == 4


def test_lists_stay_lists_whatever_their_type(catalog: Catalog, shop: Path):
    lines = [{"id": "1", "sizes": ["38", "40"]}, {"id": "2", "sizes": ["41"]}]
    content = "".join(json.dumps(line) + "\n" for line in lines)
    run(catalog, shop, table(shop, content, "t.jsonl"), types={"sizes": "number"})
    assert state(catalog)["1"][0] == {"sizes": (38.0, 40.0)}


def test_a_skipped_column_is_left_out_until_it_is_wanted(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    for skip in (("price",), None):
        report = run(catalog, shop, shop / "t.csv", skip=skip)
        assert report.columns["attributes"] == {"colour": "category"}
        assert report.columns["skipped"] == ["price"]
        assert state(catalog)["1"][0] == {"colour": ("red",)}
    assert (report.items_unchanged, catalog.counts().attributes) == (4, 1)
    table(shop, "id,colour,price,size\n1,red,9.5,S\n")
    assert run(catalog, shop, shop / "t.csv").columns["skipped"] == ["price"]
    assert state(catalog)["1"][0] == {"colour": ("red",), "size": ("S",)}
    table(shop, "id,colour,size\n1,red,S\n")
    assert "skipped" not in run(catalog, shop, shop / "t.csv").columns
    table(shop, GOOD)
    assert "skipped" in run(catalog, shop, shop / "t.csv").columns
    run(catalog, shop, shop / "t.csv", types={"price": "text"})
    assert state(catalog)["1"][0] == {"colour": ("red",), "price": ("9.5",)}
    run(catalog, shop, shop / "t.csv", skip=("colour",))
    run(catalog, shop, shop / "t.csv", skip=())
    assert state(catalog)["1"][0] == {"colour": ("red",), "price": ("9.5",)}
    assert run(catalog, shop, shop / "t.csv").items_unchanged == 4


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"types": {"prize": "number"}}, "'prize'.*'price'"),
        ({"skip": ("colou",)}, "'colou'.*'colour'"),
        ({"types": {"price": "numbr"}}, "'numbr'.*'number'"),
        ({"types": {"price": "date"}}, "'date'.*category, number or text"),
        ({"types": {"id": "text"}}, "'id' holds the items' ids"),
        ({"skip": ("file",)}, "'file' holds photos"),
        ({"skip": ("price",), "types": {"price": "text"}}, "'price' is given a type, and skipped"),
    ],
)
def test_a_type_or_a_skipped_column_that_means_nothing_is_told(
    catalog: Catalog, shop: Path, options: dict, words: str
):
    content = "id,file,colour,price\n1,1.jpg,red,9.5\n2,2.jpg,blue,8\n"
    for first in (True, False):
        with pytest.raises(UsageError) as told:
            run(catalog, shop, table(shop, content), **options)
        assert re.search(words, f"{told.value} {told.value.hint}")
        assert catalog.counts().items == (0 if first else 2)
        run(catalog, shop, shop / "t.csv")


def test_a_preview_shows_types_and_what_is_skipped(catalog: Catalog, shop: Path):
    given = ImportRequest(shop, table(shop, GOOD), types={"price": "text"}, skip=("colour",))
    shown = preview(given)
    assert (shown.attributes, shown.types, shown.skipped) == (
        ["colour", "price"],
        {"price": "text"},
        ["colour"],
    )
    assert shown.rows[0][1]["colour"] == "red"
    import_catalog(catalog, given, JobControl())
    again = ImportRequest(shop, shop / "t.csv")
    assert preview(again).skipped == []
    shown = preview(again, catalog)
    assert (shown.types, shown.skipped) == ({"price": "text"}, ["colour"])


def test_columns_come_and_go(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, "id,colour,empty\n1,red,\n2,blue,\n"))
    assert catalog.counts().attributes == 1
    report = run(catalog, shop, table(shop, "id,size,colour\n1,S,red\n2,M,blue\n"))
    assert list(report.columns["attributes"]) == ["size", "colour"]
    assert [attribute.name for attribute in catalog.details(1).attributes] == ["size", "colour"]
    run(catalog, shop, table(shop, "id,size\n1,S\n2,M\n"))
    assert catalog.counts().attributes == 1
    assert state(catalog)["1"][0] == {"size": ("S",)}


def test_another_table_replaces_the_first(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    report = run(
        catalog, shop, table(shop, "sku,shade\n3,red\n9,blue\n", "other.csv"), image="images/{sku}.jpg"
    )
    assert (report.items_new, report.items_changed, report.items_gone) == (1, 1, 3)
    assert sorted(state(catalog)) == ["3", "9"]
    assert state(catalog)["3"][0] == {"shade": ("red",)}


def test_what_a_person_said_is_not_asked_twice(catalog: Catalog, shop: Path):
    content = "id,code,file\nx,A,images/1.jpg\ny,B,images/2.jpg\n"
    run(catalog, shop, table(shop, content), id="code", separators={"id": "/"})
    report = run(catalog, shop, shop / "t.csv")
    assert report.columns["id"] == "code"
    assert report.items_unchanged == 2
    again = last_request(catalog)
    assert again == ImportRequest(shop, shop / "t.csv", "code", "file", {"id": "/"})


def test_a_guessed_encoding_is_noted_and_can_be_corrected_for_good(catalog: Catalog, shop: Path):
    content = "id,colour\n1,šedá\n2,růžová\n"
    (shop / "t.csv").write_bytes(content.encode("cp1250"))
    report = run(catalog, shop, shop / "t.csv")
    assert report.columns["encoding"] == "cp1252"
    assert any("cp1252" in note and "name its encoding" in note for note in report.notes)
    for named in ("cp1250", None):
        report = run(catalog, shop, shop / "t.csv", encoding=named)
        assert (report.columns["encoding"], report.notes) == ("cp1250", [])
        assert state(catalog)["2"][0] == {"colour": ("růžová",)}
    (shop / "t.csv").write_text(content, "utf-8")
    assert run(catalog, shop, shop / "t.csv").columns["encoding"] == "utf-8"
    assert state(catalog)["2"][0] == {"colour": ("růžová",)}


def test_another_table_is_guessed_anew(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    report = run(catalog, shop, table(shop, "id,file\na,1.jpg\nb,2.jpg\n", "other.csv"))
    assert (report.columns["image"], report.refused) == ("images/{file}", [])


def test_a_table_without_photos_is_noted(catalog: Catalog, shop: Path):
    report = run(catalog, shop, table(shop, "sku,colour\nA,red\nB,blue\n"))
    assert (report.items_new, report.images_new, report.refused) == (2, 0, [])
    assert "no photos" in report.notes[0]


def test_json_lines_come_in(catalog: Catalog, shop: Path):
    lines = [{"id": n, "tags": ["a", "b"][: n % 3], "year": 2012.0} for n in (1, 2, 3)] + [
        {"id": 4, "new": "x"}
    ]
    file = table(shop, "".join(json.dumps(line) + "\n" for line in lines), "t.jsonl")
    report = run(catalog, shop, file)
    assert report.refused == []
    assert state(catalog)["2"][0] == {"tags": ("a", "b"), "year": (2012.0,)}
    assert state(catalog)["4"][0] == {"new": ("x",)}
    assert len(state(catalog)["1"][1]) == 1


def test_a_product_file_of_a_shop_comes_in(catalog: Catalog, shop: Path):
    """Several rows of a product are one item with several photos; what is only on the web is told, with what to do."""
    photos = shop / "images"
    names = sorted(photo.name for photo in photos.iterdir())[:2]
    rows = "Handle,Title,Image Src,Image Position,Option1 Name,Option1 Value\n"
    rows += f"shirt,Shirt,https://cdn/{names[1]}?v=2,2,Size,S\nshirt,,https://cdn/{names[0]},1,,M\n"
    report = run(catalog, photos, table(shop, rows + "cap,Cap,https://cdn/cap.jpg,1,,\n"))
    assert refused(report) == [("t.csv:4", "cap.jpg: there is no such file")]
    assert [path for path, _ in state(catalog)["shirt"][1]] == names
    assert report.columns["why"].startswith("the table is a product file of Shopify; 'Handle' is the id")
    assert report.columns["attributes"]["Size"].startswith("category, several")
    report = run(
        catalog,
        photos,
        table(shop, "Handle,Title,Image Src\ncap,Cap,https://cdn/cap.jpg\n", "u.csv"),
        replace=True,
    )
    assert "on the web" in report.refused[0].reason
    assert any("Save them below" in note for note in report.notes)


def test_photos_alone(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    for number, name in enumerate(["a.jpg", "men/shirts/b.PNG", "men/c.jpg", ".hidden.jpg", ".git/d.jpg"]):
        photo(root / name, number)
    (root / "notes.txt").write_text("not a photo")
    report = run(catalog, root)
    assert (report.items_new, report.images_new, report.refused) == (3, 3, [])
    assert {id: values for id, (values, _) in state(catalog).items()} == {
        "a.jpg": {},
        "men/c.jpg": {"folder": ("men",), "folder 1": ("men",)},
        "men/shirts/b.PNG": {"folder": ("men/shirts",), "folder 1": ("men",), "folder 2": ("shirts",)},
    }
    revision = catalog.revision
    assert run(catalog, root).items_unchanged == 3
    assert catalog.revision == revision


def test_a_photo_that_cannot_be_read_is_no_item_and_comes_back(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    for number in range(3):
        photo(root / f"{number}.jpg", number)
    run(catalog, root)
    refuse_photos(catalog, [(2, "It is damaged.")])
    assert sorted(state(catalog)) == ["0.jpg", "2.jpg"]
    assert (catalog.counts().items, catalog.counts().refused, catalog.counts().without_image) == (2, 1, 0)
    assert found(catalog, "1.jpg") == []
    revision = catalog.revision
    report = run(catalog, root)
    assert (report.items_unchanged, report.items_new, report.items_gone, report.images_unchanged) == (
        2,
        0,
        0,
        3,
    )
    assert catalog.revision == revision
    assert [one.source for one in catalog.refused_images()] == ["1.jpg"]
    os.utime(root / "1.jpg", ns=(1, 1))
    assert run(catalog, root).items_new == 0
    photo(root / "1.jpg", 77)
    report = run(catalog, root)
    assert (report.items_new, report.items_unchanged, report.images_changed) == (1, 2, 1)
    assert found(catalog, "1.jpg") == ["1.jpg"]
    assert catalog.refused_images() == []


def test_a_photo_that_vanished_is_no_item_until_it_is_back(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    for number in range(3):
        photo(root / f"{number}.jpg", number)
    run(catalog, root)
    before = state(catalog)
    (root / "1.jpg").rename(tmp_path / "away.jpg")
    assert catalog.ids_of(drop_photos(catalog, [2])) == ["1.jpg"]
    assert sorted(state(catalog)) == ["0.jpg", "2.jpg"]
    assert (catalog.counts().images, catalog.refusals(), found(catalog, "1.jpg")) == (2, [], [])
    report = run(catalog, root)
    assert (report.items_unchanged, report.items_gone, report.images_gone) == (2, 0, 0)
    (tmp_path / "away.jpg").rename(root / "1.jpg")
    report = run(catalog, root)
    assert (report.items_new, report.images_new, report.items_unchanged) == (1, 1, 2)
    assert state(catalog) == before
    assert found(catalog, "1.jpg") == ["1.jpg"]


def test_an_item_of_a_table_stays_without_its_photo(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    refuse_photos(catalog, [(2, "It is damaged.")])
    assert drop_photos(catalog, [3]) == []
    assert (catalog.counts().items, catalog.counts().without_image) == (4, 2)
    assert run(catalog, shop, shop / "t.csv").items_unchanged == 4
    assert catalog.counts().without_image == 1


def test_a_photo_without_permission_is_no_item(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def digest(file: str, real=importing.file_digest) -> bytes:
        if file.endswith("1.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(file)

    photo(tmp_path / "p" / "1.jpg", 1)
    photo(tmp_path / "p" / "2.jpg", 2)
    monkeypatch.setattr(importing, "file_digest", digest)
    report = run(catalog, tmp_path / "p")
    assert refused(report) == [("1.jpg", "cannot be read (Permission denied)")]
    assert sorted(state(catalog)) == ["2.jpg"]
    monkeypatch.undo()
    assert run(catalog, tmp_path / "p").items_new == 1


def test_pictures_that_are_not_decoded_are_named(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    photo(root / "1.jpg", 1)
    pictures = ["a/x.PSD", "x.eps", "x.ico", "x.jp2", "x.pdf", "x.ppm", "x.svg"]
    for name in [*pictures, "notes.txt", "t.xlsx", "Thumbs.db", ".x.svg", "x", "desktop.ini"]:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(b"x")
    report = run(catalog, root)
    assert refused(report)[0] == ("a/x.PSD", "a picture, but .psd is not a format that can be read")
    assert [source for source, _ in refused(report)] == pictures
    assert list(state(catalog)) == ["1.jpg"]


def test_a_forgotten_table_is_noted(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    report = run(catalog, shop)
    assert any(f"of the table {shop / 't.csv'}" in note for note in report.notes)
    assert not any("before this one" in note for note in run(catalog, shop).notes)


def test_what_is_said_of_a_table_needs_one(catalog: Catalog, shop: Path):
    for said in ({"id": "sku"}, {"image": "{id}.jpg"}, {"separators": {"a": "|"}}, {"encoding": "cp1252"}):
        with pytest.raises(UsageError, match="none was given"):
            run(catalog, shop, **said)


def test_a_table_beside_the_photos_is_mentioned_but_not_used(catalog: Catalog, shop: Path):
    table(shop, GOOD)
    for images in (shop, shop / "images"):
        report = run(catalog, images)
        assert any("t.csv" in note for note in report.notes)
        assert report.columns["attributes"].keys() <= {"folder"}


def test_odd_names_survive(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    names = ["new\nline.jpg", "qu'o\"te%.jpg", "Ünïcödé.jpg", "{id}.jpg", " space .jpg"]
    for number, name in enumerate(names):
        photo(root / name, number)
    undecodable = os.fsencode(root) + b"/b\xff\xfe.jpg"
    try:
        with open(undecodable, "wb") as stream:
            stream.write(b"bytes")
    except OSError:
        pytest.skip("this file system has only Unicode names")
    report = run(catalog, root)
    assert report.refused == []
    assert report.images_new == len(names) + 1
    for _, _, path, digest in catalog.pending_images():
        assert catalog.image_file(path).is_file()
        assert digest is not None
    assert set(names) < set(state(catalog))
    json.dumps(report.to_dict(), ensure_ascii=False).encode()
    json.dumps(sorted(state(catalog)), ensure_ascii=False).encode()
    assert run(catalog, root).items_unchanged == len(names) + 1


def test_names_are_found_in_other_case_and_composition(catalog: Catalog, tmp_path: Path):
    root = tmp_path / "photos"
    photo(root / "Images" / unicodedata.normalize("NFD", "Käse.JPG"), 1)
    photo(root / "Images" / "b.jpg", 2)
    content = "id,file\n1,images/käse.jpg\n2,Images\\b.jpg\n"
    report = run(catalog, root, table(tmp_path, content), image="file")
    assert report.refused == []
    assert state(catalog)["1"][1][0][0] == "Images/" + unicodedata.normalize("NFD", "Käse.JPG")
    assert state(catalog)["2"][1][0][0] == "Images/b.jpg"


def test_bad_paths_are_refused_and_named(catalog: Catalog, shop: Path, tmp_path: Path):
    photo(tmp_path / "outside.jpg", 1)
    (shop / "out.jpg").symlink_to(tmp_path / "outside.jpg")
    (shop / "in.jpg").symlink_to(shop / "images/1.jpg")
    (shop / "away").symlink_to(tmp_path)
    (shop / "loop.jpg").symlink_to(shop / "loop.jpg")
    os.mkfifo(shop / "pipe.jpg")
    cases = {
        "../outside.jpg": "leads out",
        "images/../../outside.jpg": "leads out",
        "..\\outside.jpg": "leads out",
        str(tmp_path / "outside.jpg"): "absolute path outside",
        "C:\\photos\\1.jpg": "absolute path outside",
        "\\\\server\\share\\1.jpg": "UNC",
        "//server/share/1.jpg": "UNC",
        "\\\\.\\PhysicalDrive0": "device",
        "CON": "device",
        "https://example.org/1.jpg": "web",
        "out.jpg": "symbolic link that leads out",
        "away/outside.jpg": "folder is a symbolic link",
        "loop.jpg": "circle",
        "pipe.jpg": "not a regular file",
        "images": "a folder",
        "n" * 300 + ".jpg": "cannot be read",
        "nothing.jpg": "no such file",
    }
    with open(shop / "t.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "file"])
        writer.writerows(
            enumerate([*cases, "in.jpg", str(shop / "images/2.jpg"), "images/./../images/3.jpg"])
        )
    report = run(catalog, shop, shop / "t.csv", image="file")
    assert len(report.refused) == len(cases)
    for (name, reason), one in zip(cases.items(), report.refused, strict=True):
        assert reason in one.reason, name
        assert one.reason.startswith(f"{name}: ")
    assert [path for _, images in state(catalog).values() for path, _ in images] == [
        "in.jpg",
        "images/2.jpg",
        "images/3.jpg",
    ]


def test_an_escape_is_refused_even_where_a_photo_of_that_name_is_inside(catalog: Catalog, shop: Path):
    rows = ["a,../images/1.jpg", "b,images/../images/2.jpg", "c,../elsewhere/3.jpg", "d,/elsewhere/4.jpg"]
    for named in ("file", None):
        report = run(
            catalog,
            shop / "images",
            table(shop, "\n".join(["id,file", *rows, "e,/proc/self/environ"])),
            image=named,
        )
        assert refused(report) == [
            ("t.csv:2", "../images/1.jpg: the path leads out of the image folder"),
            ("t.csv:4", "../elsewhere/3.jpg: the path leads out of the image folder"),
            ("t.csv:5", "/elsewhere/4.jpg: an absolute path outside the image folder"),
            ("t.csv:6", "/proc/self/environ: an absolute path outside the image folder"),
        ]
        assert report.columns["image"] == "{file:name}"  # since b is there by its name alone
        assert next(images for _, images in state(catalog).values() if images)[0][0] == "2.jpg"


def test_a_scan_stays_inside_and_ends(catalog: Catalog, shop: Path, tmp_path: Path):
    photo(tmp_path / "outside.jpg", 1)
    (shop / "out.jpg").symlink_to(tmp_path / "outside.jpg")
    (shop / "away").symlink_to(tmp_path)
    (shop / "images" / "again").symlink_to(shop)
    (shop / "loop.jpg").symlink_to(shop / "loop.jpg")
    (shop / "same.jpg").symlink_to(shop / "images/1.jpg")
    os.mkfifo(shop / "pipe.jpg")
    report = run(catalog, shop)
    assert [source for source, _ in refused(report)] == [
        "away",
        "images/again",
        "loop.jpg",
        "out.jpg",
        "pipe.jpg",
    ]
    assert report.items_new == 5


def test_an_unreadable_photo_is_named(catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch):
    def digest(file: str, real=importing.file_digest) -> bytes:
        if file.endswith("2.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(file)

    monkeypatch.setattr(importing, "file_digest", digest)
    report = run(catalog, shop, table(shop, GOOD))
    assert refused(report) == [("t.csv:3", "images/2.jpg: cannot be read (Permission denied)")]
    assert (report.items_new, report.images_new) == (4, 3)
    monkeypatch.undo()
    assert run(catalog, shop, shop / "t.csv").images_new == 1  # looked at again


def test_a_source_without_anything_usable_leaves_the_catalog(catalog: Catalog, shop: Path, tmp_path: Path):
    run(catalog, shop, table(shop, GOOD))
    before = state(catalog)
    (tmp_path / "empty").mkdir()
    again = last_request(catalog)
    with pytest.raises(CatalogError, match="no photos"):
        run(catalog, tmp_path / "empty")
    assert catalog.image_root == shop
    assert last_request(catalog) == again
    with pytest.raises(TableError, match="no usable row"):
        run(catalog, shop, table(shop, "id,colour\n1\n"))
    with pytest.raises(TableError, match="no folder"):
        run(catalog, tmp_path / "none")
    with pytest.raises(UsageError, match="no column"):
        run(catalog, shop, table(shop, GOOD), id="nothing")
    assert state(catalog) == before


@pytest.mark.parametrize("beside", ["nothing", "the table", "other photos"])
def test_a_table_without_its_photos_does_not_take_those_of_the_catalog_away(
    catalog: Catalog, shop: Path, tmp_path: Path, beside: str
):
    """The wrong folder, or one that a disk leaves where it was connected."""
    run(catalog, shop, table(shop, GOOD))
    before, revision, again = state(catalog), catalog.revision, last_request(catalog)
    other = tmp_path / "other"
    other.mkdir()
    rows = table(other if beside == "the table" else tmp_path, "id,shade\n1,dark\n2,light\n")
    if beside == "other photos":
        photo(other / "none of them.jpg", 50)
    patterns = [None] if beside == "other photos" else [None, "images/{id}.jpg"]
    for pattern in patterns:
        with pytest.raises(CatalogError, match="photo") as caught:
            run(catalog, other, rows, image=pattern)
        assert str(other) in str(caught.value)
        assert "any more" not in str(caught.value)
        assert str(shop) in caught.value.hint
        assert (state(catalog), catalog.revision, catalog.image_root) == (before, revision, shop)
        assert last_request(catalog) == again
    part = table(tmp_path, '[{"id": "1", "shade": {"set": "dark"}}]', "part.json")
    assert run(catalog, other, part).images_gone == 0, "it names no photos, and takes none away"


@pytest.mark.parametrize(
    "slip", ["pattern", "no photo column", "other id", "no table", "other products", "other photos"]
)
def test_a_slip_does_not_take_all_away_that_the_catalog_has(
    catalog: Catalog, shop: Path, tmp_path: Path, slip: str
):
    """Also where the folder is the same, once somebody has decided something: it is about items that would be gone."""
    run(catalog, shop, table(shop, GOOD))
    decide(catalog, "1", "teal")
    before, revision, again = state(catalog), catalog.revision, last_request(catalog)
    other = tmp_path / "other"
    photo(other / "5.jpg", 50)
    request = {
        "pattern": ImportRequest(shop, table(shop, GOOD, "u.csv"), image="pictures/{id}.jpg"),
        "no photo column": ImportRequest(shop, table(shop, "id,shade\n8,dark\n9,light\n", "v.csv")),
        "other id": ImportRequest(shop, table(shop, "id,photo\n8,1.jpg\n9,2.jpg\n", "w.csv")),
        "no table": ImportRequest(shop),
        "other products": ImportRequest(other, table(tmp_path, "id,photo\n5,5.jpg\n")),
        "other photos": ImportRequest(other),
    }[slip]
    with pytest.raises(CatalogError, match="would be gone") as caught:
        import_catalog(catalog, request, JobControl())
    assert "--replace" in caught.value.command
    assert (f"from the table {shop / 't.csv'}." in str(caught.value)) == (request.table is None)
    assert str(caught.value) == preview(request, catalog).would_lose
    assert (state(catalog), catalog.revision, catalog.image_root) == (before, revision, shop)
    assert last_request(catalog) == again
    report = import_catalog(catalog, replace(request, replace=True), JobControl())
    assert report.images_gone == 4
    assert last_request(catalog) is not None
    assert not last_request(catalog).replace, "it is not remembered"
    with nullcontext() if slip == "pattern" else pytest.raises(CatalogError):
        run(catalog, shop, shop / "t.csv")


@pytest.mark.parametrize("inner", [True, False])
def test_the_folder_within_or_the_one_that_holds_it_does_not_take_away_what_people_decided(
    catalog: Catalog, shop: Path, inner: bool
):
    """The photos are the same, but their paths, which are the items' ids, are not."""
    first, second = (shop, shop / "images") if inner else (shop / "images", shop)
    run(catalog, first)
    run(catalog, second)  # a first look is followed by another
    run(catalog, first)
    decide(catalog, "images/1.jpg" if inner else "1.jpg", "teal")
    before = state(catalog)
    with pytest.raises(CatalogError, match="its path in the folder is its id") as caught:
        run(catalog, second)
    assert str(first) in caught.value.hint
    assert state(catalog) == before
    assert run(catalog, second, replace=True).items_gone == 4


def test_a_preview_of_photos_tells_of_the_losses_that_the_import_sees(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch
):
    """It looks at the first photos of the folder only, and the catalog may know others of them."""
    monkeypatch.setattr(previewing, "_SAMPLE", 1)
    run(catalog, shop, table(shop, "id,photo\nimages/3.jpg,images/3.jpg\n"))
    decide(catalog, "images/3.jpg", "teal")
    request = ImportRequest(shop)
    assert preview(request, catalog).would_lose == ""
    assert import_catalog(catalog, request, JobControl()).items_gone == 0


@pytest.mark.parametrize("id", ["{0}/images/1.jpg", "./images/1.jpg", "images/.hidden.jpg", "images/1"])
def test_an_id_that_no_photo_of_a_folder_has_does_not_stay(catalog: Catalog, shop: Path, id: str):
    photo(shop / "images" / ".hidden.jpg", 9)
    rows = table(shop, f"id,photo\n{id.format(shop)},images/1.jpg\n")
    run(catalog, shop, rows, id="id", image="photo")
    decide(catalog, id.format(shop), "teal")
    assert "would be gone" in preview(ImportRequest(shop), catalog).would_lose


def test_the_columns_of_an_item_s_photos_give_it_all_of_them(catalog: Catalog, shop: Path):
    content = "id,Photo 1,Photo 2,Photo 3,colour\n1,2.jpg,1.jpg,,red\n2,,,3.jpg,blue\n3,,,,red\n4,4.jpg,9.jpg,,red\n"
    rows = table(shop, content)
    seen = preview(ImportRequest(shop, rows), catalog)
    assert seen.photos == ["Photo 1", "Photo 2", "Photo 3"]
    assert seen.attributes == ["colour"]
    report = run(catalog, shop, rows)
    assert refused(report) == [("t.csv:5", "images/9.jpg: there is no such file")]
    photos = {id: [path for path, _ in images] for id, (_, images) in state(catalog).items()}
    assert photos == {
        "1": ["images/2.jpg", "images/1.jpg"],
        "2": ["images/3.jpg"],
        "3": [],
        "4": ["images/4.jpg"],
    }
    revision = catalog.revision
    assert run(catalog, shop, rows).images_new == 0
    assert catalog.revision == revision
    with pytest.raises(UsageError, match="holds photos"):
        run(catalog, shop, rows, types={"Photo 2": "text"})
    moved = run(catalog, shop, rows, image="images/{Photo 1}")
    assert (moved.images_gone, moved.columns["attributes"]["Photo 2"]) == (2, "category")


def test_pictures_in_lists_of_objects_are_photos(catalog: Catalog, shop: Path):
    items = [
        {
            "id": "a",
            "images": [{"id": 1, "url": "https://x.y/1.jpg?w=9"}, {"id": 2, "url": "https://x.y/2.jpg"}],
        },
        {"id": "b", "images": [{"id": 3, "url": "https://x.y/3.jpg"}]},
    ]
    report = run(catalog, shop, table(shop, json.dumps(items), "t.json"))
    assert (report.refused, report.columns["image"]) == ([], "images/{images:name}")
    assert [path for path, _ in state(catalog)["a"][1]] == ["images/1.jpg", "images/2.jpg"]


def test_what_a_table_loses_while_it_is_read_is_not_gone(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch
):
    """Another program begins to write it anew."""
    monkeypatch.setattr(importing, "_BATCH", 1)
    rows = table(shop, GOOD)
    run(catalog, shop, rows)
    photo(shop / "images" / "1.jpg", 77)

    def write_anew(_: Path) -> None:
        rows.write_text("id,colour,price\n1,red,9.5\n2,blue,8\n")

    with pytest.raises(TableError, match="was changed while it was read"):
        import_catalog(catalog, ImportRequest(shop, rows), JobControl(), write_anew)
    assert sorted(state(catalog)) == ["1", "2", "3", "4"]
    assert run(catalog, shop, rows).items_gone == 2


def test_a_damaged_table_that_takes_nothing_away_is_not_asked_about(
    catalog: Catalog, shop: Path, tmp_path: Path
):
    """Where rows cannot be read nothing is gone; but another folder takes the photos away all the same."""
    run(catalog, shop, table(shop, "id,colour\n1,red\n2,blue\n"))
    decide(catalog, "1", "teal")
    damaged = table(shop, "id,colour\n3,red\n4,red,blue,x\n", "u.csv")
    assert preview(ImportRequest(shop, damaged), catalog).would_lose == ""
    report = run(catalog, shop, damaged)
    assert (report.items_gone, report.items_new, sorted(state(catalog))) == (0, 1, ["1", "2", "3"])
    photo(tmp_path / "other" / "images" / "7.jpg", 50)
    with pytest.raises(CatalogError, match="would be gone"):
        run(catalog, tmp_path / "other", table(tmp_path, "id,colour\n7,red\n8,red,blue,x\n"))


def test_a_part_whose_own_photos_are_missing_is_imported(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, GOOD))
    part = '[{"id": "1", "colour": {"set": "red"}, "image": {"set": "images/none.jpg"}}]'
    report = run(catalog, shop, table(shop, part, "part.json"), image="image")
    assert (report.images_gone, report.items_gone, len(report.refused)) == (0, 0, 1)


def test_photos_that_were_all_deleted_on_purpose_can_be_taken_away(catalog: Catalog, tmp_path: Path):
    photo(tmp_path / "photos" / "a.jpg", 1)
    run(catalog, tmp_path / "photos")
    (tmp_path / "photos" / "a.jpg").unlink()
    with pytest.raises(CatalogError, match="not there any more"):
        run(catalog, tmp_path / "photos")
    assert len(state(catalog)) == 1
    report = run(catalog, tmp_path / "photos", replace=True)
    assert (report.items_gone, report.images_gone, state(catalog)) == (1, 1, {})


def test_photos_whose_names_do_not_end_like_a_photo_s_are_imported_again(catalog: Catalog, tmp_path: Path):
    photo(tmp_path / "images" / "p.jpg", 1)
    (tmp_path / "images" / "p.jpg").rename(tmp_path / "images" / "p")
    rows = "id,photo,shade\n1,p,{}\n"
    run(catalog, tmp_path / "images", table(tmp_path, rows.format("dark")), image="photo")
    again = run(catalog, tmp_path / "images", table(tmp_path, rows.format("light")), image="photo")
    assert (again.images_gone, catalog.counts().images) == (0, 1)


@pytest.mark.parametrize("mount", [True, False])
@pytest.mark.parametrize("with_table", [True, False])
def test_nothing_vanishes_with_a_disk_that_is_disconnected(
    catalog: Catalog,
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    with_table: bool,
    mount: bool,
):
    """A disk leaves an empty folder where it was connected, or none."""
    monkeypatch.setattr(importing, "_BATCH", 1)
    source = table(tmp_path, GOOD) if with_table else None
    run(catalog, shop, source)
    before = state(catalog)

    def disconnect(progress: Progress) -> None:
        if progress.done == 2 and not away.exists():
            shop.rename(away)
            if mount:
                shop.mkdir()

    away = tmp_path / "away"
    with pytest.raises(CatalogError, match="not there any more") as caught:
        import_catalog(catalog, ImportRequest(shop, source), JobControl(disconnect))
    assert "import again" in caught.value.hint
    assert state(catalog) == before
    if mount:
        with pytest.raises(CatalogError, match="not there any more"):
            run(catalog, shop, source)
        assert state(catalog) == before
        shop.rmdir()
    away.rename(shop)
    assert run(catalog, shop, source).items_unchanged == 4
    assert state(catalog) == before


def test_a_folder_that_cannot_be_read_does_not_take_its_photos_away(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Nobody knows what is in it."""

    def scandir(folder: str | Path, real=os.scandir):
        if str(folder).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(folder)

    root = tmp_path / "photos"
    for number, name in enumerate(["open/1.jpg", "open/2.jpg", "locked/3.jpg"]):
        photo(root / name, number)
    run(catalog, root)
    before = state(catalog)
    monkeypatch.setattr(importing.os, "scandir", scandir)
    report = run(catalog, root)
    assert refused(report) == [("locked", "the folder cannot be read (Permission denied)")]
    assert (report.items_gone, len(report.notes)) == (0, 1)
    assert "A folder could not be read" in report.notes[0]
    assert state(catalog) == before
    monkeypatch.undo()
    (root / "locked" / "3.jpg").unlink()
    assert run(catalog, root).items_gone == 1
    monkeypatch.setattr(importing.os, "scandir", scandir)
    (root / "open" / "2.jpg").unlink()
    assert run(catalog, root).items_gone == 1, "no item was in the folder that cannot be read"


def test_a_cancelled_import_is_continued(catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(importing, "_BATCH", 1)
    control = JobControl(lambda progress: control.cancel() if progress.done == 2 else None)
    with pytest.raises(Cancelled):
        import_catalog(catalog, ImportRequest(shop, table(shop, GOOD)), control)
    assert 0 < catalog.counts().items < 4
    report = run(catalog, shop, shop / "t.csv")
    assert report.items_unchanged + report.items_new == 4
    assert report.items_unchanged > 0
    fresh = state(catalog)
    assert sorted(fresh) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("kind", ["number", "category", "text"])
def test_a_cancelled_import_that_changes_types_leaves_every_item_its_values(
    catalog: Catalog, tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch, kind: str
):
    before = {"number": "category", "category": "number", "text": "category"}[kind]
    was = {"number": ("S", "M", "L", "XL"), "category": (36, 38, 40, 42), "text": ("S", "M", "L", "XL")}[kind]
    rows = "".join(f"{at},{size},a\n" for at, size in enumerate(was, 1))
    run(catalog, shop, table(shop, f"id,size,fit\n{rows}5,{was[0]},a\n"), types={"size": before})
    assert catalog.counts().items == 5
    monkeypatch.setattr(importing, "_BATCH", 1)
    control = JobControl(
        lambda progress: (
            control.cancel() if (progress.stage, progress.done) == (importing.IMPORTING, 2) else None
        )
    )
    later = table(shop, "id,size,fit\n1,36,b\n2,38,b\n3,,b\n4,42,b\n", "later.csv")
    with pytest.raises(Cancelled):
        import_catalog(catalog, ImportRequest(shop, later, types={"size": kind}), control)
    there = state(catalog)
    assert [there[id][0]["fit"] for id in "1234"] != [("b",)] * 4  # not all of it was done
    new = {number: (float(number),) if kind == "number" else (str(number),) for number in (36, 38, 42)}
    assert [there[id][0].get("size") for id in "124"] == [new[36], new[38], new[42]]
    assert there["3"][0].get("size") is None
    others = {id: values[0]["size"] for id, values in there.items() if id not in "1234"}
    assert others == {"number": {}, "category": {"5": ("36",)}, "text": {"5": ("S",)}}[kind]
    assert Decisions(catalog).verify(JobControl()) == []
    words = {"number": [], "category": ["4"], "text": ["4"]}[kind]
    assert found(catalog, "42") == words
    run(catalog, shop, later, types={"size": kind})
    with Catalog.open(tmp_path / "fresh", create=True) as fresh:
        run(fresh, shop, later, types={"size": kind})
        assert state(catalog) == state(fresh)


@pytest.mark.parametrize("stage", [cells.READING, cells.CHANGING])
def test_types_change_wholly_or_not_at_all(
    catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch, stage: str
):
    run(catalog, shop, table(shop, "id,size\n1,S\n2,M\n"))
    before = catalog.revision, state(catalog)
    monkeypatch.setattr(cells, "_STEP", 1)
    control = JobControl(lambda progress: control.cancel() if progress.stage == stage else None)
    later = table(shop, "id,size\n1,36\n2,38\n", "later.csv")
    with pytest.raises(Cancelled):
        import_catalog(catalog, ImportRequest(shop, later, types={"size": "number"}), control)
    assert (catalog.revision, state(catalog)) == before


def test_a_type_does_not_change_where_an_unread_row_may_hold_the_value(catalog: Catalog, shop: Path):
    run(catalog, shop, table(shop, "id,size\n1,S\n2,M\n"))
    before = catalog.revision, state(catalog)
    lines = '{"id": "1", "size": "36"}\n{"id": "2", "size": \n'
    with pytest.raises(UsageError, match="'2' would lose its value"):
        run(catalog, shop, table(shop, lines, "later.jsonl"), types={"size": "number"})
    assert (catalog.revision, state(catalog)) == before


def test_a_killed_import_is_continued(catalog: Catalog, shop: Path):
    table(shop, GOOD)
    code = """
import os, sys
from pathlib import Path
from visualsearch.catalog import importing
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl
importing._BATCH = 1
def kill(progress):
    if progress.done == 3:
        os._exit(9)
shop = Path(sys.argv[2])
request = importing.ImportRequest(shop, shop / "t.csv")
importing.import_catalog(Catalog.open(Path(sys.argv[1])), request, JobControl(kill))
"""
    killed = subprocess.run([sys.executable, "-c", code, str(catalog.path), str(shop)])
    assert killed.returncode == 9
    report = run(catalog, shop, shop / "t.csv")
    assert report.items_unchanged >= 2
    assert report.items_unchanged + report.items_new == 4
    assert catalog.counts().images == 4


def test_two_imports_at_a_time_are_refused(catalog: Catalog, shop: Path):
    request = ImportRequest(shop, table(shop, GOOD))

    def second(progress) -> None:
        with pytest.raises(CatalogLocked, match="Another import"):
            import_catalog(catalog, request, JobControl())

    import_catalog(catalog, request, JobControl(second))
    with Catalog.open(catalog.path, read_only=True) as reading, pytest.raises(ReadOnlyCatalog):
        run(reading, shop, shop / "t.csv")


def test_a_full_disk_keeps_whole_batches(catalog: Catalog, shop: Path, monkeypatch: pytest.MonkeyPatch):
    run(catalog, shop, table(shop, GOOD))
    monkeypatch.setattr(importing, "_BATCH", 100)
    with catalog.write() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    rows = "".join(f"{n},{'long value ' * 10}{n},1\n" for n in range(1, 1001))
    with pytest.raises(CatalogError, match="disk is full"):
        run(catalog, shop, table(shop, "id,colour,price\n" + rows), image="images/{id}.jpg")
    with catalog.write() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert (catalog.counts().items - 4) % 100 in (0, 96)
    assert run(catalog, shop, shop / "t.csv", image="images/{id}.jpg").items_gone == 0
    assert catalog.counts().items == 1000


def test_progress_is_told(catalog: Catalog, shop: Path):
    seen = []
    import_catalog(catalog, ImportRequest(shop, table(shop, GOOD)), JobControl(seen.append))
    last = seen[-1]
    assert (last.stage, last.done, last.total) == (importing.IMPORTING, 4, 4)


def test_preview_writes_nothing(shop: Path):
    shown = preview(ImportRequest(shop, table(shop, GOOD + "5\n")))
    assert shown.columns.id == "id"
    assert shown.columns.image == "images/{id}.jpg"
    assert shown.types == {"colour": "category", "price": "number"}
    assert shown.rows[0] == ("t.csv:2", {"id": "1", "colour": "red", "price": "9.5"})
    assert [problem.source for problem in shown.problems] == ["t.csv:6"]
    alone = preview(ImportRequest(shop))
    assert alone.types == {"folder": "category"}
    assert alone.rows[0] == ("images/1.jpg", {"folder": "images"})


def test_the_development_catalogs(catalog: Catalog, fashion: Path, clothing: Path):
    report = run(catalog, fashion, fashion / "styles.csv")
    assert (report.items_new, report.images_new, report.refused) == (2000, 2000, [])
    assert report.columns["attributes"]["year"] == "number"
    assert report.columns["attributes"]["productDisplayName"] == "text"
    assert run(catalog, fashion / "images", fashion / "styles.csv").images_moved == 2000
    report = run(catalog, clothing, replace=True)
    assert report.items_new == 3068
    assert report.columns["attributes"] == {"folder": "category"}


IDS = st.sampled_from([f"i{n}" for n in range(8)])
ROWS = st.dictionaries(
    IDS,
    st.tuples(
        st.sampled_from(["", "red", "blue", "green"]),
        st.sampled_from(["", "1", "2.5", "2012.0"]),
        st.lists(st.sampled_from(["a.jpg", "b.jpg", "c.jpg", "gone.jpg"]), max_size=3),
    ),
    min_size=1,
)
ANCHOR = "anchor,red,7,a.jpg\n"  # keeps the types the same whatever the rest is


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(versions=st.lists(ROWS, min_size=2, max_size=3))
def test_edits_then_import_equal_a_fresh_import(tmp_path_factory, versions: list[dict]):
    folder = tmp_path_factory.mktemp("shop")
    for number, name in enumerate(["a.jpg", "b.jpg", "c.jpg"]):
        photo(folder / name, number)
    with Catalog.open(folder / "old", create=True) as old, Catalog.open(folder / "new", create=True) as new:
        for rows in versions:
            lines = [
                f"{id},{colour},{price},{'|'.join(files)}\n" for id, (colour, price, files) in rows.items()
            ]
            file = table(folder, "id,colour,price,image\n" + ANCHOR + "".join(lines))
            incremental = run(old, folder, file, id="id", image="image")
        revision, after = old.revision, state(old)
        again = run(old, folder, file)
        assert old.revision == revision
        assert state(old) == after
        assert again.items_unchanged == len(rows) + 1
        fresh = run(new, folder, file, id="id", image="image")
        assert state(new) == after
        assert refused(fresh) == refused(incremental) == refused(again)
        assert old.counts() == new.counts()


def photos_found(catalog: Catalog) -> dict[str, bool]:
    """Whether the photo of each active item is where the catalog looks for it."""
    numbers = catalog.items_in_id_order().tolist()
    items = [catalog.details(number) for number in numbers]
    return {item.id: all(image.file.is_file() for image in item.images) for item in items}


def test_a_cancelled_import_of_another_folder_takes_no_photo_away(
    catalog: Catalog, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run(catalog, shop, table(shop, GOOD))
    before = state(catalog)
    other = tmp_path / "other"
    for number in range(1, 4):
        photo(other / f"n{number}.jpg", 100 + number)
    monkeypatch.setattr(importing, "_BATCH", 1)
    control = JobControl(lambda progress: control.cancel() if progress.done == 2 else None)
    with pytest.raises(Cancelled):
        import_catalog(catalog, ImportRequest(other, replace=True), control)
    found = photos_found(catalog)
    assert len(found) > 4
    assert all(found.values())
    report = run(catalog, shop, shop / "t.csv")
    assert (report.items_unchanged, report.images_unchanged) == (4, 4)
    assert state(catalog)["1"][1] == before["1"][1]
    assert sorted(photos_found(catalog)) == ["1", "2", "3", "4"]
    assert all(photos_found(catalog).values())
    assert run(catalog, other, replace=True).images_new == 3  # one of them is back
    assert all(photos_found(catalog).values())


def test_a_part_from_another_folder_leaves_the_rest_its_photos(catalog: Catalog, shop: Path, tmp_path: Path):
    run(catalog, shop, table(shop, "id,colour,price,image\n1,red,9.5,images/1.jpg\n2,blue,8,images/2.jpg\n"))
    other = tmp_path / "other"
    photo(other / "9.jpg", 9)
    part = '[{"id": "9", "colour": {"set": "red"}, "image": {"set": "9.jpg"}}]'
    run(catalog, other, table(other, part, "part.json"))
    assert photos_found(catalog) == {"1": True, "2": True, "9": True}
