"""The two people of the task tests, before a window on the drawn products."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.conftest import Driver
from tests.ui.tasks.people import Keyboard, Mouse
from visualsearch.catalog.decisions import BulkValues
from visualsearch.workspace import Workspace


@pytest.fixture
def keyboard(driver: Driver) -> Keyboard:
    return Keyboard(driver)


@pytest.fixture
def mouse(driver: Driver) -> Mouse:
    return Mouse(driver)


@pytest.fixture
def gaps(catalog: Path) -> None:
    """Half of the items have no shape. Ask for it before the window."""
    with Workspace.open(catalog) as workspace:
        numbers = [workspace.number_of(f"p{number:03d}") or 0 for number in range(45, 90)]
        workspace.decisions.apply("clear", "hide", values=BulkValues(numbers, "shape", "clear", ()))  # type: ignore[arg-type]
