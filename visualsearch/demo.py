"""The sample catalog of the demo: drawn, imported, encoded and indexed once, then kept in the cache folder."""

from __future__ import annotations

from pathlib import Path

from visualsearch import settings
from visualsearch.jobs import JobControl
from visualsearch.workspace import Workspace

ITEMS = 1200
SEED = 7


def prepare(control: JobControl, items: int = ITEMS, seed: int = SEED) -> Path:
    """Folder of a sample catalog that is ready to search. Goes on where an earlier call was stopped.

    Raises Cancelled, EncoderError, CatalogError (full disk).
    """
    from visualsearch.catalog.importing import ImportRequest
    from visualsearch.sample import generate

    folder = settings.cache_dir() / "demo" / f"{items}-{seed}"
    photos, catalog = folder / "photos", folder / "sample-catalog"
    generate(photos, items, seed, control)
    with Workspace.open(catalog, create=True) as workspace:
        request = ImportRequest(photos, photos / "products.csv")
        workspace.import_all(request, control)
    return catalog
