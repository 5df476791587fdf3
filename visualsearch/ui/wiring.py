"""Which control of the panels makes which edit of the query, and how one is told that its answer takes long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QTimer

from visualsearch.ui import edits

if TYPE_CHECKING:
    from visualsearch.filters.query import Example
    from visualsearch.ui.main_window import MainWindow

_LONG_MS = 400  # until then an answer is there so soon that words in between would only flicker


def connect_edits(window: MainWindow) -> None:
    """Let the bar, the tray, the facets, the chips and the inspector edit the query."""
    edit, seal = window.controller.edit, window.controller.seal
    bar, tray, facets, chips = window.bar, window.tray, window.facets, window.area.chips
    commands, intake = window.commands, window.intake

    def tick(attribute: str, value: str, on: bool) -> None:
        edit(lambda query: edits.tick(query, attribute, value, on))

    def weigh(example: Example, weight: float) -> None:
        """Steps of more and less are one step back; to mute is one of its own."""
        is_step = weight and window.controller.query.visual.weight_of(example)
        edit(lambda query: edits.weigh(query, example, weight), "weigh" if is_step else "")

    def keep_order(attributes: list[tuple[str, str]]) -> None:
        """What the results are in the order of may be gone: its making was undone."""
        if window.controller.query.sort.by not in {"relevance", "id", *(name for name, _ in attributes)}:
            edit(lambda query: edits.set_sort(query, edits.START.sort))

    window.attributes_changed.connect(keep_order)
    bar.text_changed.connect(lambda text: edit(lambda query: edits.set_text(query, text), "text"))
    bar.text_finished.connect(seal)
    bar.weight_changed.connect(
        lambda weight: edit(lambda query: edits.set_text_weight(query, weight), "weight")
    )
    bar.sort_changed.connect(lambda sort: edit(lambda query: edits.set_sort(query, sort)))
    tray.blocks_changed.connect(lambda blocks: edit(lambda query: edits.set_blocks(query, blocks), "blocks"))
    tray.narrow_changed.connect(lambda narrow: edit(lambda query: edits.set_narrow(query, narrow), "narrow"))
    tray.slider_released.connect(seal)
    facets.toggled.connect(tick)
    facets.left_out.connect(
        lambda name, value, on: edit(lambda query: edits.leave_out(query, name, value, on))
    )
    facets.only_wanted.connect(lambda name, value: edit(lambda query: edits.only(query, name, value)))
    window.inspector.choice_wanted.connect(lambda name, value: tick(name, value, True))
    chips.query_wanted.connect(lambda wanted: edit(lambda _query: wanted))
    chips.clear_wanted.connect(commands.clear)
    chips.condition_wanted.connect(commands.add_condition)
    for zone in tray.zones():
        zone.items_dropped.connect(intake.items)
        zone.files_dropped.connect(intake.files)
        zone.picture_dropped.connect(intake.picture)
        zone.file_wanted.connect(intake.ask)
        zone.removed.connect(commands.unpick)
        zone.placed.connect(
            lambda example, sign, place: edit(lambda query: edits.place_example(query, example, sign, place))
        )
        zone.weighed.connect(weigh)
        zone.shown.connect(commands.show_example)


def tell_of_searching(window: MainWindow) -> None:
    """Where an answer takes long, the status line says so: what it said, and the photos, belong to the query before."""
    controller = window.controller
    patience = QTimer(window, singleShot=True, interval=_LONG_MS)
    patience.timeout.connect(
        lambda: window.status.setText(QCoreApplication.translate("wiring", "Searching…"))
    )
    controller.query_changed.connect(
        lambda _query: patience.start() if controller.workspace is not None else patience.stop()
    )
    controller.results_changed.connect(lambda _results: patience.stop())
    controller.settled.connect(patience.stop)
