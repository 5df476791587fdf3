"""Where the program keeps its own things: settings, caches, recent catalogs.

``VISUALSEARCH_HOME`` puts everything below one folder (tests, portable use); ``VISUALSEARCH_ENCODERS`` names another
folder for the compiled encoders alone, since they take a minute to make and can be shared. A folder is made by who
writes into it.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal

from visualsearch.replacing import replace_file

_APP = "visualsearch"
RECENT_LIMIT = 12
THEMES = ("system", "light", "dark")
CHOICES = (
    "actor",
    "theme",
    "high_contrast",
    "font_percent",
    "language",
    "tile_size",
    "show_scores",
    "show_ids",
)
"""The settings that the person chooses; the others are only remembered."""
_FONT_LEAST, _FONT_MOST = 80, 200


def cache_dir() -> Path:
    """Folder for what can be made again: compiled encoders, the demo catalog."""
    return _folder("cache")


def encoders_dir() -> Path:
    """Folder of the compiled encoders."""
    return Path(os.environ.get("VISUALSEARCH_ENCODERS") or cache_dir() / "encoders")


def config_dir() -> Path:
    """Folder for the person's settings."""
    return _folder("config")


def _folder(kind: Literal["cache", "config"]) -> Path:
    home = os.environ.get("VISUALSEARCH_HOME")
    if home:
        return Path(home) / kind
    import platformdirs

    usual = {"cache": platformdirs.user_cache_path, "config": platformdirs.user_config_path}
    return usual[kind](_APP, appauthor=False)


@dataclass
class Settings:
    """Few, good choices. Unknown or damaged values fall back to the defaults."""

    recent: list[str] = field(default_factory=list)
    actor: str = ""  # whom the history names for what is decided here; empty: who is logged in
    theme: str = "system"  # or "light", "dark"
    high_contrast: bool = False
    font_percent: int = 100  # of the desktop's size
    language: str = ""  # a code such as "de"; empty: the desktop's
    tile_size: int = 160
    show_scores: bool = True
    show_ids: bool = False
    window_geometry: str = ""
    window_state: str = ""
    panels: dict[str, bool] = field(default_factory=dict)
    folded: list[str] = field(default_factory=list)
    facet_order: list[str] = field(default_factory=list)

    @classmethod
    def load(cls) -> Settings:
        """Read the settings file; a damaged one counts as empty, since nothing in it is precious."""
        try:
            stored = json.loads(_file().read_text("utf-8"))
        except (OSError, ValueError):
            return cls()
        return cls.from_stored(stored)

    @classmethod
    def from_stored(cls, stored: object) -> Settings:
        """Settings from what a JSON file held; what is of another type counts as not said."""
        settings = cls()
        if not isinstance(stored, dict):
            return settings
        for entry in fields(cls):
            value = stored.get(entry.name)
            if type(value) is type(getattr(settings, entry.name)):
                setattr(settings, entry.name, value)
        settings.recent = [path for path in settings.recent if isinstance(path, str)]
        settings.panels = {name: on for name, on in settings.panels.items() if isinstance(on, bool)}
        settings.folded = [name for name in settings.folded if isinstance(name, str)]
        settings.facet_order = [name for name in settings.facet_order if isinstance(name, str)]
        settings.font_percent = min(_FONT_MOST, max(_FONT_LEAST, settings.font_percent))
        if settings.theme not in THEMES:
            settings.theme = THEMES[0]
        return settings

    def choices(self) -> dict[str, object]:
        """What a person chose, and may take to another computer: not the recent catalogs, not the window's place."""
        return {name: value for name, value in asdict(self).items() if name in CHOICES}

    def take_choices(self, stored: object) -> None:
        """Take over what `choices` of this or another computer gave; what is missing falls back to the default."""
        found = Settings.from_stored(stored)
        for name in CHOICES:
            setattr(self, name, getattr(found, name))

    def to_text(self) -> str:
        """What the settings file holds."""
        return json.dumps(asdict(self), indent=1)

    def save(self) -> None:
        """Write beside and rename, so that a crash leaves the old file or the new one. Raises OSError."""
        self.write(self.to_text())

    @staticmethod
    def write(text: str) -> None:
        """Write a text of `to_text`; any thread, one at a time. Raises OSError."""
        rewrite(_file(), text)

    def remember_catalog(self, path: Path) -> None:
        """Put a catalog first among the recent ones."""
        text = str(path.resolve())
        self.recent = [text, *(entry for entry in self.recent if entry != text)][:RECENT_LIMIT]


def rewrite(file: Path, text: str) -> None:
    """Replace a small file, in a folder that is made if need be. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, text.encode())


def _file() -> Path:
    return config_dir() / "settings.json"
