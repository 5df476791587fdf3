"""A catalog that is open, and all that can be done with it. The command line and the window call only this.

Threads: every method may be called from any thread. Those marked *fast* do no more than a small indexed read;
all others belong in a worker. What a query needs is loaded by the first query (see `loading`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from visualsearch.catalog.store import Catalog, ItemDetails, Refusal
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.errors import ImageRefused
from visualsearch.filters.query import Query, Results, VisualFilter
from visualsearch.jobs import JobControl
from visualsearch.loading import Engines
from visualsearch.thumbnail import Thumbnail

if TYPE_CHECKING:  # what the first painted grid does not need is imported by the first query or job
    from array import array

    import numpy as np

    from visualsearch.attributes.audit import Audit
    from visualsearch.attributes.autotag import AutoTag
    from visualsearch.attributes.exports import Exports
    from visualsearch.attributes.packets import Packets
    from visualsearch.attributes.quality import Quality
    from visualsearch.attributes.tagging import Tagging
    from visualsearch.catalog.browsing import Browsing
    from visualsearch.catalog.decisions import Decisions
    from visualsearch.catalog.importing import ImportReport, ImportRequest
    from visualsearch.catalog.previewing import Preview
    from visualsearch.catalog.vocabulary import Vocabulary
    from visualsearch.encoders.photos import PhotoLoader
    from visualsearch.evaluation.run import Plan, Report
    from visualsearch.filters.explain import Explanation, HeatMap
    from visualsearch.filters.saved import SavedFilters
    from visualsearch.pipeline import EncodeReport
    from visualsearch.preparation import Preparation

Mode = Literal["two-phase", "exact", "approximate"]
T = TypeVar("T")


@dataclass(frozen=True)
class CatalogInfo:
    """What a catalog holds and how far it is indexed. Counts leave out what is gone.

    ``refused`` counts rows and photos that the latest import could not use; ``embedded`` counts images; ``to_embed``,
    ``without_thumbnail`` (embedded, but its small picture was lost) and ``index_rows`` count pictures: images with the
    same bytes are one. ``outdated``: all were encoded by another version of the encoder than this program's; they can
    be searched, and `Workspace.index` encodes them anew.
    """

    path: str
    image_root: str
    items: int
    images: int
    refused: int
    without_image: int
    attributes: list[str]
    encoder: str
    embedded: int
    to_embed: int
    without_thumbnail: int
    index_rows: int
    outdated: bool
    read_only: bool

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


class Workspace:
    """An open catalog. Use `Workspace.open`; `close` it, or use it as a context manager."""

    def __init__(self, catalog: Catalog, thumbnails: Thumbnails) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._jobs = threading.Lock()
        self._engines = Engines(catalog, self._jobs, lambda *asked: self.quality.counted(*asked))
        self._photos: PhotoLoader | None = None
        self._photos_lock = threading.Lock()
        self._kept: dict[type, Any] = {}
        self._kept_lock = threading.RLock()

    @classmethod
    def open(cls, path: Path | str, *, create: bool = False, read_only: bool = False) -> Workspace:
        """Open the catalog in a folder (*fast*). Raises CatalogError and its kinds."""
        folder = Path(os.path.expanduser(path))
        catalog = Catalog.open(folder, create=create, read_only=read_only)
        try:
            return cls(catalog, Thumbnails.open(folder / "thumbnails.sqlite3"))
        except BaseException:
            catalog.close()
            raise

    def close(self) -> None:
        """End the encoder process and close every file. Jobs must have ended before."""
        self._engines.close()
        if self._photos is not None:
            self._photos.close()
        self._thumbnails.close()
        self._catalog.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- what is in it ----------------------------------------------------------------------------------------

    @property
    def path(self) -> Path:
        return self._catalog.path

    @property
    def name(self) -> str:
        """What people call the catalog: its folder's name."""
        return self.path.resolve().name

    @property
    def read_only(self) -> bool:
        return self._catalog.read_only

    def info(self, control: JobControl | None = None) -> CatalogInfo:
        """Counts and state. Reads the list of images: a second for a million. Raises Cancelled."""
        from visualsearch import pipeline

        counts = self._catalog.counts(control)
        choice = self._engines.choice()
        store, outdated = pipeline.open_store(self._catalog, choice), self._engines.is_outdated()
        try:
            waiting = pipeline.pending(self._catalog, None if outdated else store, self._thumbnails, control)
            _, digests = self._catalog.active_images(control)
            embedded = int(store.contains(digests).sum()) if store is not None else 0
            index_rows = pipeline.index_rows(store) if store is not None else 0
        finally:
            if store is not None:
                store.close()
        return CatalogInfo(
            path=str(self.path),
            image_root=str(self._catalog.image_root or ""),
            items=counts.items,
            images=counts.images,
            refused=len(self._catalog.refusals()),
            without_image=counts.without_image,
            attributes=[name for name, _ in self.attributes()],
            encoder=choice.name,
            embedded=embedded,
            to_embed=sum(not one.embedded for one in waiting),
            without_thumbnail=sum(one.embedded for one in waiting),
            index_rows=index_rows,
            outdated=outdated,
            read_only=self.read_only,
        )

    def item_count(self, control: JobControl | None = None) -> int:
        """Items that are not gone (*fast*). Raises Cancelled."""
        return self._catalog.counts(control).items

    def first_items(self, limit: int) -> array[int]:
        """Item numbers, C ints as in int32, in the order of their ids, for the first paint (*fast*)."""
        return self._catalog.items_in_id_order(limit)

    def attributes(self) -> list[tuple[str, str]]:
        """(name, type) of each attribute in the customer's order (*fast*)."""
        return self._catalog.attributes()

    def ids_of(self, items: Sequence[int]) -> list[str]:
        """The customer's ids of item numbers (*fast* for a screenful)."""
        return self._catalog.ids_of(items)

    def number_of(self, item_id: str) -> int | None:
        """Item number of an id, or None (*fast*)."""
        return self._catalog.number_of(item_id)

    def details(self, item: int) -> ItemDetails:
        """Attributes and images of one item (*fast*)."""
        return self._catalog.details(item)

    def refusals(self) -> list[Refusal]:
        """What the imports could not use, each with its file or line and the reason."""
        return self._catalog.refusals()

    def thumbnails(self, items: Sequence[int]) -> dict[int, Thumbnail]:
        """Thumbnails of item numbers; items without one are left out."""
        digests = self._catalog.first_digests(items)
        found = self._thumbnails.get_many(list(set(digests.values())))
        return {item: found[digest] for item, digest in digests.items() if digest in found}

    def image_paths(self, items: Iterable[int]) -> dict[int, Path]:
        """The photo that an item's tile shows, as an absolute path; items without one are left out."""
        return self._catalog.first_paths(items)

    def photo(self, item: int, position: int, max_side: int) -> tuple[int, int, bytes]:
        """(width, height, RGB bytes) of an item's photo, at most ``max_side`` pixels long. Raises ImageRefused."""
        images = self.details(item).images
        if not 0 <= position < len(images):
            raise ImageRefused("This item has no such photo.")
        return self.photo_of_file(images[position].file, max_side)

    def photo_of_file(self, path: Path | str, max_side: int) -> tuple[int, int, bytes]:
        """The same for any picture file. Raises ImageRefused."""
        from visualsearch.encoders.photos import PhotoLoader

        with self._photos_lock:
            loader = self._photos = self._photos or PhotoLoader()
        return loader.load(Path(path), max_side)

    @property
    def browsing(self) -> Browsing:
        """What the window asks about results: groups, identical photos, histograms."""
        from visualsearch.catalog.browsing import Browsing

        snapshot = lambda control: self._engines.loaded(control).snapshot  # noqa: E731
        copies = lambda control: [group.items for group in self.quality.duplicates.groups(control)]  # noqa: E731
        return self._once(Browsing, lambda: Browsing(self._catalog, snapshot, copies))

    # -- queries ----------------------------------------------------------------------------------------------

    def search(
        self, query: Query, emit: Callable[[Results], None], control: JobControl, mode: Mode = "two-phase"
    ) -> None:
        """Answer a query, phase by phase (see `filters.query`). Raises PredicateError, ImageRefused, Cancelled."""
        self._engines.use(lambda engine: engine.run(query, emit, control, mode=mode), control)

    def preview_count(self, query: Query, attribute: str, value: str, control: JobControl) -> int:
        """The exact total that a query would have with one more facet value ticked, or with one less where it is."""
        from visualsearch.filters.previewing import preview_count

        return self._engines.use(lambda e: preview_count(e, query, attribute, value, control), control)

    def not_searchable(self) -> int:
        """How many items have a photo that is not encoded yet, so that no search by look finds them."""
        import numpy as np

        engine = self._engines.loaded()
        with_photo = np.unique(self._catalog.active_images()[0])
        return len(with_photo) - (int(engine.space.has_vector().sum()) if engine.space is not None else 0)

    def warnings(self, where: Sequence[str]) -> list[str]:
        """What in some conditions cannot match anything, such as a value that no item has, with the nearest one."""
        from visualsearch.catalog import predicates

        snapshot = self._engines.loaded().snapshot
        return [
            text for condition in where for text in predicates.warnings(predicates.parse(condition), snapshot)
        ]

    def neighbours(self, item: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Item numbers and similarities of the items that look most like one."""
        return self._engines.use(lambda engine: engine.neighbours(item, count), JobControl())

    def explain(self, query: Query, item: int, control: JobControl) -> Explanation:
        """Why an item is among a query's results (see `filters.explain`). Raises VisualSearchError, Cancelled."""
        from visualsearch.filters.explain import explain

        return self._engines.use(lambda engine: explain(engine, query, item, control), control)

    def heat_map(self, visual: VisualFilter, item: int, control: JobControl) -> tuple[HeatMap, int]:
        """Where in an item's best photo a visual filter finds what it looks for, and which photo that is, from 0.

        Some 100 ms for a photo that was not looked at lately. Raises VisualSearchError, ImageRefused, EncoderError.
        """
        from visualsearch.filters.explain import heat_map

        files = [image.file for image in self.details(item).images if image.refused is None]
        grids = lambda: (self._engines.external.grid(file) for file in files)  # noqa: E731
        return self._engines.use(lambda engine: heat_map(engine, visual, item, grids), control)

    def block_scores(self, query: Query, item: int) -> dict[str, float]:
        """How much each block (style, colour) adds to an item's score under a query's visual filter."""
        return self._engines.use(lambda engine: engine.block_scores(query, item), JobControl())

    def evaluate(self, plan: Plan, control: JobControl) -> Report:
        """How well filters find what simulated people mean (see `evaluation.run`). Raises UsageError, Cancelled."""
        from visualsearch import pipeline
        from visualsearch.evaluation.baselines import Embeddings
        from visualsearch.evaluation.run import evaluate

        choice = pipeline.EncoderChoice.of(self._catalog)
        store = pipeline.open_store(self._catalog, choice)
        embeddings = Embeddings(store, choice.parts["pooled"]) if store is not None else None
        try:
            return self._engines.use(lambda engine: evaluate(engine, plan, control, embeddings), control)
        finally:
            if store is not None:
                store.close()

    def refresh(self) -> bool:
        """Pick up what was imported, embedded or indexed since, by whomever. True if anything changed."""
        return self._engines.refresh()

    @property
    def decisions(self) -> Decisions:
        """What people decided: apply, undo, redo, history (*fast* for a page; a bulk takes a moment)."""
        from visualsearch.catalog.decisions import Decisions, login_name
        from visualsearch.settings import Settings

        engines = self._engines
        actor = lambda: Settings.load().actor or login_name()  # noqa: E731
        return Decisions(self._catalog, engines.follow, actor, lambda: engines.loaded().snapshot)

    @property
    def vocabulary(self) -> Vocabulary:
        """Attributes with their values, synonyms and scopes; renaming and merging (*fast* but for a bulk)."""
        from visualsearch.catalog.vocabulary import Vocabulary

        return Vocabulary(self._catalog, self.decisions)

    @property
    def filters(self) -> SavedFilters:
        """The saved visual filters, and how sure a filter is (all belongs in a worker)."""
        from visualsearch import pipeline
        from visualsearch.filters.saved import SavedFilters

        stored = lambda digests: pipeline.embeddings_of(self._catalog, digests)  # noqa: E731
        return SavedFilters(self._catalog, self._engines.use, self.decisions, stored)

    @property
    def tagging(self) -> Tagging:
        """Suggestions, tagging sessions, certificates, new items (all belongs in a worker)."""
        from visualsearch.attributes.tagging import Tagging

        query = lambda *asked: self.filters.query(*asked)  # noqa: E731
        return self._once(Tagging, lambda: Tagging(self._catalog, self._engines.use, self.decisions, query))

    @property
    def autotag(self) -> AutoTag:
        """Plans for auto tagging, and applying them (all belongs in a worker)."""
        from visualsearch.attributes.autotag import AutoTag

        certificates = self.tagging.certificates
        make = lambda: AutoTag(self._catalog, self._engines.use, self.decisions, certificates)  # noqa: E731
        return self._once(AutoTag, make)

    @property
    def quality(self) -> Quality:
        """Estimates, duplicates, dashboard and report (all belongs in a worker)."""
        from visualsearch.attributes.quality import Quality

        catalog, thumbnails, use = self._catalog, self._thumbnails, self._engines.use
        audit, onboarding = self.audit, self.tagging.onboarding
        return self._once(
            Quality, lambda: Quality(catalog, thumbnails, use, self.decisions, audit, onboarding)
        )

    @property
    def audit(self) -> Audit:
        """Suspects, verdicts, clusters, confusable values (all belongs in a worker)."""
        from visualsearch.attributes.audit import Audit

        return self._once(Audit, lambda: Audit(self._catalog, self._engines.use, self.decisions))

    @property
    def export(self) -> Exports:
        """Files for other programs, and the exports that were made (all belongs in a worker)."""
        from visualsearch.attributes.exports import Exports

        return Exports(self._catalog, self._engines.use, self._engines.refresh)

    @property
    def packets(self) -> Packets:
        """Queues to be judged elsewhere, and the decisions that come back (all belongs in a worker)."""
        from visualsearch.attributes.packets import Packets

        use, estimates = self._engines.use, self.quality.estimates
        return Packets(self._catalog, use, self.decisions, self.tagging, self.audit, estimates)

    def _once(self, kind: type[T], make: Callable[[], T]) -> T:
        """The one object of its kind, made when it is first asked for: it remembers what was costly."""
        with self._kept_lock:
            if kind not in self._kept:
                self._kept[kind] = make()
            return self._kept[kind]

    # -- jobs -------------------------------------------------------------------------------------------------

    @staticmethod
    def import_preview(request: ImportRequest, into: Workspace | None = None) -> Preview:
        """What an import would take from a table: guessed columns, the first rows, problems. Writes nothing. With
        ``into``, as what that catalog remembers makes it."""
        from visualsearch.catalog.previewing import preview

        return preview(request, into._catalog if into is not None else None)

    def import_all(
        self,
        request: ImportRequest,
        control: JobControl,
        *,
        encoder: str | None = None,
        weights: Path | None = None,
        on_change: Callable[[], None] | None = None,
    ) -> ImportReport:
        """Import, encode and index: all that makes a folder of photos searchable, as one job.

        ``encoder`` and ``weights`` choose the encoder (the catalog's own, when None). ``on_change`` is called in this
        thread whenever there is something new to show: call `refresh` then. What the encoder refused joins
        the import's report. Raises Cancelled (what was done stays), CatalogError, TableError, EncoderError.
        """
        return self._preparation().import_all(request, control, encoder, weights, on_change)

    def index(self, control: JobControl, on_change: Callable[[], None] | None = None) -> EncodeReport:
        """Encode and index what is not yet: goes on with a job that was cancelled or killed. Encodes all anew where
        another version of the encoder did it."""
        return self._preparation().index(control, on_change)

    def _preparation(self) -> Preparation:
        from visualsearch.preparation import Preparation

        return Preparation(self._catalog, self._thumbnails, self._engines, self._jobs)
