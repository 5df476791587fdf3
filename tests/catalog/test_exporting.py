"""What is exported imports again without loss, whatever the values are."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visualsearch.catalog.exporting import Extent, export, format_of
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.neutralise import neutralised, restored
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl

FILES = ("a.jpg", "sub/b c.jpg", "=x.jpg", " lead.jpg", "one|two.jpg", "one;two.jpg", "ü.jpg", "'q.jpg")
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
    ("colour", "id", "images", "=cmd", "tags|x", "Image", "two words", "product name", "@")
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
@given(contents(), st.sampled_from(("csv", "tsv", "jsonl", "parquet")))
def test_what_is_exported_imports_again_without_loss(
    fill: Callable[..., None], content: tuple[dict, dict, dict], suffix: str
) -> None:
    types, items, images = content
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root, file = photos(folder), folder / f"items.{suffix}"
        with (
            Catalog.open(folder / "one", create=True) as one,
            Catalog.open(folder / "two", create=True) as two,
        ):
            fill(one, types, items)
            add_images(one, root, images)
            before = state(one)
            report = write(one, file)
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
