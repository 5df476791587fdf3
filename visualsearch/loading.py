"""What a query needs, columns and vectors, loaded by the first query and replaced as a whole when they change, so that
a query never sees half of a change. Every method may be called from any thread; all may take seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from visualsearch.catalog.store import Catalog
from visualsearch.errors import CacheDamaged, CatalogError, CatalogLocked, EncoderError, NothingPrepared
from visualsearch.filters.external import ExternalExamples
from visualsearch.jobs import JobControl

if TYPE_CHECKING:  # what the first painted grid does not need is imported by the first query or job
    from visualsearch.encoders.encoder import CompiledEncoder
    from visualsearch.filters.algebra import Counted
    from visualsearch.filters.engine import Engine
    from visualsearch.pipeline import EncoderChoice
    from visualsearch.vectors.space import Space

T = TypeVar("T")


class Engines:
    """The engine of an open catalog as it is now. ``jobs`` is held while a job embeds or indexes."""

    def __init__(self, catalog: Catalog, jobs: threading.Lock, counted: Counted | None = None) -> None:
        """``counted`` gives the figures that conditions may speak of."""
        self._catalog = catalog
        self._counted = counted
        self._jobs = jobs
        self._lock = threading.RLock()  # guards the engine while it is made
        self._engine: Engine | None = None
        self._seen: tuple[object, ...] = ()
        self._is_untold = False
        """Whether all was read anew since the last `refresh`."""
        self._encoded_by = ""
        self.external = ExternalExamples(catalog, self._encoder)
        """Pictures from outside, regions and grids."""
        self._left_to_job = False
        """Whether there are no vectors as a job, of this process or another one, is on its way to them."""
        self._no_index: CatalogError | CacheDamaged | None = None
        """Why there is none, where it could not be made."""
        self.refresh_seconds = 0.0
        """How long the last loading took."""

    def close(self) -> None:
        """End the encoder process."""
        self.external.close()

    def use(self, work: Callable[[Engine], T], control: JobControl) -> T:
        """``work`` with the engine; where a checksum fails, the index is built anew and the work done again. A large
        index is left to a job, as `_open_space` does.

        Raises what ``work`` raises, NothingPrepared until that job has run, CacheDamaged where nothing may be written,
        CatalogError where nothing can be, Cancelled.
        """
        try:
            return work(self.loaded(control))
        except NothingPrepared:
            if self._no_index is not None:
                raise self._no_index from None
            raise
        except CacheDamaged:
            if self.refresh():  # what is gone was of an index that another process has replaced
                return self.use(work, control)
            self._mend(control)
            return work(self.loaded(control))

    def refresh(self) -> bool:
        """Pick up what was imported, embedded or indexed since, by whomever. True if anything changed since the last
        time, also where a query or a decision has picked it up already."""
        with self._lock:
            left = self._left_to_job and not self._jobs.locked()  # the job has ended without making the index
            changed = self._engine is not None and (self._version() != self._seen or left)
            if changed:
                self.follow()
                if self._version() != self._seen or left:
                    self._load(JobControl())
            changed, self._is_untold = changed or self._is_untold, False
            return changed

    def follow(self) -> None:
        """Bring the columns up to date with the operations made since, by whomever, which takes milliseconds. Where an
        import of another process has changed the catalog, too, all is read anew: what was just decided would be missing
        else, and would be asked again."""
        from visualsearch.catalog.patching import catch_up

        with self._lock:
            if self._engine is None:
                return
            snapshot = catch_up(self._catalog, self._engine.snapshot)
            if snapshot is None:
                self._load(JobControl())
            elif snapshot is not self._engine.snapshot:
                self._engine = self._engine.over(snapshot)
                self._seen = (snapshot.revision, *self._seen[1:])

    def loaded(self, control: JobControl | None = None) -> Engine:
        """The engine, loaded if it is not yet. Raises CatalogError, CacheDamaged, Cancelled."""
        with self._lock:
            if self._engine is None or self._lacks_vectors(self._engine):
                self._load((control or JobControl()).without_pause())
            assert self._engine is not None
            return self._engine

    def _lacks_vectors(self, engine: Engine) -> bool:
        """Whether there are none, and may be by now: nobody says when another process has made them."""
        if engine.space is not None or self._jobs.locked():
            return False
        return self._left_to_job or self._version() != self._seen

    def _load(self, control: JobControl) -> None:
        """Read columns and vectors anew, as far as they changed, and make an engine of them."""
        from visualsearch.catalog.snapshot import load_snapshot
        from visualsearch.filters.algebra import saved_documents
        from visualsearch.filters.engine import Engine

        started = time.monotonic()
        seen = self._version()
        encoded_by = self.choice().fingerprint
        old = self._engine
        unchanged = old is not None and old.snapshot.revision == self._catalog.revision
        snapshot = old.snapshot if old is not None and unchanged else load_snapshot(self._catalog, control)
        control.checkpoint()
        space = self._open_space(snapshot.size, control)
        self._engine = Engine(
            self._catalog,
            snapshot,
            space,
            self.external.embedding,
            saved_documents(self._catalog),
            self._counted,
        )
        self._encoded_by = encoded_by
        self._seen = seen
        self._is_untold = old is not None
        self.refresh_seconds = time.monotonic() - started

    def _open_space(self, size: int, control: JobControl) -> Space | None:
        """The vectors, or None before there are any. An index that is missing or damaged is built here where that takes
        seconds, for which others wait, unless a job is on its way to it; a larger one is left to a job."""
        from visualsearch import pipeline

        choice = self.choice()
        previous = self._engine.space if self._engine is not None else None
        space = pipeline.open_space(self._catalog, choice, size, previous, control)
        self._left_to_job = space is None and self._jobs.locked()
        self._no_index = None
        if space is not None or self._left_to_job:
            return space
        rows = pipeline.embedded_rows(self._catalog, choice)
        if rows and self._catalog.read_only:
            self._no_index = self._damaged()
        if not 0 < rows <= pipeline.AT_ONCE or self._no_index is not None:
            return None
        try:
            pipeline.build_index(self._catalog, control, damaged=True)
        except CatalogLocked:
            self._left_to_job = True  # another process is building it
            return None
        except CatalogError as error:  # of the disk: what needs no vectors goes on
            self._no_index = error
            return None
        return pipeline.open_space(self._catalog, choice, size)

    def _damaged(self) -> CacheDamaged:
        return CacheDamaged(
            f"The index of {self._catalog.path} is damaged, and the catalog can only be read.",
            "Copy the catalog to a folder that you may write to; it then mends itself.",
        )

    def _version(self) -> tuple[object, ...]:
        from visualsearch import pipeline

        return (self._catalog.revision, *pipeline.version(self._catalog, self.choice()))

    def choice(self) -> EncoderChoice:
        """The catalog's encoder."""
        from visualsearch.pipeline import EncoderChoice

        return EncoderChoice.of(self._catalog)

    def is_outdated(self) -> bool:
        """Whether the photos were encoded by another version of the catalog's encoder than this program's, as far as
        that can be told without running it (*fast*)."""
        from visualsearch.encoders.compile import known_fingerprint

        choice = self.choice()
        now = known_fingerprint(choice.name, Path(choice.weights) if choice.weights else None)
        return bool(choice.fingerprint) and now not in (None, choice.fingerprint)

    def _encoder(self) -> CompiledEncoder:
        """The catalog's encoder, ready to run. Raises EncoderError, also where the vectors are by another version."""
        compiled = self.choice().compiled(JobControl())
        if self._encoded_by not in ("", compiled.fingerprint):
            raise EncoderError(
                "The photos of this catalog were encoded by another version of the encoder: no picture can be "
                "compared with them, nor can they be looked into.",
                "In the window: Job, Prepare waiting photos. Or import them again. All are encoded anew then, and "
                "what was decided stays.",
            )
        return compiled

    def _mend(self, control: JobControl) -> None:
        """After a checksum failed: build the index anew, or give it up where that would take minutes. Raises
        CacheDamaged where nothing may be written."""
        from visualsearch import pipeline

        if self._catalog.read_only:
            raise self._damaged()
        with self._lock:
            if pipeline.embedded_rows(self._catalog, self.choice()) <= pipeline.AT_ONCE:
                pipeline.build_index(self._catalog, control.without_pause(), damaged=True)
            elif self._engine is not None and self._engine.space is not None:
                pipeline.discard_index(self._catalog, self._engine.space)
            self._engine = None
