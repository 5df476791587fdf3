"""What the window asks about results, on a real catalog with copies and items of several photos."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visualsearch.catalog.arranging import Arrangement
from visualsearch.catalog.importing import ImportRequest, import_catalog
from visualsearch.catalog.operations import ValueChange
from visualsearch.catalog.store import Catalog
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Four items: a1 and a2 look the same byte for byte, b1 has two photos, b2 none that can be read."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, colour in (("a1", "red"), ("a2", "red"), ("b1", "blue"), ("b1_2", "green")):
        Image.new("RGB", (40, 40), colour).save(photos / f"{name}.jpg")
    (tmp_path / "table.csv").write_text(
        "id,image,kind,price\na1,a1.jpg,one,1.5\na2,a2.jpg,one,2.5\nb1,b1.jpg|b1_2.jpg,two,10\nb2,,two,\n",
        "utf-8",
    )
    folder = tmp_path / "catalog"
    with Catalog.open(folder, create=True) as catalog:
        report = import_catalog(catalog, ImportRequest(photos, tmp_path / "table.csv"), JobControl())
        assert report.items_new == 4, report
        images = catalog.pending_images()
        with catalog.write() as connection:
            for number, _item, path, _digest in list(images):
                import hashlib

                content = catalog.image_file(path).read_bytes()
                digest = hashlib.blake2b(content, digest_size=16).digest()
                connection.execute("UPDATE image SET digest = ? WHERE number = ?", (digest, number))
    with Workspace.open(folder) as opened:
        yield opened


def numbers(workspace: Workspace, *ids: str) -> np.ndarray:
    return np.array([workspace.number_of(name) for name in ids], np.int32)


def test_copies_stand_behind_the_best(workspace):
    items = numbers(workspace, "a2", "b1", "a1", "b2")
    found = workspace.browsing.arrange(items, None, Arrangement(hide_copies=True))
    assert workspace.ids_of(found.items.tolist()) == ["a2", "b1", "b2"]
    assert found.copies is not None
    assert found.copies.tolist() == [1, 0, 0]


def test_images_are_counted_and_ids_completed(workspace):
    items = numbers(workspace, "b1", "a1", "b2").tolist()
    assert workspace.browsing.image_counts(items) == [2, 1, 0]
    assert workspace.browsing.ids_starting("b") == ["b1", "b2"]
    assert workspace.browsing.ids_starting("b", 1) == ["b1"]
    assert workspace.browsing.ids_starting("c") == []


def test_values_are_counted_as_the_catalog_has_them(workspace):
    assert workspace.browsing.counts() == {"kind": {"one": 2, "two": 2}}
    # as an import does with a row that vanished
    with Catalog.open(workspace.path) as catalog, catalog.write() as connection:
        connection.execute("UPDATE item SET gone = 1 WHERE id = 'b2'")
    workspace.decisions.apply(
        "set", "change", values=[ValueChange(workspace.number_of("a1"), "kind", ("three",))]
    )
    assert workspace.refresh()
    assert workspace.browsing.counts() == {"kind": {"one": 1, "three": 1, "two": 1}}
    assert workspace.browsing.counts()["kind"] == workspace.vocabulary.values("kind")


def test_a_histogram_of_results(workspace):
    items = numbers(workspace, "a1", "b2")
    found = workspace.browsing.histogram("price", items)
    assert found is not None
    assert (found.low, found.high, found.integer, found.missing) == (1.5, 10.0, False, 1)
    assert found.whole.sum() == 3
    assert found.counts.sum() == 1
    assert workspace.browsing.histogram("kind", items) is None
