"""What is exported imports again without loss, whatever the values are."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from visualsearch.catalog.export_sidecar import sidecar_file
from visualsearch.catalog.exporting import FORMATS, Extent, check_target, export, format_of
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.neutralise import neutralised, restored
from visualsearch.catalog.store import Catalog
from visualsearch.errors import Cancelled, TableError, UsageError
from visualsearch.jobs import JobControl

FILES = ("a.jpg", "sub/b c.jpg", "=x.jpg", " lead.jpg", "one|two.jpg", "one;two.jpg", "ü.jpg", "'q.jpg")
SUFFIXES = {"shopify": "csv", "solr": "json"}
AWKWARD = (
    *(
        "=1+1",
        "'=1+1",
        "''=1",
        "+49 123",
        "-5",
        "-5a",
        "@home",
        "\ttab",
        "\rreturn",
        "'",
        "'s-Gravenhage",
        "＝1",
    ),
    *(
        "00123",
        "2012.0",
        "1e3",
        "a|b",
        "a;b",
        "a,b",
        'say "yes"',
        "two\nlines",
        "two\r\nlines",
        " blanks ",
        "é",
        "€",
    ),
    *("\u2028", "\x1f", "a\x85b", "null", "true", "[1]", "🧥", "¦"),
)
texts = st.one_of(
    st.sampled_from(AWKWARD), st.text(st.sampled_from("=+-@'\t\r\n\"|;,a0. é\x1f¦"), min_size=1, max_size=6)
)
numbers = st.one_of(
    st.integers(-3, 3000).map(float),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda one: one + 0.0),
)
names = st.sampled_from(
    (
        *("colour", "id", "images", "=cmd", "tags|x", "Image", "two words", "product name", "@"),
        *("Handle", "Title", "SKU"),
    )
)


@st.composite
def contents(draw: st.DrawFn) -> tuple[dict, dict, dict]:
    """(types, items, images): what a catalog holds."""
    types = draw(st.dictionaries(names, st.sampled_from(("category", "number", "text")), max_size=4))
    several = {name: draw(st.booleans()) for name in types}
    items: dict[str, dict] = {}
    images: dict[str, list[str]] = {}
    for id in draw(st.lists(texts, min_size=1, max_size=5, unique=True)):
        items[id] = {}
        for name, kind in types.items():
            value = numbers if kind == "number" else texts
            found = draw(st.lists(value, max_size=3 if several[name] else 1, unique=True))
            if found:
                items[id][name] = found
        images[id] = draw(st.lists(st.sampled_from(FILES), max_size=3, unique=True))
    return types, items, images


def state(catalog: Catalog) -> dict:
    found = {}
    for number in catalog.items_in_id_order():
        item = catalog.details(number)
        values = {(one.name, one.type): tuple(sorted(one.values)) for one in item.attributes}
        found[item.id] = values, [image.path for image in item.images]
    return found


def photos(folder: Path) -> Path:
    for name in FILES:
        file = folder / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return folder / "photos"


def add_images(catalog: Catalog, root: Path, images: dict[str, list[str]]) -> None:
    catalog.image_root = root
    with catalog.write() as connection:
        for item, paths in enumerate(images.values(), 1):
            connection.executemany(
                "INSERT INTO image (item, position, path) VALUES (?, ?, ?)",
                ((item, position, path) for position, path in enumerate(paths)),
            )


def write(catalog: Catalog, file: Path, extent: Extent | None = None, **rest: str):
    with catalog.read() as connection:
        kind = format_of(file, rest.pop("kind", None))
        return export(catalog, connection, file, kind, extent or Extent(), JobControl(), **rest)


@settings(max_examples=60)
@given(contents(), st.sampled_from(FORMATS), st.sampled_from(("", "https://cdn.example/p?s=")))
def test_what_is_exported_imports_again_without_loss(
    fill: Callable[..., None], content: tuple[dict, dict, dict], kind: str, image_url: str
) -> None:
    types, items, images = content
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root, file = photos(folder), folder / f"items.{SUFFIXES.get(kind, kind)}"
        with (
            Catalog.open(folder / "one", create=True) as one,
            Catalog.open(folder / "two", create=True) as two,
        ):
            fill(one, types, items)
            add_images(one, root, images)
            before = state(one)
            report = write(one, file, kind=kind, image_url=image_url)
            assert report.items == len(items)
            request = ImportRequest(root, file)
            for catalog in (two, one):
                imported = import_catalog(catalog, request, JobControl())
                assert not imported.refused
                assert state(catalog) == before
            again = import_catalog(two, request, JobControl())
            assert (again.items_new, again.items_changed, again.items_gone) == (0, 0, 0)
            assert state(two) == before


@given(st.one_of(texts, st.text()))
@example("\r0")
def test_a_neutralised_cell_is_harmless_and_comes_back(text: str) -> None:
    cell = neutralised(text)
    assert restored(cell) == text
    if cell[:1] in tuple("=@\t\r"):
        pytest.fail("a spreadsheet would run it")
    assert neutralised(cell) == (cell if cell == text else f"'{cell}")


def test_numbers_stay_numbers_for_a_spreadsheet() -> None:
    assert [neutralised(text) for text in ("-5", "+5.5", "-1,5", "=5", "-5a")] == [
        "-5",
        "+5.5",
        "-1,5",
        "'=5",
        "'-5a",
    ]


TYPES = {"colour": "category", "size": "number", "tags": "category", "name": "text"}
ITEMS = {
    "A 1": {"colour": ["=red"], "size": [2012.0], "tags": ["a", "b|c"], "name": ["Shirt, long"]},
    "b-2": {"colour": ["00123"], "tags": ["a"]},
    "c": {},
}
IMAGES = {"A 1": ["a.jpg", "sub/b c.jpg"], "b-2": ["ü.jpg"], "c": []}


@pytest.fixture
def small(make_catalog: Callable[..., Catalog], tmp_path: Path) -> Catalog:
    catalog = make_catalog(TYPES, ITEMS)
    add_images(catalog, photos(tmp_path), IMAGES)
    return catalog


def rows(file: Path) -> list[dict[str, str]]:
    with open(file, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_table_is_as_people_expect_it(small: Catalog, tmp_path: Path) -> None:
    report = write(small, tmp_path / "items.csv")
    first, second, third = rows(tmp_path / "items.csv")
    assert first == {
        **{"id": "A 1", "colour": "'=red", "size": "2012", "tags": "a;b|c"},
        **{"name": "Shirt, long", "images": "a.jpg|sub/b c.jpg"},
    }
    assert (second["colour"], third["colour"]) == ("00123", "")
    assert (report.neutralised, report.items) == (1, 3)
    assert report.import_with.endswith(f"--table {tmp_path / 'items.csv'}")
    write(small, tmp_path / "items.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "items.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["size"] == 2012
    assert lines[0]["tags"] == ["a", "b|c"]
    assert lines[0]["colour"] == "=red"
    assert lines[2] == {"id": "c"}


def test_a_part_of_a_catalog_is_brought_back_without_losing_the_rest(small: Catalog, tmp_path: Path) -> None:
    before = state(small)
    report = write(small, tmp_path / "part.tsv", Extent(np.array([2, 7], np.int32)))
    assert report.items == 1
    imported = import_catalog(small, ImportRequest(tmp_path / "photos", tmp_path / "part.tsv"), JobControl())
    assert imported.items_gone == 0
    assert any("a part of a catalog" in note for note in imported.notes)
    assert state(small) == before


def test_types_that_were_corrected_go_out_and_come_back(
    make_catalog: Callable[..., Catalog], tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("id,size,year,stock\na,00123,2012,1\nb,38,soon,2\n", "utf-8")
    photos(tmp_path)
    types = {"size": "number", "year": "text", "stock": "category"}
    request = ImportRequest(tmp_path / "photos", tmp_path / "t.csv", types=types)
    catalog = make_catalog({}, {}, {})
    import_catalog(catalog, request, JobControl())
    write(catalog, tmp_path / "out.csv")
    with Catalog.open(tmp_path / "other", create=True) as other:
        out = ImportRequest(tmp_path / "photos", tmp_path / "out.csv")
        assert import_catalog(other, out, JobControl()).columns["attributes"] == types
        assert state(other) == state(catalog)
        report = import_catalog(other, replace(out, types={"size": "text"}, skip=("stock",)), JobControl())
        assert report.columns["attributes"] == {"size": "text", "year": "text"}
        again = import_catalog(other, out, JobControl())
        assert (again.columns["skipped"], again.items_unchanged) == (["stock"], 2)


def test_a_part_of_a_catalog_changes_no_type(small: Catalog, tmp_path: Path) -> None:
    before = state(small)
    write(small, tmp_path / "part.csv", Extent(np.array([2], np.int32)))
    request = ImportRequest(tmp_path / "photos", tmp_path / "part.csv", types={"colour": "text"})
    with pytest.raises(UsageError, match="'colour' cannot become of type text"):
        import_catalog(small, request, JobControl())
    assert state(small) == before


def test_a_table_may_be_edited_and_saved_by_another_program(small: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    write(small, file)
    text = "id;colour;stock;images\r\nA 1;'=blue;7;a.jpg\r\nb-2;00123;8;\r\n"
    file.write_text(text, "utf-8")
    with Catalog.open(tmp_path / "other", create=True) as other:
        report = import_catalog(other, ImportRequest(tmp_path / "photos", file), JobControl())
        assert not report.refused
        assert state(other)["A 1"] == (
            {("colour", "category"): ("=blue",), ("stock", "number"): (7.0,)},
            ["a.jpg"],
        )
        assert state(other)["b-2"][0]["colour", "category"] == ("00123",)


def test_without_its_sidecar_or_with_given_columns_a_table_is_like_any_other(
    small: Catalog, tmp_path: Path
) -> None:
    file = tmp_path / "items.csv"
    write(small, file)
    request = ImportRequest(tmp_path / "photos", file, id="id", image="images", separators={"tags": ","})
    with Catalog.open(tmp_path / "other", create=True) as other:
        import_catalog(other, request, JobControl())
        assert state(other)["A 1"][0]["colour", "category"] == ("'=red",)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("{", "not valid JSON"),
        ('{"kind": "visualsearch-export", "version": 99}', "newer version"),
        ('{"kind": "visualsearch-export", "version": "1"}', "does not say its version"),
        ('{"kind": "visualsearch-export", "version": 1, "columns": 7}', "missing or of the wrong kind"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_an_odd_sidecar_is_told(small: Catalog, tmp_path: Path, text: str, part: str) -> None:
    file = tmp_path / "items.csv"
    write(small, file)
    sidecar_file(file).write_text(text, "utf-8")
    with pytest.raises(TableError, match=part):
        import_catalog(small, ImportRequest(tmp_path / "photos", file), JobControl())


@pytest.mark.parametrize("change", [{"type": "list"}, {"attribute": " "}, {"column": "id"}, {"separator": 3}])
def test_a_sidecar_with_an_odd_column_is_told(small: Catalog, tmp_path: Path, change: dict) -> None:
    file = tmp_path / "items.csv"
    write(small, file)
    body = json.loads(sidecar_file(file).read_text("utf-8"))
    body["columns"][0] |= change
    sidecar_file(file).write_text(json.dumps(body), "utf-8")
    with pytest.raises(TableError, match=r"items\.csv\.import\.json"):
        import_catalog(small, ImportRequest(tmp_path / "photos", file), JobControl())


def test_another_programs_file_beside_a_table_does_not_matter(small: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("id,colour\nx,red\n", "utf-8")
    sidecar_file(file).write_text('{"kind": "theirs"}', "utf-8")
    report = import_catalog(
        small, ImportRequest(tmp_path / "photos", file, id="id", replace=True), JobControl()
    )
    assert report.items_new == 1


def test_a_cancelled_export_leaves_what_was_there(small: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "items.csv"
    file.write_text("old", "utf-8")
    control = JobControl()
    control.cancel()
    with small.read() as connection, pytest.raises(Cancelled):
        export(small, connection, file, "csv", Extent(), control)
    assert file.read_text("utf-8") == "old"
    assert [one.name for one in tmp_path.glob("*items*")] == ["items.csv"]


def test_what_must_not_be_overwritten_is_not(small: Catalog, tmp_path: Path) -> None:
    table = tmp_path / "mine.csv"
    table.write_text("id,colour\nx,red\n", "utf-8")
    import_catalog(small, ImportRequest(tmp_path / "photos", table, id="id", replace=True), JobControl())
    for file in (table, small.path / "items.csv", tmp_path / "no" / "items.csv", tmp_path):
        with pytest.raises(UsageError):
            check_target(small, file)
    with pytest.raises(UsageError, match="does not tell the format"):
        format_of(tmp_path / "items.xlsx", None)
    names = ("a.CSV", "a.tab", "a.ndjson", "a.pq", "a.shopify.csv", "a.json")
    kinds = ["csv", "tsv", "jsonl", "parquet", "shopify", "solr"]
    assert [format_of(Path(name), None) for name in names] == kinds


@pytest.mark.parametrize("suffix", ["csv", "tsv", "txt", "json", "jsonl", "parquet", "pq", "xlsx", ""])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_format_is_not_written_under_the_name_of_another(
    small: Catalog, tmp_path: Path, kind: str, suffix: str
) -> None:
    """The import goes by the name: what it could not read again is not written."""
    file = tmp_path / f"items.{suffix}"
    json, parquet = suffix.startswith("json"), suffix in ("parquet", "pq")
    if suffix in ("xlsx", "") or (kind in ("jsonl", "solr"), kind == "parquet") != (json, parquet):
        with pytest.raises(UsageError, match="could not be read again"):
            write(small, file, kind=kind)
        assert not file.exists()
        return
    write(small, file, kind=kind)
    with Catalog.open(tmp_path / "other", create=True) as other:
        assert not import_catalog(other, ImportRequest(tmp_path / "photos", file), JobControl()).refused
        assert state(other) == state(small)


def test_a_product_file_for_shopify(small: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "a.shopify.csv"
    report = write(small, file, image_url="https://cdn.example/p/")
    first, photo, second, _ = rows(file)
    assert first["Title"] == "Shirt, long"
    assert first["URL handle"].startswith("a-1-")
    assert photo["URL handle"] == first["URL handle"]
    assert (first["SKU"], second["SKU"], second["URL handle"], second["Title"]) == (
        "A 1",
        "b-2",
        "b-2",
        "b-2",
    )
    assert first["Product image URL"] == "https://cdn.example/p/a.jpg"
    assert (photo["Product image URL"], photo["Image position"]) == (
        "https://cdn.example/p/sub/b%20c.jpg",
        "2",
    )
    assert photo["Title"] == ""
    assert first["tags (product.metafields.custom.tags)"] == '["a", "b|c"]'
    assert first["colour (product.metafields.custom.colour)"] == "'=red"
    assert report.sidecar == str(sidecar_file(file))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_shops_products_go_out_and_come_back_in_every_format(tmp_path: Path, kind: str) -> None:
    """Their columns keep the shop's names, and the tables stay what they are: a row an item."""
    root = photos(tmp_path)
    (tmp_path / "shop.csv").write_text(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Image Src,Image Position\n"
        f"shirt,Nice shirt,Size,S,S-1,{FILES[0]},1\nshirt,,,M,S-2,{FILES[1]},2\nshoe,Shoe,,,,,\n"
    )
    with (
        Catalog.open(tmp_path / "one", create=True) as one,
        Catalog.open(tmp_path / "two", create=True) as two,
    ):
        import_catalog(one, ImportRequest(root, tmp_path / "shop.csv"), JobControl())
        file = tmp_path / f"out.{SUFFIXES.get(kind, kind)}"
        write(one, file, kind=kind)
        report = import_catalog(two, ImportRequest(root, file), JobControl())
        assert not report.refused
        assert state(two) == state(one)


def test_an_export_under_another_name_is_noticed(small: Catalog, tmp_path: Path) -> None:
    write(small, tmp_path / "items.csv")
    copy = tmp_path / "edited.csv"
    copy.write_bytes((tmp_path / "items.csv").read_bytes())
    with Catalog.open(tmp_path / "other", create=True) as other:
        report = import_catalog(other, ImportRequest(tmp_path / "photos", copy, id="id"), JobControl())
        assert any("copy items.csv.import.json to edited.csv.import.json" in note for note in report.notes)
    sidecar_file(copy).write_bytes(sidecar_file(tmp_path / "items.csv").read_bytes())
    with Catalog.open(tmp_path / "third", create=True) as third:
        report = import_catalog(third, ImportRequest(tmp_path / "photos", copy), JobControl())
        assert not any("another name" in note for note in report.notes)
        assert state(third) == state(small)


def test_files_for_shops_come_back_without_their_sidecar(small: Catalog, tmp_path: Path) -> None:
    """By what is in them: only types must be guessed anew, and single values of what may have several."""
    for number, (name, url) in enumerate((("a.csv", ""), ("b.csv", "https://x/"), ("c.json", ""))):
        file = tmp_path / name
        write(small, file, kind="solr" if name == "c.json" else "shopify", image_url=url)
        sidecar_file(file).unlink()
        with Catalog.open(tmp_path / f"other {number}", create=True) as other:
            report = import_catalog(other, ImportRequest(tmp_path / "photos", file), JobControl())
            found = state(other)
        assert list(found) == list(IMAGES)
        values = {name: value for (name, _), value in found["A 1"][0].items()}
        assert values == {
            **{"colour": ("=red",), "size": (2012.0,), "tags": ("a", "b|c")},
            **{"name": ("Shirt, long",)},
        }
        if url:  # photos are found by the ends of their addresses, where they are there
            assert [images for _, images in found.values()] == [["a.jpg"], ["ü.jpg"], []]
            assert [
                (one.source, "b c.jpg: there is no such file" in one.reason) for one in report.refused
            ] == [("b.csv:2", True)]
        else:
            assert {id: images for id, (_, images) in found.items()} == IMAGES


def test_changes_for_solr_change_only_what_they_name(
    fill: Callable[..., None], small: Catalog, tmp_path: Path
) -> None:
    """What went out as atomic updates, brought into another copy of the catalog, makes it equal."""
    with Catalog.open(tmp_path / "other", create=True) as other:
        fill(other, TYPES, {**ITEMS, "A 1": {**ITEMS["A 1"], "colour": ["blue"]}, "c": {"colour": ["old"]}})
        add_images(other, tmp_path / "photos", IMAGES)
        changed = {"colour": np.array([1, 3], np.int32)}
        write(small, tmp_path / "a.json", Extent(np.array([1, 3], np.int32), changed))
        request = ImportRequest(tmp_path / "photos", tmp_path / "a.json")
        report = import_catalog(other, request, JobControl())
        assert (report.items_changed, report.items_gone, report.refused) == (2, 0, [])
        assert state(other) == state(small)
        sidecar_file(tmp_path / "a.json").unlink()
        assert import_catalog(other, request, JobControl()).items_unchanged == 2
        assert state(other) == state(small)


def test_documents_and_atomic_updates_for_solr(small: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    write(small, file)
    documents = json.loads(file.read_text("utf-8"))
    assert documents[0]["tags"] == ["a", "b|c"]
    assert documents[0]["images"] == IMAGES["A 1"]
    assert documents[2] == {"id": "c"}
    changed = {"colour": np.array([1, 3], np.int32), "size": np.array([1], np.int32)}
    write(small, file, Extent(np.array([1, 3], np.int32), changed))
    assert json.loads(file.read_text("utf-8")) == [
        {"id": "A 1", "colour": {"set": "=red"}, "size": {"set": 2012}},
        {"id": "c", "colour": {"set": None}},
    ]
    write(small, file, Extent(np.empty(0, np.int32), {}))
    assert json.loads(file.read_text("utf-8")) == []
