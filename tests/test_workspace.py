"""An open catalog: live imports, jobs that were stopped, caches that were damaged."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import draw_product
from visualsearch import pipeline
from visualsearch.catalog.importing import ImportRequest
from visualsearch.catalog.store import Catalog
from visualsearch.errors import (
    CacheDamaged,
    Cancelled,
    CatalogError,
    CatalogLocked,
    EncoderError,
    ImageRefused,
    VisualSearchError,
)
from visualsearch.filters.query import Embedding, Example, Query, Results, VisualFilter
from visualsearch.jobs import JobControl, Progress
from visualsearch.vectors import space
from visualsearch.vectors.locking import FileLock
from visualsearch.workspace import Workspace

WAIT = 30.0  # seconds after which a test gives up


def request_for(folder: Path) -> ImportRequest:
    return ImportRequest(folder, folder / "products.csv")


@pytest.fixture
def catalog(imported_products: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(imported_products, tmp_path / "catalog"))


def ask(workspace: Workspace, query: Query) -> Results:
    answers: list[Results] = []
    workspace.search(query, answers.append, JobControl())
    return answers[-1]


def like(workspace: Workspace, *ids: str) -> Query:
    examples = tuple(Example(item=workspace.number_of(item_id)) for item_id in ids)
    return Query(VisualFilter(examples))


def files_of(catalog: Path, pattern: str) -> list[Path]:
    found = sorted(catalog.glob(f"embeddings/*/{pattern}"))
    assert found
    return found


def test_items_appear_while_the_import_goes_on(drawn_products: Path, tmp_path: Path):
    counts: list[tuple[int, int]] = []
    with Workspace.open(tmp_path / "c", create=True) as workspace:
        assert workspace.item_count() == 0
        assert ask(workspace, Query()).total == 0

        def look() -> None:
            workspace.refresh()
            items = workspace.first_items(1000)
            counts.append((ask(workspace, Query()).total, len(workspace.thumbnails(items.tolist()))))

        workspace.import_all(request_for(drawn_products), JobControl(), on_change=look)
    assert counts[0][0] == 90
    assert counts[-1] == (90, 90)


def test_a_cancelled_import_goes_on_where_it_stopped(drawn_products: Path, tmp_path: Path):
    control = JobControl(lambda progress: stop(progress))

    def stop(progress: Progress) -> None:
        if progress.stage == "Encoding photos" and progress.done > 60:  # the first may be among the last
            control.cancel()

    with Workspace.open(tmp_path / "c", create=True) as workspace:
        with pytest.raises(Cancelled):
            workspace.import_all(request_for(drawn_products), control)
        kept = workspace.info().embedded
        assert 0 < kept <= 90
        report = workspace.index(JobControl())
        assert report.encoded == 90 - kept
        assert workspace.info().to_embed == 0


def test_searches_do_not_wait_for_a_job_that_is_paused_while_it_reads_the_catalog(catalog: Path):
    paused, totals = threading.Event(), list[int]()

    class Paused(JobControl):
        def checkpoint(self) -> None:
            paused.set()
            super().checkpoint()

    control = Paused()
    control.pause()
    with Workspace.open(catalog) as workspace:
        job = threading.Thread(target=lambda: workspace.search(Query(), lambda _: None, control))
        job.start()
        assert paused.wait(WAIT)
        search = threading.Thread(target=lambda: totals.append(ask(workspace, Query()).total))
        search.start()
        search.join(WAIT)
        told = list(totals)
        control.resume()
        job.join()
        search.join()
    assert told == [90]


@pytest.mark.slow
def test_a_killed_import_loses_at_most_one_batch(drawn_products: Path, tmp_path: Path):
    program = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from visualsearch.catalog.importing import ImportRequest
        from visualsearch.jobs import JobControl
        from visualsearch.workspace import Workspace

        if __name__ == "__main__":
            folder = Path(sys.argv[2])
            def tell(progress):
                print(progress.stage, progress.done, flush=True)
            with Workspace.open(Path(sys.argv[1]), create=True) as workspace:
                workspace.import_all(ImportRequest(folder, folder / "products.csv"), JobControl(tell))
        """
    )
    script = tmp_path / "job.py"
    script.write_text(program)
    done = 0
    with subprocess.Popen(
        [sys.executable, str(script), str(tmp_path / "c"), str(drawn_products)],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            stage, _, count = line.rpartition(" ")
            if stage == "Encoding photos" and int(count):
                done = int(count)
                os.kill(process.pid, signal.SIGKILL)
                break
    with Workspace.open(tmp_path / "c") as workspace:
        embedded = workspace.info().embedded
        assert embedded >= done - 64
        workspace.import_all(request_for(drawn_products), JobControl())
        assert workspace.info().embedded == 90
        assert ask(workspace, like(workspace, "p000")).total == 89


@pytest.mark.parametrize("pattern", ["vectors-*", "index-*", "projection-*", "statistics-*", "manifest.json"])
@pytest.mark.parametrize("harm", ["cut", "flip", "delete"])
def test_a_damaged_index_is_built_again(catalog: Path, pattern: str, harm: str):
    with Workspace.open(catalog) as workspace:
        expected = ask(workspace, like(workspace, "p000", "p009"))
    for file in files_of(catalog, pattern):
        data = bytearray(file.read_bytes())
        if harm == "flip":
            data[len(data) // 2] ^= 0x40
        file.write_bytes(data[: len(data) // 2] if harm == "cut" else data)
        if harm == "delete":
            file.unlink()
    with Workspace.open(catalog) as workspace:
        workspace.index(JobControl())
        found = ask(workspace, like(workspace, "p000", "p009"))
        assert found.total == expected.total
        np.testing.assert_array_equal(found.items, expected.items)


def test_a_missing_index_is_built_by_the_first_search(catalog: Path):
    with Workspace.open(catalog) as workspace:
        expected = ask(workspace, like(workspace, "p000"))
    for pattern in ("manifest.json", "vectors-*", "projection-*"):
        for file in files_of(catalog, pattern):
            file.unlink()
    with (
        Workspace.open(catalog, read_only=True) as workspace,
        pytest.raises(CacheDamaged, match="only be read"),
    ):
        ask(workspace, like(workspace, "p000"))
    with Workspace.open(catalog) as workspace:
        np.testing.assert_array_equal(ask(workspace, like(workspace, "p000")).items, expected.items)


@pytest.mark.parametrize("block", ["style", "colour"])
def test_damaged_embeddings_are_encoded_again(catalog: Path, drawn_products: Path, block: str):
    with Workspace.open(catalog) as workspace:
        expected = ask(workspace, like(workspace, "p000"))
    (file,) = files_of(catalog, f"{block}.f32")
    data = bytearray(file.read_bytes())
    data[len(data) // 3] ^= 0x21
    file.write_bytes(data)
    for index in files_of(catalog, "manifest.json"):
        index.unlink()
    with Workspace.open(catalog) as workspace:
        workspace.index(JobControl())
        assert workspace.info().to_embed == 0
        found = ask(workspace, like(workspace, "p000"))
        assert found.total == expected.total
        assert len(set(found.items[:20]) & set(expected.items[:20])) >= 18


def test_embeddings_of_which_none_is_intact_are_encoded_again(catalog: Path):
    (file,) = files_of(catalog, "colour.f32")
    file.write_bytes(bytes(file.stat().st_size))
    for index in files_of(catalog, "manifest.json"):
        index.unlink()
    with Workspace.open(catalog) as workspace:
        workspace.index(JobControl())
        assert workspace.info().to_embed == 0


def test_damaged_thumbnails_are_made_again(catalog: Path):
    (catalog / "thumbnails.sqlite3").write_bytes(b"not a database" * 1000)
    with Workspace.open(catalog) as workspace:
        items = workspace.first_items(90).tolist()
        assert workspace.thumbnails(items) == {}
        assert (workspace.info().to_embed, workspace.info().without_thumbnail) == (0, 90)
        workspace.index(JobControl())
        assert len(workspace.thumbnails(items)) == 90


def test_an_encoder_that_cannot_run_changes_nothing(catalog: Path, drawn_products: Path, tmp_path: Path):
    (tmp_path / "no-model.tflite").write_bytes(b"no model at all")
    with Workspace.open(catalog) as workspace:
        before = workspace.info()
        with pytest.raises(EncoderError):
            workspace.import_all(
                request_for(drawn_products), JobControl(), encoder=f"litert:{tmp_path / 'no-model.tflite'}"
            )
        assert workspace.info() == before
        assert ask(workspace, like(workspace, "p000")).total == 89


def test_only_one_job_at_a_time(catalog: Path, drawn_products: Path):
    with Workspace.open(catalog) as workspace:
        refused: list[str] = []

        def second(_: Progress) -> None:
            if not refused:
                with pytest.raises(CatalogError) as error:
                    workspace.index(JobControl())
                refused.append(str(error.value))

        workspace.import_all(request_for(drawn_products), JobControl(second))
        assert "already running" in refused[0]
        workspace.index(JobControl())


def test_a_second_process_is_told_before_it_encodes(drawn_products: Path, tmp_path: Path):
    encoding: list[str] = []
    with Workspace.open(tmp_path / "c", create=True) as one, Workspace.open(tmp_path / "c") as other:

        def meanwhile(progress: Progress) -> None:
            if progress.stage == "Encoding photos" and progress.done and not encoding:
                with pytest.raises(CatalogLocked, match="preparing"):
                    other.index(
                        JobControl(lambda progress: encoding.append(f"{progress.stage} {progress.done}"))
                    )

        one.import_all(request_for(drawn_products), JobControl(meanwhile))
        assert encoding
        assert not any(int(line.rpartition(" ")[2]) for line in encoding)
        assert one.info().to_embed == 0


def test_refresh_sees_what_another_process_imported(catalog: Path, drawn_products: Path, tmp_path: Path):
    with Workspace.open(catalog) as workspace, Workspace.open(catalog) as other:
        assert ask(workspace, Query()).total == 90
        assert workspace.refresh() is False
        fewer = Path(shutil.copytree(drawn_products, tmp_path / "fewer"))
        lines = (fewer / "products.csv").read_text().splitlines()
        (fewer / "products.csv").write_text("\n".join(lines[:61]) + "\n")
        other.import_all(request_for(fewer), JobControl())
        assert workspace.refresh() is True
        assert ask(workspace, Query()).total == 60
        assert ask(workspace, like(workspace, "p000")).total == 59


def test_an_index_that_another_process_replaced_is_read_anew(
    catalog: Path, drawn_products: Path, tmp_path: Path
):
    more = Path(shutil.copytree(drawn_products, tmp_path / "more"))
    draw_product("disc", "red", 200).save(more / "images" / "p200.jpg", quality=90)
    with (more / "products.csv").open("a", encoding="utf-8") as table:
        table.write("p200,disc,red,20,New disc\n")
    with Workspace.open(catalog) as workspace, Workspace.open(catalog) as other:
        assert ask(workspace, Query()).total == 90  # opened, and not all of it read yet
        other.import_all(request_for(more), JobControl())
        (folder,) = (catalog / "embeddings").iterdir()
        built = (folder / "manifest.json").read_bytes()
        assert ask(workspace, like(workspace, "p000")).total == 90
        assert (folder / "manifest.json").read_bytes() == built, "what is not damaged is not built again"


def test_neighbours_are_found_after_another_process_has_replaced_the_index(catalog: Path):
    with Workspace.open(catalog) as workspace, Workspace.open(catalog) as other:
        ask(workspace, Query())  # opened, the graphs not yet
        (folder,) = (catalog / "embeddings").iterdir()
        for file in files_of(catalog, "vectors-*"):
            file.unlink()
        built = (folder / "manifest.json").read_bytes()
        ask(other, like(other, "p000"))  # builds it anew
        assert (folder / "manifest.json").read_bytes() != built
        items, _ = workspace.neighbours(1, 5)
        assert len(items) == 5


def test_photos_are_decoded_at_the_wanted_size(catalog: Path, tmp_path: Path):
    with Workspace.open(catalog) as workspace:
        item = workspace.number_of("p000")
        assert item is not None
        width, height, pixels = workspace.photo(item, 0, 80)
        assert (width, height) == (60, 80)
        assert len(pixels) == 60 * 80 * 3
        with pytest.raises(ImageRefused):
            workspace.photo(item, 5, 80)
        (tmp_path / "text.jpg").write_text("no picture")
        with pytest.raises(ImageRefused):
            workspace.photo_of_file(tmp_path / "text.jpg", 80)


def test_a_missing_picture_as_example_is_named(catalog: Path, tmp_path: Path):
    with Workspace.open(catalog) as workspace:
        query = Query(VisualFilter((Example(file=str(tmp_path / "gone.jpg")),)))
        with pytest.raises(ImageRefused, match=r"gone\.jpg"):
            ask(workspace, query)


def encoded_by_another_version(catalog: Path) -> Path:
    """Make it look so; the folder with those embeddings."""
    (folder,) = (catalog / "embeddings").iterdir()
    former = folder.rename(folder.with_name("0123456789abcdef"))
    with Catalog.open(catalog) as changed:
        changed.set_meta("encoder_fingerprint", former.name)
    return former


def test_pictures_are_not_compared_with_those_of_a_former_encoder(
    catalog: Path, drawn_products: Path, tmp_path: Path
):
    """As after an update of the program: an old catalog is of use until it is encoded anew."""
    former = encoded_by_another_version(catalog)
    photo = tmp_path / "outside.jpg"
    draw_product("disc", "red", 7).save(photo)
    outside = Query(VisualFilter((Example(file=str(photo)),)))
    part = Query(VisualFilter((Example(item=1, region=(0.2, 0.2, 0.5, 0.5)),)))
    left: list[int] = []

    def look() -> None:
        """While the import goes on, with the vectors as they were."""
        with pytest.raises(EncoderError, match="another version"):
            ask(workspace, outside)
        left.append(workspace.info().to_embed)
        assert former.is_dir()

    with Workspace.open(catalog) as workspace:
        query = like(workspace, "p000")
        assert ask(workspace, query).total
        for question in (outside, part):
            with pytest.raises(EncoderError, match="another version"):
                ask(workspace, question)
        with pytest.raises(EncoderError, match="another version"):
            workspace.heat_map(query.visual, query.visual.positives[0].item or 0, JobControl())
        workspace.import_all(request_for(drawn_products), JobControl(), on_change=look)
        assert left[-1] == 0
        workspace.refresh()
        for question in (query, outside, part):
            assert ask(workspace, question).total
        workspace.heat_map(query.visual, 1, JobControl())
        assert not former.exists()


def test_what_another_version_encoded_stays_until_all_is_encoded_anew(catalog: Path):
    former = encoded_by_another_version(catalog)

    def stop(progress: Progress) -> None:
        if progress.stage == "Encoding photos" and progress.done > 60:
            control.cancel()

    control = JobControl(stop)
    with Workspace.open(catalog) as workspace:
        info = workspace.info()
        assert (info.outdated, info.embedded, info.to_embed) == (True, 90, 90)
        with pytest.raises(Cancelled):
            workspace.index(control)
        assert former.is_dir()
    with Workspace.open(catalog) as workspace:  # as after a kill
        info = workspace.info()
        assert not info.outdated
        assert info.to_embed == 90 - info.embedded  # none where the last photos came together
        assert ask(workspace, Query()).total == 90
        workspace.index(JobControl())
        assert not former.exists()
        assert workspace.info().to_embed == 0
        assert ask(workspace, like(workspace, "p000")).total


def test_nothing_is_lost_where_the_photos_of_an_old_catalog_are_away(catalog: Path, tmp_path: Path):
    """As on a disk that is not connected: the folder is not there, or there is nothing in it."""
    former = encoded_by_another_version(catalog)
    (tmp_path / "empty").mkdir()
    with Workspace.open(catalog) as workspace:
        there = workspace.info().image_root
    for away in (tmp_path / "no folder", tmp_path / "empty"):
        with Catalog.open(catalog) as changed:
            changed.set_meta("image_root", str(away))
        with Workspace.open(catalog) as workspace:
            with pytest.raises(CatalogError, match="None of the photos"):
                workspace.index(JobControl())
            info = workspace.info()
            assert (info.outdated, info.items, info.refused, info.embedded) == (True, 90, 0, 90)
            assert ask(workspace, like(workspace, "p000")).total == 89
        assert former.is_dir()
    with Catalog.open(catalog) as changed:
        changed.set_meta("image_root", there)
    with Workspace.open(catalog) as workspace:
        assert workspace.index(JobControl()).refused == []
        assert workspace.info().embedded == 90


@pytest.mark.parametrize("mount", [True, False])
def test_a_disk_that_is_disconnected_while_photos_are_prepared_loses_nothing(
    catalog: Path, drawn_products: Path, tmp_path: Path, mount: bool
):
    former = encoded_by_another_version(catalog)
    disk = Path(shutil.copytree(drawn_products, tmp_path / "disk"))
    away = tmp_path / "away"
    with Catalog.open(catalog) as changed:
        changed.set_meta("image_root", str(disk))

    def disconnect(progress: Progress) -> None:
        if progress.stage == "Encoding photos" and not away.exists():
            disk.rename(away)
            if mount:
                disk.mkdir()

    with Workspace.open(catalog) as workspace:
        with pytest.raises(CatalogError, match="not there any more") as caught:
            workspace.index(JobControl(disconnect))
        assert str(disk) in str(caught.value)
        info = workspace.info()
        assert (info.items, info.refused, info.to_embed) == (90, 0, 90)
        assert former.is_dir()
        if mount:
            disk.rmdir()
        away.rename(disk)
        assert workspace.index(JobControl()).refused == []
        assert workspace.info().embedded == 90


def test_what_a_job_has_left_without_an_index_is_indexed_when_it_has_ended(catalog: Path):
    """Whoever looked while it ran, when the index was still its business, would else wait for ever."""
    (folder,) = (catalog / "embeddings").iterdir()
    (folder / "manifest.json").unlink()

    def look_and_stop(progress: Progress) -> None:
        with pytest.raises(VisualSearchError, match="nothing to compare"):
            ask(workspace, like(workspace, "p000"))
        control.cancel()

    control = JobControl(look_and_stop)
    with Workspace.open(catalog) as workspace:
        with pytest.raises(Cancelled):
            workspace.index(control)
        assert workspace.refresh()
        assert ask(workspace, like(workspace, "p000")).total == 89


@pytest.mark.parametrize("harm", ["cut", "flip", "delete"])
def test_a_large_index_is_left_to_a_job(catalog: Path, monkeypatch: pytest.MonkeyPatch, harm: str):
    """It would take minutes, for which all searches had to wait; those that need no index go on."""
    monkeypatch.setattr(pipeline, "AT_ONCE", 10)
    monkeypatch.setattr(space, "_CHECK_AT_ONCE", 0)  # a large file is checked when its bytes are first used
    (manifest,) = files_of(catalog, "manifest.json")
    (vectors,) = files_of(catalog, "vectors-*")
    if harm == "cut":
        vectors.write_bytes(vectors.read_bytes()[:99])
    elif harm == "flip":
        data = bytearray(vectors.read_bytes())
        data[len(data) // 2] ^= 0x40
        vectors.write_bytes(data)
    else:
        manifest.unlink()
    before = manifest.read_bytes() if harm == "cut" else None

    def cancel(progress: Progress) -> None:
        if "photos" not in progress.stage:  # the index is being built
            control.cancel()

    control = JobControl(cancel)
    with Workspace.open(catalog) as workspace:
        assert ask(workspace, Query()).total == 90
        with pytest.raises(VisualSearchError, match="nothing to compare") as caught:
            ask(workspace, like(workspace, "p000"))
        assert "Prepare" in caught.value.hint
        with pytest.raises(Cancelled):
            workspace.index(control)
        workspace.refresh()
        assert (manifest.read_bytes() if manifest.exists() else None) == before
        assert ask(workspace, Query()).total == 90
        workspace.index(JobControl())
        assert workspace.refresh()
        assert ask(workspace, like(workspace, "p000")).total == 89


@pytest.mark.parametrize("read_only", [True, False])
def test_what_needs_no_index_goes_on_where_none_can_be_written(
    catalog: Path, monkeypatch: pytest.MonkeyPatch, read_only: bool
):
    """A disk that is full, or from which one may only read. Whoever needs the index is told why there is none."""

    def full(*_: object, **__: object) -> None:
        raise CatalogError("The disk is full.")

    (manifest,) = files_of(catalog, "manifest.json")
    manifest.unlink()
    with monkeypatch.context() as harm, Workspace.open(catalog, read_only=read_only) as workspace:
        harm.setattr(pipeline.space, "build", full)
        for _ in range(2):
            assert ask(workspace, Query()).total == 90
            with pytest.raises(VisualSearchError, match="can only be read" if read_only else "disk is full"):
                ask(workspace, like(workspace, "p000"))
        harm.undo()
        if not read_only:
            workspace.index(JobControl())
            assert ask(workspace, like(workspace, "p000")).total == 89


def test_an_index_that_another_process_builds_is_looked_for_again(catalog: Path):
    (folder,) = (catalog / "embeddings").iterdir()
    (folder / "manifest.json").unlink()
    with Workspace.open(catalog) as workspace, Workspace.open(catalog) as other:
        building = FileLock(folder / "index.lock")
        building.acquire()
        for _ in range(2):
            with pytest.raises(VisualSearchError, match="nothing to compare"):
                ask(workspace, like(workspace, "p000"))
        building.release()  # it was cancelled
        assert ask(workspace, like(workspace, "p000")).total == 89
        (folder / "manifest.json").unlink()
        building.acquire()
        with pytest.raises(VisualSearchError, match="nothing to compare"):
            ask(other, like(other, "p000"))
        building.release()
        workspace.index(JobControl())
        assert ask(other, like(other, "p000")).total == 89


def test_a_photo_that_could_not_be_read_is_tried_again_by_the_next_import(
    catalog: Path, drawn_products: Path, tmp_path: Path
):
    """Its bytes are what they were, and nobody has seen them."""
    encoded_by_another_version(catalog)
    some = Path(shutil.copytree(drawn_products, tmp_path / "some"))
    (some / "images" / "p000.jpg").unlink()
    (some / "images" / "p000.jpg").mkdir()
    with Catalog.open(catalog) as changed:
        changed.set_meta("image_root", str(some))
    with Workspace.open(catalog) as workspace:
        assert [one.source for one in workspace.index(JobControl()).refused] == ["images/p000.jpg"]
        report = workspace.import_all(request_for(drawn_products), JobControl())
        assert report.refused == []
        assert workspace.info().embedded == 90


@pytest.mark.parametrize("with_table", [True, False])
def test_a_photo_that_is_deleted_while_it_is_prepared_is_gone_and_not_refused(
    drawn_products: Path, tmp_path: Path, with_table: bool
):
    some = Path(shutil.copytree(drawn_products, tmp_path / "some"))
    photo, away = some / "images" / "p089.jpg", tmp_path / "away.jpg"
    request = request_for(some) if with_table else ImportRequest(some / "images")

    def delete(progress: Progress) -> None:
        if progress.stage == "Encoding photos" and photo.exists():  # the last of 90: it is read later
            photo.rename(away)

    with Workspace.open(tmp_path / "c", create=True) as workspace:
        report = workspace.import_all(request, JobControl(delete))
        assert report.refused == workspace.refusals() == []
        assert [note for note in report.notes if "p089.jpg" in note and "brings them back" in note]
        assert report.items_new == (90 if with_table else 89)
        info = workspace.info()
        assert (info.images, info.without_image, info.to_embed) == (89, int(with_table), 0)
        away.rename(photo)
        report = workspace.import_all(request, JobControl())
        assert (report.images_new, report.images_unchanged) == (1, 89)
        assert not any("p089.jpg" in note for note in report.notes)
        assert workspace.info().embedded == 90


def test_a_catalog_may_lie_among_its_photos(catalog: Path, drawn_products: Path, tmp_path: Path):
    """Nothing that it writes has the name of a picture, so that no folder needs to be left out, which may hold photos,
    too."""
    photos = Path(shutil.copytree(drawn_products / "images", tmp_path / "photos"))
    among = Path(shutil.copytree(catalog, photos / "catalog"))
    with Workspace.open(among) as workspace:
        workspace.import_all(ImportRequest(photos), JobControl())
        assert ask(workspace, like(workspace, "p000.jpg")).total == 89
        workspace.quality.duplicates.groups(JobControl())  # remembered beside the catalog
        report = workspace.import_all(ImportRequest(photos), JobControl())
        assert (report.items_unchanged, report.items_new, report.refused) == (90, 0, [])
        with pytest.raises(CatalogError, match="no photos"):
            workspace.import_all(ImportRequest(among), JobControl())


def test_an_embedding_of_another_length_is_made_anew(catalog: Path, tmp_path: Path):
    """A place that was remembered before the catalog was encoded anew may hold some."""
    photo = tmp_path / "outside.jpg"
    draw_product("disc", "red", 7).save(photo)
    former = Embedding(np.ones(8, "<f4").tobytes(), np.ones(486, "<f4").tobytes())
    with Workspace.open(catalog) as workspace:
        answers = [
            ask(workspace, Query(VisualFilter((Example(file=str(photo), embedding=embedding),))))
            for embedding in (None, former)
        ]
        np.testing.assert_array_equal(answers[0].items, answers[1].items)
        photo.unlink()
        with pytest.raises(ImageRefused, match="cannot be read"):
            ask(workspace, Query(VisualFilter((Example(file=str(tmp_path / "no.jpg"), embedding=former),))))


def test_a_read_only_catalog_can_be_searched(catalog: Path):
    with Workspace.open(catalog, read_only=True) as workspace:
        assert workspace.read_only
        assert ask(workspace, like(workspace, "p000")).total == 89
        with pytest.raises(CatalogError):
            workspace.index(JobControl())
