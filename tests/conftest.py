"""What every test shares: a home of its own, the development catalogs where they are, and a check for leaked threads."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_DATA = Path(os.environ.get("VISUALSEARCH_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def _catalog(name: str) -> Path:
    folder = _DATA / name
    if not folder.is_dir():
        pytest.skip(f"the development catalog {name} is not here (set VISUALSEARCH_TEST_DATA)")
    return folder


@pytest.fixture(scope="session")
def fashion() -> Path:
    """2,000 shop thumbnails with a table: ``images/ID.jpg`` and ``styles.csv``."""
    return _catalog("fashion-2k")


@pytest.fixture(scope="session")
def clothing() -> Path:
    """3,068 photos taken at home, in ten folders that name the garment."""
    return _catalog("clothing")


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings go to a folder of the test's own; the compiled encoders are shared, since they take a minute to make."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("VISUALSEARCH_HOME", str(home))
    monkeypatch.setenv("VISUALSEARCH_ENCODERS", str(Path(__file__).parents[1] / ".cache" / "encoders"))
    return home


@pytest.fixture(autouse=True)
def no_leaked_threads():
    """A test that leaves a thread of ours behind fails."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(timeout=5)
    left = [thread.name for thread in left if thread.is_alive()]
    assert not left, f"threads left behind: {left}"
