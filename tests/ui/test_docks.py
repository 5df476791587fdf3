"""The panels around the middle, over changes of mode."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel


@pytest.mark.parametrize("mode", ["tag", "audit"])
def test_panels_come_back_as_wide_as_they_were(driver, mode: str) -> None:
    """The pages of some modes need more room than Browse leaves beside its panels."""
    window = driver.window
    docks = (window.facet_dock, window.inspector_dock)
    before = [dock.width() for dock in docks]
    page = window.modes[mode].widget
    page.layout().addWidget(QLabel("a page that is wide " * 8))
    for _time in range(2):
        window.modes.switch(mode)
        driver.until(page.isVisible)
        driver.idle()
        window.modes.switch("browse")
        driver.until(window.facet_dock.isVisible)
        driver.idle()
    assert [dock.width() for dock in docks] == before
    assert (window.width(), window.height()) == (1280, 800)
