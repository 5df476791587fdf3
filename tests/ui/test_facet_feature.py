"""Facets in the real window: ranges of numbers, previews, order; by mouse and by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from visualsearch.catalog.importing import ImportRequest
from visualsearch.filters.query import Query, Sort
from visualsearch.jobs import JobControl
from visualsearch.settings import Settings
from visualsearch.ui import edits
from visualsearch.workspace import Workspace

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def facets(driver):
    """The window with its features, and histograms."""
    driver.window.features.install_all()
    driver.until(lambda: driver.window.facets.sections()["price"].range is not None)
    driver.idle()
    return driver


def price(driver):
    return driver.window.facets.sections()["price"].range


def prices(driver) -> list[float]:
    workspace = driver.window.controller.workspace
    found = []
    for item in driver.window.area.model.items.tolist():
        (value,) = [entry.values[0] for entry in workspace.details(item).attributes if entry.name == "price"]
        found.append(float(value))
    return found


def test_a_number_is_narrowed_by_keyboard(facets):
    row = price(facets)
    assert row.isVisible()
    bars = row.bars
    bars.setFocus()
    for key, modifiers in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Left, SHIFT),
    ):
        facets.qtbot.keyClick(bars, key, modifiers)
    facets.idle()
    low, high = bars.range
    assert low is not None
    assert high is not None
    assert 0 < facets.total < 90
    assert all(low <= value <= high for value in prices(facets))
    (chip,) = facets.window.area.chips.chips()
    assert chip.text().startswith("price: ")
    facets.qtbot.keyClick(bars, Qt.Key.Key_Home)
    facets.qtbot.keyClick(bars, Qt.Key.Key_End)
    assert facets.total == 90
    assert facets.window.controller.query.where == ()


def test_a_number_is_narrowed_by_mouse_in_one_step(facets):
    bars = price(facets).bars
    handle = bars.handle_at(0).toPoint()
    facets.qtbot.mousePress(bars, LEFT, pos=handle)
    for x in (20, 40, bars.width() // 2):
        facets.qtbot.mouseMove(bars, QPoint(x, handle.y()))
    facets.qtbot.mouseRelease(bars, LEFT, pos=QPoint(bars.width() // 2, handle.y()))
    facets.idle()
    assert 0 < facets.total < 90
    facets.window.controller.back()
    assert facets.total == 90
    assert bars.range == (None, None)
    facets.idle()


def test_exact_numbers_are_typed(facets):
    row = price(facets)
    values = sorted(prices(facets))
    row.high.setFocus()
    row.high.selectAll()
    facets.qtbot.keyClicks(row.high, f"{values[4]:.2f}")
    facets.qtbot.keyClick(row.high, Qt.Key.Key_Return)
    facets.idle()
    assert sorted(prices(facets)) == values[:5]


def test_hovering_a_value_says_what_it_would_leave(facets):
    section = facets.window.facets.sections()["shape"]
    index = section.model.index(section.model.row_of("disc"))
    section.values.entered.emit(index)
    facets.until(lambda: facets.window.statusBar().currentMessage() == "With shape disc: 30 photos")
    facets.window.facets.hovered.emit("", "")
    assert facets.window.statusBar().currentMessage() == ""


def test_what_a_value_would_leave_is_said_only_while_one_is_on_it(facets):
    window = facets.window
    values = window.facets.sections()["shape"].values
    told = lambda: bool(window.statusBar().currentMessage())  # noqa: E731
    values.setFocus()
    facets.qtbot.keyClick(values, Qt.Key.Key_End)
    facets.until(told)
    facets.key(Qt.Key.Key_Escape)
    assert window.focusWidget() is window.area.gallery
    assert not told()
    values.entered.emit(values.currentIndex())
    facets.until(told)
    facets.key(Qt.Key.Key_2, CONTROL)
    assert not told()


def test_a_heading_that_is_cut_off_says_all_of_itself(facets):
    section = facets.window.facets.sections()["shape"]
    spot = section.header.rect().center()

    def ask() -> str:
        QApplication.sendEvent(
            section.header, QHelpEvent(QEvent.Type.ToolTip, spot, section.header.mapToGlobal(spot))
        )
        return QToolTip.text()

    assert ask() == ""
    section.header.setText("the shape that the maker says it has, or would have")
    assert ask() == section.header.text()
    QToolTip.hideText()


def test_attributes_are_put_in_another_order_and_that_is_remembered(facets, make_window, catalog):
    panel = facets.window.facets
    before = list(panel.sections())
    header = panel.sections()[before[1]].header
    header.setFocus()
    facets.qtbot.keyClick(header, Qt.Key.Key_Up, CONTROL)
    assert list(panel.sections())[:2] == [before[1], before[0]]
    facets.qtbot.keyClick(header, Qt.Key.Key_Down, CONTROL)
    assert list(panel.sections()) == before
    target = panel.sections()[before[1]]
    top = panel.sections()[before[0]].header
    facets.qtbot.mousePress(top, LEFT, pos=QPoint(30, 8))
    below = top.mapFromGlobal(target.mapToGlobal(QPoint(30, target.height() - 2)))
    facets.qtbot.mouseMove(top, below)
    facets.qtbot.mouseMove(top, below + QPoint(0, 1))
    facets.qtbot.mouseRelease(top, LEFT, pos=below)
    assert list(panel.sections())[:2] == [before[1], before[0]]
    assert panel.sections()[before[0]].is_open  # it was no click
    facets.window.close()
    driver = make_window(Settings.load())
    driver.window.catalogs.open(catalog)
    driver.until(lambda: driver.window.controller.results is not None)
    driver.window.features.install_all()
    driver.idle()
    assert list(driver.window.facets.sections())[:2] == [before[1], before[0]]
    panel = driver.window.facets
    driver.until(lambda: panel.sections()[before[0]].isVisible())
    panel._mover.menu(panel.sections()[before[0]].header).actions()[-1].trigger()
    driver.window.settings.facet_order = []


def test_the_panel_enters_by_name(facets):
    facets.window.facets.find_in("shape")
    assert facets.window.focusWidget() is facets.window.facets.sections()["shape"].values


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(1.5, None, "price>=1.5"), (None, 3, "price<=3"), (1, 3, "price>=1 and price<=3")],
)
def test_a_range_is_a_condition(low, high, text):
    query = edits.set_range(Query(), "price", low, high)
    assert query.where == (text,)
    assert edits.ranges(query) == {"price": (low, high)}
    assert edits.set_range(query, "price", None, None).where == ()
    assert edits.set_range(query, "price", 7, None).where == ("price>=7",)
    kept = edits.add_condition(query, "shape=disc")
    assert edits.set_range(kept, "price", None, None).where == ("shape=disc",)


def test_a_range_and_has_none_exclude_one_another():
    query = edits.set_range(edits.tick(Query(), "price", "", True), "price", 1, 2)
    assert query.choices == ()
    assert edits.tick(query, "price", "", True).where == ()
    for text in ("price=3", "a>=1 and b<=2", "price>=x", "price>=1 or price<=3", "((("):
        assert edits.what_is_range(text) is None


def test_prices_with_a_currency_are_narrowed_by_a_range(make_window, drawn_products, tmp_path):
    rows = [f"p{place:03d},images/p{place:03d}.jpg,{5 + place}.90 EUR" for place in range(90)]
    (tmp_path / "table.csv").write_text("\n".join(["id,image,price", *rows]), "utf-8")
    with Workspace.open(tmp_path / "catalog", create=True) as workspace:
        workspace.import_all(ImportRequest(drawn_products, tmp_path / "table.csv"), JobControl())
    driver = make_window()
    driver.window.features.install_all()
    driver.window.catalogs.open(tmp_path / "catalog")
    driver.until(lambda: "price" in driver.window.facets.sections())
    driver.until(lambda: price(driver) is not None)
    driver.idle()
    driver.window.facets.range_wanted.emit("price", None, 10.0)
    driver.idle()
    assert driver.ids() == [f"p{place:03d}" for place in range(5)]
    assert price(driver).bars.range == (None, 10.0)
    driver.window.bar.sort_changed.emit(Sort("price", descending=True))
    driver.idle()
    assert driver.ids() == [f"p{place:03d}" for place in reversed(range(5))]
