"""The results as rows: item numbers in order, with scores, ids and example signs.

Nothing here is done item by item: a new result is one model reset, whatever its size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import (
    QAbstractListModel,
    QLocale,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from visualsearch.ui.gallery.worker import NewestFirst

if TYPE_CHECKING:  # NumPy is loaded by the first search: it takes as long as painting the first tiles
    import numpy as np

    from visualsearch.catalog.arranging import Sections

ITEMS_MIME = "application/x-visualsearch-items"
"""Type of dragged items: a JSON list of item numbers."""

_ID_BATCH = 256
_ID_WISHES = 2048  # what a fling leaves behind need not be named any more
_ID_CACHE = 20_000
_NONE: Sequence[int] = ()
_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex


class Tile(NamedTuple):
    """What a tile shows: its item, the example's sign (0: none), score, number of photos, hidden copies of them."""

    item: int
    sign: int
    score: float | None
    images: int
    copies: int


def mime_data(items: Iterable[int]) -> QMimeData:
    """Items as they are dragged out of the gallery."""
    data = QMimeData()
    data.setData(ITEMS_MIME, json.dumps([int(item) for item in items]).encode())
    return data


def items_of(data: QMimeData) -> list[int]:
    """The items that were dragged; empty for anything that is not a list of item numbers."""
    try:
        values = json.loads(bytes(data.data(ITEMS_MIME).data()))
    except ValueError:
        return []
    if not isinstance(values, list):
        return []
    return [value for value in values if type(value) is int and value > 0]


def _array(items: np.ndarray | Sequence[int]) -> np.ndarray:
    import numpy as np

    return np.asarray(items, np.int32)


class GalleryModel(QAbstractListModel):
    """Rows of the gallery. GUI thread only.

    ``fetch_ids(items) -> ids`` runs in a worker thread, in batches; until it answers, IdRole is "".
    """

    ItemRole = int(_Role.UserRole) + 1
    ScoreRole = int(_Role.UserRole) + 2
    IdRole = int(_Role.UserRole) + 3
    SignRole = int(_Role.UserRole) + 4

    failed = Signal(object)
    """An exception from ``fetch_ids``."""

    _ids_fetched = Signal(object)

    def __init__(
        self, parent: QObject | None = None, *, fetch_ids: Callable[[list[int]], list[str]] | None = None
    ) -> None:
        super().__init__(parent)
        self._items: np.ndarray | Sequence[int] = _NONE
        self._former: np.ndarray | Sequence[int] = _NONE
        self._scores: np.ndarray | None = None
        self._copies: np.ndarray | None = None
        self._sections: Sections | None = None
        self._total = 0
        self.arranger: Callable[[np.ndarray, np.ndarray | None, int, Hashable], bool] | None = None
        """Is given the items, scores, total and token of each result first; True: it will call `show` itself."""
        self.is_selected: Callable[[int], bool] = lambda item: False
        """Tells of an item whether the view has it selected, for those who hear it."""
        self._token: Hashable = None
        self._same_query = False
        self._signs: dict[int, int] = {}
        self._ids: dict[int, str] = {}
        self._images: dict[int, int] = {}  # of those that have more than one
        self._fetch_images: Callable[[list[int]], list[int]] | None = None
        self._unnamed: dict[int, None] = {}
        self._ask_timer = QTimer(self, singleShot=True, interval=0)
        self._ask_timer.timeout.connect(self._ask_for_ids)
        self._ids_fetched.connect(self._take_ids, Qt.ConnectionType.QueuedConnection)
        self._worker: NewestFirst | None = None
        self.set_id_source(fetch_ids)

    # --- what the window sets -------------------------------------------------------------------------------

    def set_results(
        self,
        items: np.ndarray | Sequence[int],
        total: int | None = None,
        scores: np.ndarray | None = None,
        *,
        token: Hashable = None,
    ) -> None:
        """Show another result. O(1): the arrays are kept, not copied, so they must not be changed afterwards.

        ``items``: item numbers, best first, int32 (n,), or any sequence before NumPy is there. ``total`` ≥ n: rows
        from n on are placeholders until a longer array comes. ``scores``: float32 (n,) or None. ``token`` names the
        query: a result with the token of the one before (not None) continues it, and views keep their place.
        """
        if scores is not None and len(scores) != len(items):
            raise ValueError(f"{len(scores)} scores for {len(items)} items")
        total = max(len(items), total or 0)
        if self.arranger is None or not self.arranger(items, scores, total, token):  # type: ignore[arg-type]
            self.show(items, scores, total, token)

    def show(
        self,
        items: np.ndarray | Sequence[int],
        scores: np.ndarray | None,
        total: int,
        token: Hashable,
        *,
        sections: Sections | None = None,
        copies: np.ndarray | None = None,
    ) -> None:
        """Show a result as it has been arranged: in groups, with ``copies`` int32 (n,) behind each item."""
        self.beginResetModel()
        self._same_query = token is not None and token == self._token
        self._token = token
        self._former = self._items
        self._items, self._scores, self._total = items, scores, total
        self._sections, self._copies = sections, copies
        self.endResetModel()
        self._former = _NONE

    def set_signs(self, signs: Mapping[int, int]) -> None:
        """Which items are examples: +1 positive, −1 negative; all others are none."""
        self._signs = {item: sign for item, sign in signs.items() if sign}
        self._tell_all([self.SignRole, int(_Role.AccessibleTextRole)])

    def set_images_source(self, fetch: Callable[[list[int]], list[int]] | None) -> None:
        """Say from now on how many photos items have: ``fetch(items) -> counts`` runs in the worker."""
        self._fetch_images = fetch
        self._images.clear()
        self._unnamed.update(dict.fromkeys(self._ids))
        self._ids.clear()
        self._ask_timer.start()

    def set_id_source(self, fetch_ids: Callable[[list[int]], list[str]] | None) -> None:
        """Take ids from another catalog from now on; None closes the worker."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None
        self._fetch_images = None
        self._images.clear()
        self._ids.clear()
        self._unnamed.clear()
        if fetch_ids is None:
            return

        def work(batch: list[int], _superseded: Callable[[], bool]) -> None:
            count = self._fetch_images
            try:
                images = count(batch) if count is not None else [1] * len(batch)
                answer: object = dict(zip(batch, zip(fetch_ids(batch), images, strict=True), strict=True))
            except Exception as error:  # whoever listens decides what is a bug
                answer = error
            try:
                self._ids_fetched.emit((worker, batch, answer))
            except RuntimeError:  # the model went while the ids were on their way
                return

        worker = self._worker = NewestFirst(work, batch=_ID_BATCH, name="gallery-ids")
        self.destroyed.connect(worker.close)

    def close(self) -> None:
        """End the worker thread. The model stays readable."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    # --- what views ask -------------------------------------------------------------------------------------

    @property
    def items(self) -> np.ndarray:
        """Item numbers of the rows that are known, int32 (n,), in order. Read only. Loads NumPy."""
        self._items = _array(self._items)
        return self._items

    @property
    def former_items(self) -> np.ndarray:
        """During a reset: the ``items`` before it."""
        return _array(self._former)

    def items_in(self, rows: range) -> list[int]:
        """Item numbers of the rows in a range, as far as known."""
        return [int(item) for item in self._items[rows.start : rows.stop]]

    @property
    def total(self) -> int:
        """Number of rows, placeholders included."""
        return self._total

    @property
    def same_query(self) -> bool:
        """Whether the last result continued the query of the one before."""
        return self._same_query

    def item_at(self, row: int) -> int | None:
        """Number of the item in a row; None for a placeholder and outside."""
        return int(self._items[row]) if 0 <= row < len(self._items) else None

    def row_of(self, item: int) -> int | None:
        """Row of an item, None where it is not among the known results. Looks at all of them, 0.4 ms of a million: an
        array of all items' rows takes 10 ms, and is asked once or twice before the next result."""
        import numpy as np

        rows = np.flatnonzero(self.items == item)
        return int(rows[0]) if len(rows) else None

    def score_at(self, row: int) -> float | None:
        """Score of a row, None where nothing is scored."""
        if self._scores is None or not 0 <= row < len(self._scores):
            return None
        return float(self._scores[row])

    def tile(self, row: int) -> Tile | None:
        """What the tile of a row shows, None for a placeholder: one call instead of one through Qt for each role."""
        item = self.item_at(row)
        if item is None:
            return None
        score, images, copies = self.score_at(row), self.image_count(item), self.copies_at(row)
        return Tile(item, self.sign_of(item), score, images, copies)

    @property
    def sections(self) -> Sections | None:
        """The groups, None where there are none."""
        return self._sections

    def copies_at(self, row: int) -> int:
        """How many more items with the same photo stand behind a row."""
        return int(self._copies[row]) if self._copies is not None and 0 <= row < len(self._copies) else 0

    def image_count(self, item: int) -> int:
        """How many photos an item has; 1 until that has been fetched, which asking for its id sets going."""
        return self._images.get(item, 1)

    def sign_of(self, item: int) -> int:
        """+1 for a positive example, −1 for a negative one, 0 otherwise."""
        return self._signs.get(item, 0)

    def id_of(self, item: int) -> str:
        """The item's id; "" until it has been fetched, which asking sets going."""
        known = self._ids.get(item)
        if known is not None:
            return known
        if self._worker is not None and item not in self._unnamed:
            self._unnamed[item] = None
            if not self._ask_timer.isActive():
                self._ask_timer.start()
        return ""

    # --- QAbstractItemModel ---------------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else self._total

    def index(self, row: int, column: int = 0, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        # Qt's own calls rowCount for every index, which views need for each tile they paint.
        if parent.isValid() or column != 0 or not 0 <= row < self._total:
            return QModelIndex()
        return self.createIndex(row, 0)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return flags | Qt.ItemFlag.ItemIsDragEnabled

    def roleNames(self) -> dict[int, Any]:
        names = {self.ItemRole: b"item", self.ScoreRole: b"score", self.IdRole: b"id", self.SignRole: b"sign"}
        return {**super().roleNames(), **names}

    def mimeTypes(self) -> list[str]:
        return [ITEMS_MIME]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        items = [self.item_at(index.row()) for index in indexes]
        return mime_data(item for item in items if item is not None)

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def data(self, index: _Index, role: int = int(_Role.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        row = index.row()
        item = self.item_at(row)
        if item is None:
            return self.tr("Not loaded yet") if role == _Role.AccessibleTextRole else None
        if role == self.ItemRole:
            return item
        if role == self.ScoreRole:
            return self.score_at(row)
        if role == self.SignRole:
            return self.sign_of(item)
        if role in (self.IdRole, _Role.DisplayRole):
            return self.id_of(item)
        if role == _Role.ToolTipRole:
            return self._described(row, item)
        if role == _Role.AccessibleTextRole:
            text = self._described(row, item)
            return self.tr("{tile}, selected").format(tile=text) if self.is_selected(item) else text
        return None

    def _described(self, row: int, item: int) -> str:
        parts = [self.id_of(item) or self.tr("Item {number}").format(number=item)]
        sign = self.sign_of(item)
        if sign:
            parts.append(self.tr("positive example") if sign > 0 else self.tr("negative example"))
        images, copies = self.image_count(item), self.copies_at(row)
        if images > 1:
            parts.append(self.tr("{count} photos").format(count=images))
        if copies:
            parts.append(self.tr("{count} more with the same photo").format(count=copies))
        score = self.score_at(row)
        if score is not None and math.isfinite(score):
            parts.append(self.tr("score {score}").format(score=QLocale().toString(score, "f", 2)))
        return ", ".join(parts)

    # --- ids ------------------------------------------------------------------------------------------------

    def _ask_for_ids(self) -> None:
        if self._worker is None:
            return
        newest_first = list(reversed(self._unnamed))[:_ID_WISHES]
        self._unnamed = dict.fromkeys(reversed(newest_first))
        self._worker.want(newest_first)

    def _take_ids(self, message: tuple[NewestFirst, list[int], object]) -> None:
        worker, batch, answer = message
        if worker is not self._worker:
            return
        for item in batch:
            self._unnamed.pop(item, None)
        if not isinstance(answer, dict):
            self.failed.emit(answer)
            return
        if len(self._ids) + len(answer) > _ID_CACHE:
            self._ids.clear()  # what is on screen is asked for again at the next paint
            self._images.clear()
        for item, (name, images) in answer.items():
            self._ids[item] = name
            if images > 1:
                self._images[item] = images
        self._tell_all(
            [self.IdRole, *map(int, (_Role.DisplayRole, _Role.AccessibleTextRole, _Role.ToolTipRole))]
        )

    def _tell_all(self, roles: list[int]) -> None:
        if self._total:
            self.dataChanged.emit(self.index(0), self.index(self._total - 1), roles)
