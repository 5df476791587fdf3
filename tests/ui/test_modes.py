"""Features, modes and docks that come after the first paint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from tests.ui.conftest import Driver
from visualsearch.ui.actions import Entry
from visualsearch.ui.main_window import MainWindow
from visualsearch.ui.modes import Mode
from visualsearch.workspace import Workspace

CTRL = Qt.KeyboardModifier.ControlModifier


class TagMode(Mode):
    """A mode as a feature adds it, that keeps a diary."""

    name, icon, docks = "tag", "plus", ("facets",)

    def __init__(self) -> None:
        super().__init__("Tag")
        self.diary: list[str] = []

    def make(self) -> QWidget:
        self.diary.append("make")
        return QPushButton("here")

    def enter(self, workspace: Workspace) -> None:
        self.diary.append(f"enter {workspace.name}")

    def leave(self) -> None:
        self.diary.append("leave")


@pytest.fixture(autouse=True)
def without_other_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only Browse is there; the mode of this test comes as the second one."""
    from visualsearch.ui import features

    modes = ("tagging", "auditing", "quality", "autotag")
    kept = [name for name in features.FEATURES if not any(f".{mode}." in name for mode in modes)]
    monkeypatch.setattr(features, "FEATURES", tuple(kept))


@pytest.fixture
def tag(driver: Driver) -> TagMode:
    mode = TagMode()
    driver.window.modes.add(mode)
    driver.window.add_dock(
        "hints", "Hints", QLabel("hints"), Qt.DockWidgetArea.RightDockWidgetArea, modes=("tag",), keys=("F7",)
    )
    return mode


def test_the_switch_comes_with_the_second_mode(driver: Driver, tag: TagMode) -> None:
    switch = driver.window.switch
    assert switch.isVisible()
    assert [switch.button(name).text() for name in ("browse", "tag")] == ["Browse", "Tag"]
    assert switch.button("browse").isChecked()
    assert tag.diary == []


def test_a_mode_is_made_when_first_entered(driver: Driver, tag: TagMode) -> None:
    driver.qtbot.mouseClick(driver.window.switch.button("tag"), Qt.MouseButton.LeftButton)
    assert tag.diary == ["make", "enter catalog"]
    assert tag.widget.isVisible()
    assert driver.window.switch.button("tag").isChecked()
    driver.key(Qt.Key.Key_1, CTRL)
    assert tag.diary == ["make", "enter catalog", "leave"]
    assert driver.window.area.gallery.isVisible()
    driver.key(Qt.Key.Key_2, CTRL)
    assert tag.diary[3:] == ["enter catalog"]


def test_docks_go_with_the_mode_and_come_back(driver: Driver, tag: TagMode) -> None:
    window = driver.window
    assert not window.docks["hints"].isVisible()
    window.modes.switch("tag")
    assert window.docks["hints"].isVisible()
    assert window.docks["facets"].isVisible()  # the mode keeps it
    assert not window.inspector_dock.isVisible()
    assert not window.docks["tray"].isVisible()
    driver.key(Qt.Key.Key_F7)
    assert not window.docks["hints"].isVisible()
    window.modes.switch("browse")
    assert window.inspector_dock.isVisible()
    assert window.docks["tray"].isVisible()


def test_a_mode_has_its_own_actions_and_search_goes_where_it_means_nothing(
    driver: Driver, tag: TagMode
) -> None:
    window, done = driver.window, []
    entry = Entry("tag_yes", "&Yes", ("+",), "plus", needs="tag")  # the key is an example's in Browse
    window.actions_.add("tag", (entry,), {"tag_yes": lambda: done.append(1)}, title="&Tag")
    window.enable_actions()
    assert not window.actions_["tag_yes"].isEnabled()
    assert [action.text() for action in window.menuBar().actions()][-2:] == ["&Tag", "&Help"]
    assert "Yes" in {text for _, rows in window.actions_.sheet() for text, _ in rows}
    window.modes.switch("tag")
    driver.until(lambda: not window.bar.text.isVisible())
    assert not window.actions_["positive"].isEnabled()
    driver.key(Qt.Key.Key_Plus)
    assert done == [1]
    window.modes.switch("browse")
    driver.until(window.bar.text.isVisible)
    assert window.actions_["positive"].isEnabled()


def test_the_mode_is_left_before_its_catalog_goes(driver: Driver, tag: TagMode) -> None:
    driver.window.modes.switch("tag")
    driver.window.leave_catalog()
    assert tag.diary[-1] == "leave"
    assert driver.window.modes.current == "browse"
    driver.window.modes.switch("tag")
    assert driver.window.modes.current == "browse"  # nothing to tag without a catalog


def test_the_status_line_tells_of_a_search_only_where_one_is_seen(driver: Driver, tag: TagMode) -> None:
    driver.window.modes.switch("tag")
    assert not driver.window.status.isVisible()
    driver.window.modes.switch("browse")
    assert driver.window.status.isVisible()


def test_a_mode_that_fails_leaves_one_browsing(driver: Driver) -> None:
    class Broken(TagMode):
        def enter(self, workspace: Workspace) -> None:
            raise ValueError("a mistake of ours")

    driver.window.modes.add(Broken())
    driver.window.modes.switch("tag")
    assert driver.window.modes.current == "browse"
    assert driver.window.area.gallery.isVisible()
    driver.until(lambda: driver.window.faults.dialog is not None)
    driver.window.faults.dialog.close()


def test_a_feature_that_fails_does_not_take_the_others_along(
    make_window: Callable[..., Driver], monkeypatch: pytest.MonkeyPatch
) -> None:
    from visualsearch.ui import features

    monkeypatch.setattr(features, "FEATURES", ("visualsearch.ui.no_such_feature", *features.FEATURES))
    driver = make_window()
    assert "browse" in driver.window.modes
    driver.until(lambda: driver.window.faults.dialog is not None)
    driver.window.faults.dialog.close()


def test_features_come_by_themselves(qtbot, catalog: Path) -> None:
    from visualsearch.settings import Settings

    window = MainWindow(Settings())
    qtbot.addWidget(window)
    with qtbot.waitSignal(window.features_installed, timeout=20_000):
        window.show()
    assert window.features.are_installed
    window.close()
