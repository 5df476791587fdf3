"""The job that makes a folder of photos searchable: import, encode, index; and the one that goes on with it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from visualsearch import pipeline
from visualsearch.catalog.store import Catalog
from visualsearch.catalog.thumbnails import Thumbnails
from visualsearch.encoders.client import EncoderClient
from visualsearch.jobs import JobControl, OneAtATime
from visualsearch.loading import Engines
from visualsearch.pipeline import EncoderChoice, EncodeReport

if TYPE_CHECKING:
    from visualsearch.catalog.importing import ImportReport, ImportRequest

_REFRESH_SHARE = 0.1  # live refreshes may take this share of an import's time


class Preparation:
    """Runs one job at a time over a catalog: ``jobs`` is held meanwhile. Raises ReadOnlyCatalog, CatalogLocked."""

    def __init__(
        self, catalog: Catalog, thumbnails: Thumbnails, engines: Engines, jobs: threading.Lock
    ) -> None:
        self._catalog = catalog
        self._thumbnails = thumbnails
        self._engines = engines
        self._jobs = jobs

    def import_all(
        self,
        request: ImportRequest,
        control: JobControl,
        encoder: str | None,
        weights: Path | None,
        on_change: Callable[[], None] | None,
    ) -> ImportReport:
        """See `Workspace.import_all`."""
        started = time.monotonic()
        with self._one_job():
            choice = self._chosen(encoder, weights)
            compiled = choice.compiled(control)  # one that cannot run is found out before anything is changed
            with EncoderClient(compiled, gives_way=control.gives_way) as client:
                if not choice.fingerprint:  # nothing was encoded yet: begin while table and folder are read
                    client.start()
                from visualsearch.catalog.importing import import_catalog  # while the encoder starts

                report = import_catalog(self._catalog, request, control, client.expect)
                if on_change is not None:
                    on_change()
                encoded = self._index(choice, control, on_change, client)
        report.add_encoding(encoded.refused, encoded.vanished, encoded.hidden)
        report.seconds = time.monotonic() - started
        return report

    def index(self, control: JobControl, on_change: Callable[[], None] | None) -> EncodeReport:
        """See `Workspace.index`."""
        with self._one_job():
            return self._index(self._engines.choice(), control, on_change)

    def _index(
        self,
        choice: EncoderChoice,
        control: JobControl,
        on_change: Callable[[], None] | None,
        client: EncoderClient | None = None,
    ) -> EncodeReport:
        announced = time.monotonic()

        def on_commit() -> None:
            nonlocal announced
            if on_change is None:
                return  # nobody looks: the index at the end is enough
            pipeline.build_index(self._catalog, control, finished=False)
            pause = max(1.0, self._engines.refresh_seconds / _REFRESH_SHARE)
            if time.monotonic() - announced >= pause:
                announced = time.monotonic()
                on_change()

        report = pipeline.encode(self._catalog, self._thumbnails, choice, control, on_commit, client)
        if pipeline.build_index(self._catalog, control):
            mended = pipeline.encode(self._catalog, self._thumbnails, choice, control, client=client)
            report.encoded += mended.encoded
            if mended.encoded:
                pipeline.build_index(self._catalog, control)
        if on_change is not None:
            on_change()
        self._drop_former()
        return report

    def _drop_former(self) -> None:
        """All is encoded: what another encoder made is of no use any more."""
        former = pipeline.former_embeddings(self._catalog)
        if former:
            self._engines.refresh()  # before that, queries read them
        for folder in former:
            shutil.rmtree(folder, ignore_errors=True)  # what is left of it is deleted another time

    def _chosen(self, encoder: str | None, weights: Path | None) -> EncoderChoice:
        """The catalog's own encoder, or another one that was asked for; remembered once it has been compiled."""
        current = self._engines.choice()
        if encoder is None and weights is None:
            return current
        wanted = EncoderChoice(encoder or current.name, str(weights.resolve()) if weights else "")
        return current if (wanted.name, wanted.weights) == (current.name, current.weights) else wanted

    def _one_job(self) -> OneAtATime:
        if self._catalog.read_only:
            with self._catalog.write():  # raises ReadOnlyCatalog, with the reason
                pass
        return OneAtATime(self._jobs, "An import or indexing job is already running.")
