"""Start page, new catalogs, imports while browsing, jobs, empty states, settings."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.conftest import Driver
from visualsearch.catalog.decisions import ValueChange
from visualsearch.catalog.importing import ImportRequest
from visualsearch.catalog.store import Catalog, Refusal
from visualsearch.filters.query import Example
from visualsearch.jobs import JobControl
from visualsearch.pipeline import EncodeReport
from visualsearch.settings import Settings
from visualsearch.ui import edits
from visualsearch.ui.panels.importing import ImportDialog, proposed_catalog
from visualsearch.ui.panels.sheets import RefusedDialog, ReportDialog, TextSheet
from visualsearch.workspace import Workspace

LEFT = Qt.MouseButton.LeftButton


def few(drawn: Path, folder: Path, count: int = 12) -> Path:
    """A folder with a few of the drawn photos, one broken file, and their table."""
    (folder / "images").mkdir(parents=True)
    for number in range(count):
        shutil.copy(drawn / "images" / f"p{number:03d}.jpg", folder / "images")
    (folder / "images" / "p005.jpg").write_bytes(b"no photo at all")
    lines = (drawn / "products.csv").read_text().splitlines()[: count + 1]
    (folder / "products.csv").write_text("\n".join(lines) + "\n")
    return folder


def dropped(path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def test_the_start_page_says_what_to_do(empty):
    window = empty.window
    assert window.area.page is window.area.start
    assert window.area.start.new.isVisible()
    assert not window.bar.isVisible()
    assert not window.actions_["import"].isEnabled()
    assert window.actions_["open"].isEnabled()


def test_in_a_small_window_the_ways_in_keep_their_height(empty):
    start = empty.window.area.start
    empty.window.resize(1, 1)
    empty.idle()
    start.new.setFocus()
    for button in (start.open, start.sample):
        empty.qtbot.keyClick(empty.window.focusWidget(), Qt.Key.Key_Tab)
        assert button.hasFocus()
        assert button.height() == button.sizeHint().height()
        assert not button.visibleRegion().isEmpty()


def test_recent_catalogs_are_one_click_away(make_window, catalog):
    driver = make_window(Settings(recent=[str(catalog), "/nowhere/else"]))
    recent = driver.window.area.start.recent
    assert recent.count() == 2
    driver.qtbot.mouseClick(recent.viewport(), LEFT, pos=recent.visualItemRect(recent.item(0)).center())
    driver.until(lambda: driver.window.controller.results is not None)
    assert driver.total == 90
    driver.idle()


def test_a_folder_that_is_no_catalog_is_refused_in_a_sentence(empty, tmp_path):
    empty.window.catalogs.open(tmp_path)
    empty.until(empty.window.area.banner.isVisible)
    assert str(tmp_path) in empty.window.area.banner.message.text()
    assert "--" not in empty.window.area.banner.message.text()
    assert empty.window.area.page is empty.window.area.start
    empty.qtbot.mouseClick(empty.window.area.banner.button, LEFT)
    dialog = empty.window.findChild(ImportDialog)
    assert dialog.images.path == tmp_path
    dialog.reject()
    empty.idle()


def test_a_recent_catalog_that_has_gone_can_be_forgotten(make_window, tmp_path):
    gone = str(tmp_path / "gone")
    driver = make_window(Settings(recent=[gone]))
    driver.window.catalogs.open(Path(gone))
    driver.until(driver.window.area.banner.isVisible)
    assert "There is no folder" in driver.window.area.banner.message.text()
    driver.qtbot.mouseClick(driver.window.area.banner.button, LEFT)
    assert driver.window.settings.recent == []
    assert not driver.window.area.start.recent.isVisible()


@pytest.mark.parametrize("read_only", [False, True])
def test_photos_that_another_version_prepared_can_be_prepared_anew(empty, catalog, monkeypatch, read_only):
    (folder,) = (catalog / "embeddings").iterdir()
    former = folder.rename(folder.with_name("0123456789abcdef"))
    with Catalog.open(catalog) as changed:
        changed.set_meta("encoder_fingerprint", former.name)
    if read_only:
        monkeypatch.setattr(Workspace, "read_only", property(lambda _self: True))
    window, banner = empty.window, empty.window.banner
    window.catalogs.open(catalog)
    empty.until(lambda: "Another version of the program has prepared" in banner.message.text())
    assert empty.total == 90
    empty.click_sign("p000", 1)
    assert 0 < empty.total < 90  # what works, works
    if read_only:
        assert "can only be read" in banner.message.text()
        assert not banner.button.isVisible()
        return
    empty.qtbot.mouseClick(banner.button, LEFT)
    assert window.jobs.is_running
    empty.until(lambda: not window.jobs.is_running)
    empty.idle()
    assert "All photos are prepared" in banner.message.text()
    assert not former.exists()
    assert window.catalogs.info is not None
    assert (window.catalogs.info.outdated, window.catalogs.info.to_embed) == (False, 0)
    assert 0 < empty.total < 90


def test_to_make_a_missing_index_is_offered(driver):
    window = driver.window
    driver.until(lambda: window.catalogs.info is not None)
    window.banner.hide()
    window.catalog_commands.offer_preparing(replace(window.catalogs.info, index_rows=0))
    assert window.banner.message.text() == "Photos that are not yet searchable by look: 90."
    assert window.banner.button.text() == "Prepare them"


def test_not_all_photos_are_prepared_where_some_were_refused(driver):
    banner = driver.window.banner
    refused = [Refusal("p000.jpg", "The file is not there."), Refusal("p001.jpg", "It is damaged.")]
    driver.window.catalog_commands.report_import(EncodeReport(88, refused), None)
    assert banner.message.text() == "Photos are prepared. Refused: 2."
    assert banner.button.text() == "Refused files…"
    driver.window.catalog_commands.report_import(EncodeReport(89, vanished=["p000.jpg"]), None)
    assert banner.message.text() == "Photos are prepared. Not there any more: 1."
    assert not banner.button.isVisible()
    driver.window.catalog_commands.report_import(EncodeReport(90), None)
    assert banner.message.text() == "All photos are prepared."


def test_the_sample_catalog_is_made_as_a_job_and_opened(empty, imported_products, monkeypatch):
    def prepared(control):
        control.progress("drawing", 90, 90)
        return imported_products

    monkeypatch.setattr("visualsearch.demo.prepare", prepared)
    start = empty.window.area.start
    start.sample.setFocus()
    empty.key(Qt.Key.Key_Return)
    assert empty.window.jobs.is_running
    empty.until(lambda: empty.window.controller.results is not None)
    assert empty.total == 90
    empty.idle()


def test_a_table_that_names_no_photos_is_explained_in_the_words_of_the_window(
    empty, tmp_path, drawn_products
):
    table = tmp_path / "goods.csv"
    table.write_text("sku,colour\nx1,red\nx2,blue\n")
    empty.window.actions_["new"].trigger()
    dialog = empty.window.findChild(ImportDialog)
    assert dialog.invitation.isVisible()
    for path in (drawn_products, table):
        empty.drop(dialog, dropped(path))
    empty.until(lambda: dialog.rows.rowCount() == 2)
    assert dialog.why.text().endswith("Choose the photo column, or type a pattern such as images/{id}.jpg.")
    assert "--" not in dialog.why.text()
    dialog.images.set_path(tmp_path / "nowhere")
    empty.until(lambda: "There is no folder" in dialog.why.text())
    assert "--" not in dialog.why.text()
    dialog.reject()
    empty.idle()


def test_opening_the_import_dialog_loads_nothing_heavy():
    code = (
        "import sys; from visualsearch.ui.app import application; app = application(); "
        "from visualsearch.ui.main_window import MainWindow; from visualsearch.settings import Settings; "
        "window = MainWindow(Settings()); window.catalog_commands.new_catalog(); "
        "heavy = {'numpy', 'PIL', 'pyarrow', 'visualsearch.catalog.importing'} & set(sys.modules); "
        "window.shut_down(); sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_from_a_dropped_folder_to_photos_that_can_be_searched(empty, drawn_products, tmp_path):
    folder = few(drawn_products, tmp_path / "shop")
    empty.drop(empty.window, dropped(folder / "products.csv"))
    dialog = empty.window.findChild(ImportDialog)
    assert dialog.images.path == folder
    assert dialog.catalog.path == tmp_path / "shop-catalog"
    empty.until(lambda: dialog.rows.rowCount() == 10)
    assert dialog.id_column.currentText() == "id"
    assert "p000" in dialog.rows.item(0, 0).text() or dialog.rows.columnCount() > 3
    empty.qtbot.mouseClick(dialog.ok, LEFT)
    strip = empty.window.strip
    empty.until(strip.isVisible)
    banner = empty.window.area.banner
    empty.until(banner.isVisible)
    assert banner.message.text() == "Import finished. Items: 12 new. Refused: 1."
    assert empty.window.area.model.total == 12
    empty.qtbot.mouseClick(banner.button, LEFT)
    report = empty.window.findChild(ReportDialog)
    empty.qtbot.keyClick(report, Qt.Key.Key_Return)  # closes it
    assert not report.isVisible()
    empty.until(lambda: not strip.isVisible())
    empty.idle()
    assert empty.window.settings.recent[0] == str((tmp_path / "shop-catalog").resolve())
    empty.window.controller.edit(
        lambda query: edits.add_examples(query, [Example(item=empty.number("p000"))], 1)
    )
    assert empty.total > 0
    empty.window.actions_["refused"].trigger()
    empty.until(lambda: empty.window.findChild(RefusedDialog) is not None)
    refused = empty.window.findChild(RefusedDialog)
    assert "p005.jpg" in refused.table.item(0, 0).text()
    refused.close()


def test_browsing_goes_on_during_an_import_that_is_cancelled(driver, drawn_products, tmp_path):
    folder = few(drawn_products, tmp_path / "more")
    driver.window.catalogs.import_photos(ImportRequest(folder, folder / "products.csv"))
    assert driver.window.catalogs.is_busy
    driver.window.jobs.pause()
    assert driver.window.jobs.is_paused
    driver.window.actions_["new"].trigger()  # refused before anything is asked
    assert driver.window.findChild(ImportDialog) is None
    driver.window.actions_["close"].trigger()  # must not close under a job
    assert driver.window.controller.workspace is not None
    driver.window.controller.edit(lambda query: edits.tick(query, "shape", "disc", True))
    driver.settle()
    driver.window.jobs.cancel()
    driver.until(lambda: not driver.window.catalogs.is_busy)
    driver.idle()
    assert "Cancelled" in driver.window.area.banner.message.text()
    waiting = driver.window.catalogs.info
    driver.window.catalogs.info_changed.emit(replace(waiting, to_embed=5))
    assert "Cancelled" in driver.window.area.banner.message.text()  # and no offer in its place


def cancelled_import(driver, folder: Path) -> None:
    """Cancel an import before it has read anything of the table."""
    driver.window.catalogs.import_photos(ImportRequest(folder, folder / "products.csv"))
    driver.window.jobs.pause()
    driver.window.jobs.cancel()
    driver.until(lambda: not driver.window.catalogs.is_busy)
    driver.idle()


def test_to_go_on_with_a_cancelled_import_brings_the_rest_of_the_table(driver, drawn_products, tmp_path):
    """To prepare the photos that are there would leave out all rows that were not read yet."""
    cancelled_import(driver, few(drawn_products, tmp_path / "more"))
    driver.qtbot.mouseClick(driver.window.area.banner.button, LEFT)
    driver.until(lambda: not driver.window.catalogs.is_busy)
    driver.idle()
    assert "Import finished" in driver.window.area.banner.message.text()
    assert driver.total == 12


def test_a_cancelled_import_does_not_go_on_in_another_catalog(
    driver, imported_products, drawn_products, tmp_path
):
    cancelled_import(driver, few(drawn_products, tmp_path / "more"))
    (job,) = driver.window.jobs.jobs
    driver.window.catalogs.open(Path(shutil.copytree(imported_products, tmp_path / "other")))
    driver.until(lambda: driver.window.windowTitle().startswith("other"))
    driver.idle()
    job.again()
    assert not driver.window.catalogs.is_busy
    assert "not open" in driver.window.area.banner.message.text()


def test_an_empty_catalog_offers_the_import(empty, tmp_path):
    Workspace.open(tmp_path / "new", create=True).close()
    empty.window.catalogs.open(tmp_path / "new")
    empty.until(lambda: empty.window.area.page is empty.window.area.empty)
    empty.idle()
    (button,) = empty.window.area.empty.buttons()
    empty.qtbot.mouseClick(button, LEFT)
    dialog = empty.window.findChild(ImportDialog)
    assert not dialog.ok.isEnabled()
    dialog.images.set_path(tmp_path / "missing")
    empty.until(lambda: "missing" in dialog.why.text())
    assert not dialog.ok.isEnabled()
    dialog.reject()


def test_photos_that_are_not_prepared_say_so(make_window, catalog):
    for folder in (catalog / "embeddings").iterdir():
        shutil.rmtree(folder)
    driver = make_window()
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.catalogs.info is not None)
    driver.settle()
    assert "Photos that are not yet searchable by look: 90" in driver.window.area.banner.message.text()
    driver.click_sign("p000", 1)
    assert driver.window.area.page is driver.window.area.empty
    assert "not prepared" in driver.window.area.empty.heading.text()
    driver.qtbot.mouseClick(driver.window.area.empty.buttons()[0], LEFT)
    driver.until(lambda: not driver.window.catalogs.is_busy and driver.window.area.model.total > 0)
    driver.idle()
    assert 0 < driver.total < 90
    assert driver.window.area.page is driver.window.area.gallery


def test_a_dropped_catalog_is_opened_and_the_former_one_closed(driver, imported_products, tmp_path):
    former = driver.window.controller.workspace
    other = Path(shutil.copytree(imported_products, tmp_path / "other"))
    driver.drop(driver.window, dropped(other))
    driver.until(lambda: driver.window.controller.workspace is not former)
    driver.idle()
    assert driver.window.windowTitle().startswith("other")
    assert driver.total == 90
    driver.window.actions_["close"].trigger()
    assert driver.window.area.page is driver.window.area.start
    driver.until(lambda: driver.window.background.is_idle)


def test_recent_catalogs_are_in_the_menu(driver, imported_products, tmp_path):
    other = Path(shutil.copytree(imported_products, tmp_path / "autumn"))
    driver.window.settings.recent.append(str(other))
    menu = driver.window.bar.catalog.menu().actions()[1].menu()
    menu.aboutToShow.emit()
    (entry,) = menu.actions()
    assert entry.text().startswith("autumn")
    entry.trigger()
    driver.until(lambda: driver.window.windowTitle().startswith("autumn"))
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()


def test_the_status_says_how_many_photos_a_look_cannot_find_yet(driver):
    driver.click_sign("p000", 1)
    driver.idle()
    assert "not searchable" not in driver.window.status.text()
    info = replace(driver.window.catalogs.info, to_embed=1234)
    driver.window.catalogs.info = info
    driver.window.catalogs.info_changed.emit(info)
    assert "not searchable by look yet: 1,234" in driver.window.status.text()


def test_photos_whose_small_pictures_were_lost_are_searchable_all_the_same(
    make_window: Callable[..., Driver], catalog: Path
) -> None:
    (catalog / "thumbnails.sqlite3").write_bytes(b"not a database" * 1000)
    driver = make_window()
    window = driver.window
    window.catalogs.open(catalog)
    driver.until(lambda: window.catalogs.info is not None)
    driver.idle()
    assert window.banner.message.text().startswith("Small pictures that were lost: 90. Searching works")
    driver.click_sign("p000", 1)
    driver.idle()
    assert "not searchable" not in window.status.text()
    window.banner.button.click()
    driver.until(lambda: not window.catalogs.is_busy)
    driver.idle()
    assert window.catalogs.info.without_thumbnail == 0


def test_what_is_known_of_a_catalog(driver):
    driver.window.actions_["about_catalog"].trigger()
    driver.until(lambda: driver.window.findChild(TextSheet) is not None)
    driver.window.findChild(TextSheet).close()


def test_every_action_has_a_shortcut_and_is_on_the_sheet(driver):
    shown = {text for _, rows in driver.window.actions_.sheet() for text, _ in rows}
    for menu in driver.window.actions_.menus.values():
        for action in menu.actions():
            if action.isVisible() and not action.isSeparator():
                assert action.shortcuts(), action.text()
                assert action.text().replace("&", "").rstrip("…") in shown
    driver.window.actions_["shortcuts"].trigger()
    sheet = driver.window.findChild(TextSheet)
    assert sheet.isVisible()
    assert any("Page Down" in label.text() for label in sheet.findChildren(QLabel))
    sheet.close()


def test_the_layout_is_remembered(make_window, catalog):
    settings = Settings()
    driver = make_window(settings)
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.idle()
    driver.window.actions_["inspector"].trigger()
    driver.window.actions_["ids"].trigger()
    driver.window.area.gallery.set_tile_size(220)
    driver.qtbot.mouseClick(driver.window.facets.sections()["colour"].header, LEFT)
    driver.window.close()
    again = make_window(Settings.load())
    again.window.catalogs.open(catalog)
    again.until(lambda: again.window.controller.results is not None)
    again.idle()
    assert not again.window.inspector_dock.isVisible()
    assert again.window.docks["facets"].isVisible()
    assert again.window.area.gallery.tile_size() == 220
    assert again.window.actions_["ids"].isChecked()
    assert again.window.area.gallery.tiles.show_captions
    assert not again.window.facets.sections()["colour"].is_open
    assert again.window.settings.recent == [str(catalog.resolve())]


def test_a_catalog_newer_than_the_program_is_refused(empty, catalog):
    with sqlite3.connect(catalog / "catalog.sqlite3") as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    empty.window.catalogs.open(catalog)
    empty.until(empty.window.area.banner.isVisible)
    assert "newer" in empty.window.area.banner.message.text()


def test_a_new_catalog_is_proposed_beside_the_photos(tmp_path):
    (tmp_path / "shop" / "images").mkdir(parents=True)
    assert proposed_catalog(tmp_path / "shop" / "images") == tmp_path / "shop" / "shop-catalog"
    (tmp_path / "shop-catalog").mkdir()
    assert proposed_catalog(tmp_path / "shop") == tmp_path / "shop-catalog-2"


def test_closing_during_an_import_keeps_what_is_done(make_window, drawn_products, tmp_path):
    Workspace.open(tmp_path / "new", create=True).close()
    driver = make_window()
    driver.window.catalogs.open(
        tmp_path / "new", then=ImportRequest(drawn_products, drawn_products / "products.csv")
    )
    driver.until(lambda: driver.window.area.model.total == 90)
    driver.window.close()
    QApplication.processEvents()
    with Workspace.open(tmp_path / "new") as workspace:
        assert workspace.item_count() == 90


def test_who_comes_back_twice_sees_what_the_first_look_found(driver, monkeypatch: pytest.MonkeyPatch):
    """The second one finds nothing new, while the first is still on its way."""
    application, workspace = QApplication.instance(), driver.window.controller.workspace
    looks, first_looks, second_looked = iter((True, False)), threading.Event(), threading.Event()

    def refresh() -> bool:
        found = next(looks)
        if found:
            first_looks.set()
            second_looked.wait()
        else:
            second_looked.set()
        return found

    monkeypatch.setattr(workspace, "refresh", refresh)
    grown = []
    driver.window.catalogs.grown.connect(lambda *told: grown.append(told))
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    driver.until(first_looks.is_set)
    application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    driver.until(lambda: second_looked.is_set() and driver.window.background.is_idle)
    assert len(grown) == 1


def test_who_comes_back_to_the_window_sees_what_was_imported_and_decided_elsewhere(
    driver, drawn_products: Path, catalog: Path, tmp_path: Path
):
    application, window = QApplication.instance(), driver.window
    table = tmp_path / "products.csv"
    lines = (drawn_products / "products.csv").read_text("utf-8").splitlines()[:81]
    table.write_text(
        "\n".join([f"{lines[0]},sleeve", *(f"{line},long" for line in lines[1:])]) + "\n", "utf-8"
    )
    with Workspace.open(catalog) as other:
        other.import_all(ImportRequest(drawn_products, table), JobControl())
        application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        driver.until(lambda: "sleeve" in window.facets.sections())
        assert driver.total == 80
        other.decisions.apply(
            "set", "elsewhere", values=[ValueChange(driver.number("p000"), "sleeve", ("short",))]
        )
        application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        driver.until(lambda: window.controller.results.facets["sleeve"] == {"long": 79, "short": 1})
        driver.idle()
        before = window.controller.results
        application.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
        driver.idle()
        assert window.controller.results is before, "nothing has changed: nothing is asked again"
