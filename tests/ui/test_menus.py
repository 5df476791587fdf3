"""The menus: what stands where, keys that mean one thing, texts without the command line's signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QAbstractButton, QDialog, QGroupBox, QLabel, QTabBar, QWidget

from visualsearch.errors import UsageError
from visualsearch.filters.query import Query
from visualsearch.ui import texts
from visualsearch.ui.panels import banner


def spoken(widget: QWidget) -> list[str]:
    """The texts of a widget that may hold a mnemonic."""
    if isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and widget.buddy() is not None):
        return [widget.text()]
    if isinstance(widget, QGroupBox):
        return [widget.title()]
    return [widget.tabText(at) for at in range(widget.count())] if isinstance(widget, QTabBar) else []


def alt_keys(window) -> Iterator[tuple[str, str]]:
    """Each key with Alt that means something now, and what."""
    for action in window.menuBar().actions():
        yield QKeySequence.mnemonic(action.text()).toString(), f"menu {action.text()}"
    for name, _menu, action in window.actions_.listed():
        for key in action.shortcuts():
            if action.isEnabled():
                yield key.toString(), f"action {name}"
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and widget.window() is window:
            for text in spoken(widget):
                yield QKeySequence.mnemonic(text).toString(), f"{type(widget).__name__} {text}"


def test_no_key_means_two_things_in_any_mode(driver) -> None:
    window = driver.window
    driver.click_sign("p000", 1)
    for name in ("jobs", "decisions", "saved_filters"):
        window.actions_[name].setChecked(True)
    for mode in window.modes.all():
        window.modes.switch(mode.name)
        driver.until(lambda mode=mode: window.modes.current == mode.name)
        driver.idle()
        window.banner.show_message("Something is done.", button="Undo", slot=lambda: None)
        meanings: dict[str, set[str]] = defaultdict(set)
        for key, meaning in alt_keys(window):
            if key:
                meanings[key].add(meaning)
        assert {key: said for key, said in meanings.items() if len(said) > 1} == {}, mode.name


@pytest.mark.parametrize(
    "name",
    [
        *("import", "export", "condition", "set_attribute", "keys", "vocabulary", "certificates", "settings"),
        *("packet_send", "autotag", "region", "save_filter", "judge"),
    ],
)
def test_no_key_means_two_things_in_a_dialog(driver, name: str) -> None:
    window = driver.window
    driver.click_sign("p000", 1)
    driver.select(driver.ids()[0])
    window.actions_[name].trigger()
    driver.until(lambda: any(one.isVisible() for one in window.findChildren(QDialog)))
    driver.idle()
    (dialog,) = [one for one in window.findChildren(QDialog) if one.isVisible()]
    meanings: dict[str, set[str]] = defaultdict(set)
    for widget in dialog.findChildren(QWidget):
        for text in spoken(widget) if widget.isVisible() else ():
            meanings[QKeySequence.mnemonic(text).toString()].add(text)
    meanings.pop("", None)
    dialog.reject()
    driver.idle()
    assert {key: said for key, said in meanings.items() if len(said) > 1} == {}


def test_quit_and_about_stand_last(driver) -> None:
    menus = driver.window.actions_.menus
    for menu, name in (("file", "quit"), ("help", "about")):
        assert menus[menu].actions()[-1] is driver.window.actions_[name]
        assert not any(
            one.isSeparator() and other.isSeparator()
            for one, other in zip(menus[menu].actions(), menus[menu].actions()[1:], strict=False)
        )


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("not visual:discs", "not in “discs”"),
        ("visual:discs", "in “discs”"),
        ("colour!=blue", "colour: not blue"),
        ('"navy blue"', "“navy blue”"),
        ("!colour", "colour: has none"),
        ("price>=10 and price<=50", "price: 10 to 50"),
        ("id=a or id=b or id=c or id=d or id=e or id=f", "id: a, b, c, d, e, …"),
        ("price>10 or colour=blue", "price>10 or colour=blue"),
    ],
)
def test_a_search_is_named_in_words(condition: str, said: str) -> None:
    assert texts.query_name(Query(where=(condition,))) == said


def test_errors_do_not_speak_of_the_command_line() -> None:
    error = UsageError("There is no filter 'x'", "choose another", "See: visualsearch filter list CATALOG")
    assert texts.error_line(error) == "There is no filter 'x'. Choose another."


@pytest.mark.parametrize("mode", ["browse", "tag", "audit", "quality"])
def test_escape_closes_a_message_in_any_mode(driver, mode: str) -> None:
    window = driver.window
    window.modes.switch(mode)
    driver.idle()
    window.area.gallery.selectAll()
    window.banner.show_message("Something is done.", warning=True)
    driver.key(Qt.Key.Key_Escape)
    assert window.banner.isHidden()
    assert len(window.area.gallery.selected_items()) == 90


def test_what_is_offered_goes_after_a_while_but_not_under_the_keyboard(
    driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(banner, "_OFFER_MS", 20)
    shown: Callable[[], None] = lambda: driver.window.banner.show_message("Done.", button="Undo")  # noqa: E731
    shown()
    driver.until(driver.window.banner.isHidden)
    shown()
    driver.window.banner.button.setFocus()
    driver.qtbot.wait(100)
    assert driver.window.banner.isVisible()
    driver.window.area.gallery.setFocus()
    driver.until(driver.window.banner.isHidden)
