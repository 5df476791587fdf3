"""A gallery on screen, with photos drawn here."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image, ImageDraw

from visualsearch.ui import style
from visualsearch.ui.gallery import GalleryModel, GalleryView, PixmapCache
from visualsearch.ui.gallery.selection import ItemSelection


@dataclass(frozen=True)
class Thumb:
    jpeg: bytes
    width: int
    height: int
    color: int


def draw(item: int, width: int = 60, height: int = 80) -> Thumb:
    """A white photo with a coloured square, as shops have them."""
    color = (item * 37 % 200, item * 91 % 200, item * 53 % 200)
    image = Image.new("RGB", (width, height), "white")
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, 3 * width // 4, 3 * height // 4), fill=color)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=95)
    return Thumb(data.getvalue(), width, height, color[0] << 16 | color[1] << 8 | color[2])


@pytest.fixture
def drawn() -> Callable[..., Thumb]:
    return draw


@dataclass
class Gallery:
    """The parts of a gallery, and short words for what tests do with them."""

    model: GalleryModel
    pixmaps: PixmapCache
    view: GalleryView

    def show(self, items: int | list[int], *, total: int | None = None, scores=None, token=None) -> None:
        numbers = np.arange(1, items + 1) if isinstance(items, int) else np.array(items)
        self.model.set_results(numbers.astype(np.int32), total, scores, token=token)

    def select(self, *items: int) -> None:
        selection = ItemSelection()
        selection.add(np.array(items))
        self.view.set_selection(selection)

    def selected(self) -> list[int]:
        return self.view.selected_items().tolist()

    def screen_y(self, item: int) -> int:
        row = self.model.row_of(item)
        assert row is not None
        return self.view.tile_rect(row).center().y()


@pytest.fixture
def gallery(qtbot, qapp) -> Iterator[Gallery]:
    """A shown view of 760 × 500 pixels: four columns of the usual tiles."""
    style.apply(qapp, "light")
    model = GalleryModel(fetch_ids=lambda items: [f"id-{item}" for item in items])
    pixmaps = PixmapCache(lambda items: {item: draw(item) for item in items})
    view = GalleryView(model, pixmaps)
    qtbot.addWidget(view)
    view.resize(760, 500)
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    yield Gallery(model, pixmaps, view)
    pixmaps.close()
    model.close()
