"""The catalog as a file: opening it well and badly, transactions, readers."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualsearch.catalog import active_images, database, paths, schema
from visualsearch.catalog.store import FILE_NAME, AttributeValue, Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import Cancelled, CatalogError, CatalogLocked, CatalogTooNew, ReadOnlyCatalog
from visualsearch.jobs import JobControl


@pytest.fixture
def catalog(tmp_path: Path):
    with Catalog.open(tmp_path / "catalog", create=True) as opened:
        yield opened


def fill(catalog: Catalog) -> None:
    """Items b (1), a (2) and c (3, gone); two images of b, one of a."""
    with catalog.write() as connection:
        connection.executemany("INSERT INTO item (id, gone) VALUES (?, ?)", [("b", 0), ("a", 0), ("c", 1)])
        connection.executemany(
            "INSERT INTO image (item, position, path, digest, gone) VALUES (?, ?, ?, ?, ?)",
            [
                (1, 1, "b2.jpg", bytes([2] * 16), 0),
                (1, 0, "b1.jpg", bytes([1] * 16), 0),
                (2, 0, "a.jpg", bytes([3] * 16), 0),
                (3, 0, "c.jpg", bytes([4] * 16), 1),
            ],
        )
        connection.execute("INSERT INTO attribute VALUES (1, 'colour', 'category', '|', 0)")
        connection.execute("INSERT INTO attribute VALUES (2, 'price', 'number', '', 1)")
        connection.executemany("INSERT INTO category_value VALUES (?, 1, ?)", [(1, "red"), (2, "blue")])
        connection.executemany("INSERT INTO item_value VALUES (?, 1, ?)", [(1, 1), (1, 2), (2, 9.5)])


def test_readers_show_what_is_active(catalog: Catalog):
    fill(catalog)
    counts = catalog.counts()
    assert (counts.items, counts.images, counts.refused, counts.without_image, counts.attributes) == (
        2,
        3,
        0,
        0,
        2,
    )
    assert catalog.items_in_id_order().tolist() == [2, 1]
    assert catalog.items_in_id_order(limit=1).tolist() == [2]
    assert np.asarray(catalog.items_in_id_order()).dtype == np.int32
    assert catalog.ids_of(np.array([1, 2, 1])) == ["b", "a", "b"]
    assert (catalog.number_of("a"), catalog.number_of("c"), catalog.number_of("d")) == (2, None, None)
    assert catalog.first_digests([1, 2, 3]) == {1: bytes([1] * 16), 2: bytes([3] * 16)}
    items, digests = catalog.active_images()
    assert items.tolist() == [1, 1, 2]
    assert digests[:, 0].tolist() == [1, 2, 3]
    assert digests.shape == (3, 16)


def test_active_images_are_read_in_order_however_many_there_are(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items without an image, several at the wrong place, and more of them than are read at once."""
    rows = [
        (item, place, (item * 7 + place) % 251) for item in range(1, 60) if item % 4 for place in (2, 0, 1)
    ]
    with catalog.write() as connection:
        connection.executemany(
            "INSERT INTO item (number, id) VALUES (?, ?)", [(n, str(n)) for n in range(1, 60)]
        )
        connection.executemany(
            "INSERT INTO image (item, position, path, digest) VALUES (?, ?, ?, ?)",
            [(item, place, f"{item}-{place}", bytes([tint] * 16)) for item, place, tint in rows],
        )
    for at_once in (1, 7, 100_000):
        monkeypatch.setattr(active_images, "_ITEMS", at_once)
        items, digests = catalog.active_images()
        assert items.dtype == np.int32
        found = list(zip(items.tolist(), digests[:, 5].tolist(), strict=True))
        assert found == [(item, tint) for item, _, tint in sorted(rows)]
    control = JobControl()
    control.cancel()
    with pytest.raises(Cancelled):
        catalog.active_images(control)


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_different_digests_are_those_that_numpy_finds(count: int) -> None:
    rng = np.random.default_rng(count)
    digests = rng.integers(0, 256, (40, 16), np.uint8)[rng.integers(0, 40, count)]
    digests[:, 3:] = 0  # of many only the first bytes differ, as of few the last
    found, which = active_images.different(digests)
    expected, places = np.unique(digests, axis=0, return_inverse=True)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(which, places.reshape(-1))


def test_details_have_values_and_images_in_order(catalog: Catalog, tmp_path: Path):
    fill(catalog)
    catalog.image_root = tmp_path
    details = catalog.details(1)
    assert details.id == "b"
    assert details.attributes == [
        AttributeValue("colour", "category", ("blue", "red")),
        AttributeValue("price", "number", (9.5,)),
    ]
    assert [image.path for image in details.images] == ["b1.jpg", "b2.jpg"]
    assert details.images[0].file == tmp_path / "b1.jpg" == catalog.image_file("b1.jpg")
    assert catalog.details(3).gone
    with pytest.raises(KeyError):
        catalog.details(99)


def test_a_refused_image_is_remembered_and_left_out(catalog: Catalog):
    fill(catalog)
    catalog.refuse_images([(2, "truncated")])
    assert catalog.first_digests([1]) == {1: bytes([2] * 16)}
    assert [number for number, *_ in catalog.pending_images()] == [1, 3]
    assert catalog.counts().refused == 1
    (refusal,) = catalog.refusals()
    assert (refusal.source, refusal.reason) == ("b1.jpg", "truncated")
    assert refusal.at.endswith("+00:00")
    revision = catalog.revision
    catalog.refuse_images([(2, "truncated")])
    assert catalog.revision == revision


def test_pending_images_come_page_by_page(catalog: Catalog, tmp_path: Path):
    catalog.image_root = tmp_path
    with catalog.write() as connection:
        connection.execute("INSERT INTO item (id) VALUES ('a')")
        connection.executemany(
            "INSERT INTO image (item, position, path) VALUES (1, ?, ?)",
            [(n, f"{n}.jpg") for n in range(5001)],
        )
    pending = list(catalog.pending_images())
    assert [number for number, *_ in pending] == list(range(1, 5002))
    assert pending[0] == (1, 1, "0.jpg", None)


def test_the_revision_grows_with_changes_only(catalog: Catalog):
    before = catalog.revision
    catalog.set_meta("key", "value")
    after = catalog.revision
    assert after > before
    catalog.set_meta("key", "value")
    assert catalog.revision == after
    assert catalog.meta("key") == "value"
    assert catalog.meta("other") is None
    assert catalog.meta("other", "default") == "default"


def test_the_revision_shows_another_process(catalog: Catalog):
    before = catalog.revision
    code = "import sys; from pathlib import Path; from visualsearch.catalog.store import Catalog\n"
    code += "with Catalog.open(Path(sys.argv[1])) as catalog: catalog.set_meta('from', 'elsewhere')"
    subprocess.run([sys.executable, "-c", code, str(catalog.path)], check=True)
    assert catalog.revision == before + 1
    assert catalog.meta("from") == "elsewhere"


def test_a_failed_write_leaves_nothing(catalog: Catalog):
    revision = catalog.revision
    with pytest.raises(sqlite3.IntegrityError), catalog.write() as connection:
        connection.executemany("INSERT INTO item (id) VALUES (?)", [("half",), ("half",)])
    assert catalog.number_of("half") is None
    assert catalog.revision == revision


def test_a_reader_sees_one_moment(catalog: Catalog):
    fill(catalog)
    with catalog.read() as connection:
        (before,) = connection.execute("SELECT COUNT(*) FROM item").fetchone()
        with catalog.write() as writer:
            writer.execute("INSERT INTO item (id) VALUES ('new')")
        assert connection.execute("SELECT COUNT(*) FROM item").fetchone() == (before,)
    assert catalog.number_of("new") is not None


def test_a_reading_connection_cannot_write(catalog: Catalog):
    with pytest.raises(ReadOnlyCatalog), catalog.read() as connection:
        connection.execute("DELETE FROM item")


def test_connections_of_ended_threads_are_closed(catalog: Catalog):
    fill(catalog)
    threads = [threading.Thread(target=catalog.counts) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    catalog.close()
    catalog.close()
    assert not (catalog.path / f"{FILE_NAME}-wal").exists()  # SQLite removes it with the last connection
    with pytest.raises(CatalogError, match="closed"):
        catalog.counts()
    with pytest.raises(CatalogError, match="closed"):
        catalog.set_meta("key", "value")


def test_close_waits_for_no_reader(catalog: Catalog):
    fill(catalog)
    with catalog.read() as connection:
        catalog.close()
        assert connection.execute("SELECT COUNT(*) FROM item").fetchone() == (3,)


@pytest.mark.parametrize(
    "make", [lambda path: None, lambda path: path.mkdir(), lambda path: path.write_text("x")]
)
def test_no_catalog_there(tmp_path: Path, make):
    make(tmp_path / "catalog")
    with pytest.raises(CatalogError, match="There is no catalog"):
        Catalog.open(tmp_path / "catalog")


def test_a_catalog_that_cannot_be_made_is_not_said_to_be_missing(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(CatalogError, match="cannot be opened") as caught:
        Catalog.open(tmp_path / "file" / "catalog", create=True)
    assert "choose another name" in caught.value.hint


def test_an_empty_file_is_made_whole_by_create(tmp_path: Path):
    (tmp_path / FILE_NAME).touch()  # a creation that was killed
    with pytest.raises(CatalogError, match="empty"):
        Catalog.open(tmp_path)
    with Catalog.open(tmp_path, create=True) as catalog:
        assert catalog.counts().items == 0


@pytest.mark.parametrize("content", [b"not a database at all " * 100, b"SQLite format 3\0" + b"\xff" * 4080])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, content: bytes):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(CatalogError, match="damaged"):
        Catalog.open(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_damage_inside_is_a_sentence(catalog: Catalog):
    with catalog.write() as connection:
        connection.executemany("INSERT INTO item (id) VALUES (?)", [(f"item {n}",) for n in range(20_000)])
    catalog.close()
    file = catalog.path / FILE_NAME
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 65536] = b"\xa5" * 65536
    file.write_bytes(content)
    with Catalog.open(catalog.path) as damaged, pytest.raises(CatalogError, match="damaged"):
        damaged.items_in_id_order()


def _set_in_file(catalog: Catalog, statement: str) -> None:
    """As damage does it: past all that SQLite and the program check when they write."""
    catalog.close()
    with sqlite3.connect(catalog.path / FILE_NAME) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(statement)
    connection.close()


def test_a_flipped_byte_that_sqlite_does_not_see_is_a_sentence(catalog: Catalog):
    fill(catalog)
    _set_in_file(catalog, "UPDATE item SET id = CAST(x'ff41' AS TEXT) WHERE number = 1")
    with Catalog.open(catalog.path) as damaged, pytest.raises(CatalogError, match="damaged"):
        damaged.ids_of([1, 2])


def test_a_number_that_leads_nowhere_is_a_sentence(catalog: Catalog):
    fill(catalog)
    _set_in_file(catalog, "UPDATE image SET item = 30000 WHERE number = 1")
    with Catalog.open(catalog.path) as damaged, pytest.raises(CatalogError, match="damaged"), damaged.read():
        ["", "b", "a", "c"][30000]


def test_our_own_mistake_in_a_sound_file_stays_one(catalog: Catalog):
    fill(catalog)
    with pytest.raises(IndexError), catalog.read():
        [][1]


def test_a_file_of_another_program_is_left_alone(tmp_path: Path):
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(CatalogError, match="another program"):
        Catalog.open(tmp_path, create=True)


def test_a_newer_catalog_is_not_opened(catalog: Catalog):
    with catalog.write() as connection:
        connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    catalog.close()
    with pytest.raises(CatalogTooNew, match="newer version"):
        Catalog.open(catalog.path)


def test_a_migration_happens_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Catalog.open(tmp_path, create=True).close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(
        schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE more (x);\nCREATE TABLE more (x);")
    )
    with pytest.raises(sqlite3.OperationalError):
        Catalog.open(tmp_path)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS[:-1], "CREATE TABLE more (x);"))
    with pytest.raises(CatalogError, match="older version"):
        Catalog.open(tmp_path, read_only=True)
    with Catalog.open(tmp_path) as migrated, migrated.read() as connection:
        assert connection.execute("SELECT COUNT(*) FROM more").fetchone() == (0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)


def test_another_writer_locks(catalog: Catalog, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with Catalog.open(catalog.path) as other, catalog.write() as connection:
        connection.execute("INSERT INTO item (id) VALUES ('a')")
        with pytest.raises(CatalogLocked, match="another process"):
            other.set_meta("key", "value")
        assert other.counts().items == 0  # reading goes on
        with pytest.raises(CatalogLocked, match="busy"):
            catalog.set_meta("key", "value")
    assert catalog.counts().items == 1


@pytest.mark.skipif(sys.platform == "win32", reason="no open file can be taken away there")
@pytest.mark.parametrize("harm", ["moved", "deleted", "replaced"])
def test_what_is_written_into_a_file_that_is_taken_away_does_not_pass_as_saved(
    catalog: Catalog, tmp_path: Path, harm: str
):
    whole = catalog.path.rename(tmp_path / "elsewhere")
    if harm == "replaced":
        shutil.copytree(whole, catalog.path)  # as from a backup
    elif harm == "deleted":
        shutil.rmtree(whole)
    with pytest.raises(CatalogError, match="moved, deleted or replaced"):
        catalog.set_meta("probe", "lost")
    if harm == "moved":
        whole.rename(catalog.path)
        assert catalog.meta("probe") is None
        catalog.set_meta("probe", "saved")
        assert catalog.meta("probe") == "saved"


def test_a_full_disk_writes_nothing_half(catalog: Catalog):
    fill(catalog)
    with catalog.write() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    revision = catalog.revision
    with pytest.raises(CatalogError, match="disk is full"), catalog.write() as connection:
        connection.executemany(
            "INSERT INTO item (id) VALUES (?)", [("x" * 1000 + str(n),) for n in range(1000)]
        )
    assert catalog.revision == revision
    assert catalog.counts().items == 2


def test_read_only_by_choice(catalog: Catalog):
    fill(catalog)
    with Catalog.open(catalog.path, read_only=True) as reading:
        assert reading.read_only
        assert reading.counts().items == 2
        with pytest.raises(ReadOnlyCatalog):
            reading.set_meta("key", "value")
    with pytest.raises(CatalogError, match="no catalog"):
        Catalog.open(catalog.path / "none", create=True, read_only=True)


def test_read_only_disk(catalog: Catalog, monkeypatch: pytest.MonkeyPatch):
    """The folder says that it cannot be written, as on a CD; SQLite then must not make its WAL files."""
    fill(catalog)
    catalog.close()
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    files = sorted(catalog.path.iterdir())
    with Catalog.open(catalog.path) as reading:
        assert reading.read_only
        assert reading.counts().items == 2
        assert sorted(catalog.path.iterdir()) == files
        with pytest.raises(ReadOnlyCatalog):
            reading.refuse_images([(1, "reason")])


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="files cannot be kept from growing on this system")
def test_on_a_full_disk_a_catalog_is_opened_for_reading(catalog: Catalog):
    fill(catalog)
    catalog.close()
    Thumbnails.open(catalog.path).close()
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from visualsearch.catalog.store import Catalog; from visualsearch.catalog.thumbnails import Thumbnails\n"
        "from visualsearch.errors import ReadOnlyCatalog\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "path = Path(sys.argv[1])\n"
        "with Catalog.open(path) as catalog, Thumbnails.open(path) as thumbnails:\n"
        "    print(catalog.read_only, catalog.counts().items, thumbnails.has([bytes(16)]))\n"
        "    try: catalog.set_meta('key', 'value')\n"
        "    except ReadOnlyCatalog as error: print(error, error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(catalog.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    state, told = done.stdout.splitlines()
    assert state == "True 2 set()"
    assert "room" in told
    assert "Free some space" in told
    assert not list(catalog.path.glob("*.damaged"))
    with Catalog.open(catalog.path) as again:
        assert not again.read_only, "there is room again"


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="files cannot be kept from growing on this system")
def test_on_a_full_disk_no_catalog_is_made(tmp_path: Path):
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from visualsearch.catalog.store import Catalog; from visualsearch.errors import CatalogError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try: Catalog.open(Path(sys.argv[1]), create=True)\n"
        "except CatalogError as error: print(error, error.hint)\n"
    )
    path = tmp_path / "new"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "its disk is full" in done.stdout
    assert "Free some space" in done.stdout
    with Catalog.open(path, create=True) as catalog:
        assert not catalog.read_only, "there is room again"


def test_read_only_folder(catalog: Catalog):
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    fill(catalog)
    catalog.close()
    catalog.path.chmod(0o555)
    try:
        with Catalog.open(catalog.path) as reading:
            assert reading.read_only
            assert reading.counts().items == 2
    finally:
        catalog.path.chmod(0o755)


@given(st.binary(max_size=40).filter(lambda name: b"\0" not in name))
def test_any_file_name_survives_as_text(name: bytes):
    native = os.fsdecode(name)
    text = paths.to_text(native)
    assert text.encode("utf-8").decode("utf-8") == text
    assert os.fsencode(paths.from_text(text)) == name


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=20),
    st.text("\uef80\uefffé", max_size=5),
)
def test_ordinary_names_stay_as_they_are(name: str, private: str):
    if not any("\uef80" <= character <= "\uefff" for character in name):
        assert paths.to_text(name) == name
    assert paths.from_text(paths.to_text(name + private)) == name + private
