"""The gallery: a million photos as tiles."""

from visualsearch.ui.gallery.model import ITEMS_MIME, GalleryModel, items_of, mime_data
from visualsearch.ui.gallery.pixmaps import PixmapCache
from visualsearch.ui.gallery.view import DEFAULT_TILE, MAX_TILE, MIN_TILE, GalleryView

__all__ = [
    "DEFAULT_TILE",
    "ITEMS_MIME",
    "MAX_TILE",
    "MIN_TILE",
    "GalleryModel",
    "GalleryView",
    "PixmapCache",
    "items_of",
    "mime_data",
]
