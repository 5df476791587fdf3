"""Settings survive a restart and never stand in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from visualsearch import demo
from visualsearch.errors import VisualSearchError
from visualsearch.jobs import JobControl
from visualsearch.settings import RECENT_LIMIT, Settings, config_dir


def test_what_is_saved_is_loaded():
    settings = Settings(tile_size=200, show_scores=False)
    settings.save()
    assert Settings.load() == settings


def test_a_home_that_cannot_be_written_costs_only_what_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("VISUALSEARCH_HOME", str(tmp_path / "file"))
    assert Settings.load() == Settings()
    with pytest.raises(NotADirectoryError):
        Settings().save()
    with pytest.raises(VisualSearchError, match="cannot be written to"):
        demo.prepare(JobControl())


@pytest.mark.parametrize("content", ["", "[1, 2]", "{", '{"tile_size": "big", "unknown": 1}', "\0"])
def test_damaged_settings_count_as_defaults(content: str):
    config_dir().mkdir(parents=True)
    (config_dir() / "settings.json").write_text(content)
    assert Settings.load() == Settings()


def test_recent_catalogs_are_newest_first_without_repeats(tmp_path: Path):
    settings = Settings()
    folders = [tmp_path / str(number) for number in range(RECENT_LIMIT + 3)]
    for folder in [*folders, folders[5]]:
        settings.remember_catalog(folder)
    assert settings.recent[0] == str(folders[5].resolve())
    assert settings.recent[1] == str(folders[-1].resolve())
    assert len(settings.recent) == RECENT_LIMIT == len(set(settings.recent))
