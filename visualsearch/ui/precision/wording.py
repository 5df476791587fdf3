"""Precision and recall as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.filters.gauge import Gauge

STEPS = (0.8, 0.9, 0.95, 0.98)
"""Precisions that people ask for."""


def percent(share: float) -> str:
    return QCoreApplication.translate("precision", "{0} %").format(round(100 * share))


def _interval(rate) -> str:
    low, high = round(100 * rate[1]), round(100 * rate[2])
    return QCoreApplication.translate("precision", "{0}–{1} %").format(low, high)


def rates(gauge: Gauge, row: int) -> tuple[str, str]:
    """Two short lines: how much is right, how much is found."""
    translate = QCoreApplication.translate
    if not gauge.counts[row]:
        return translate("precision", "Nothing is this close."), ""
    precision, recall = gauge.precision[row], gauge.recall[row]
    if gauge.guess:
        right = translate("precision", "A guess: {0} right ({1}),")
    else:
        right = translate("precision", "About {0} right ({1}),")
    finds = translate("precision", "finds {0} ({1}) of them")
    return (
        right.format(percent(precision[0]), _interval(precision)),
        finds.format(percent(recall[0]), _interval(recall)),
    )


def explained(gauge: Gauge, row: int) -> str:
    """What the two lines mean, for a tooltip."""
    translate = QCoreApplication.translate
    if gauge.guess:
        origin = translate("precision", "A guess from the examples alone. Judge a few photos (J) to know.")
    else:
        one = translate("precision", "From 1 photo that you judged.")
        origin = texts.counted(gauge.judged, one, translate("precision", "From {0} photos that you judged."))
    meaning = translate(
        "precision",
        "Right: of what is shown, how much is what you mean. Finds: of all that you mean, how much is shown. "
        "In brackets: where the true figure is 19 times out of 20.",
    )
    return "\n".join((" ".join(line for line in rates(gauge, row) if line), origin, meaning))
