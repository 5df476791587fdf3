"""What the window says about packets, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from visualsearch.ui import texts

if TYPE_CHECKING:
    from visualsearch.attributes.agreement import Agreement
    from visualsearch.attributes.packet_format import About, Held, Judged

SUFFIX, ANSWERS_SUFFIX = ".packet", ".answers"


def question(about: About) -> str:
    """What a packet asks of each photo."""
    translate = QCoreApplication.translate
    if about.queue == "suggestions":
        return translate("packets", "Is it {0}?").format(f"{about.attribute} = {about.value}")
    if about.queue == "estimate":
        what = about.attribute
        return (
            translate("packets", "Is its {0} right?").format(what)
            if what
            else translate("packets", "Is all that it has right?")
        )
    return translate("packets", "Which {0} is right?").format(about.attribute)


def held(values: Held) -> str:
    """An item's values."""
    from visualsearch.attributes.packet_format import shown

    nothing = QCoreApplication.translate("packets", "nothing")
    return "; ".join(f"{name}: {shown(own) if own else nothing}" for name, own in values.items())


def answer(name: str | None) -> str:
    """An answer in a word."""
    translate = QCoreApplication.translate
    return {
        "yes": translate("packets", "yes"),
        "no": translate("packets", "no"),
        "right": translate("packets", "right"),
        "wrong": translate("packets", "wrong"),
        "keep": translate("packets", "right as it is"),
        "unsure": translate("packets", "not sure"),
    }.get(name or "", "")


def decided(judged: Judged) -> str:
    """What a judge decided about an item."""
    return answer(judged.answer) if judged.label in ("", judged.answer) else judged.label


def agreement_line(found: Agreement) -> str:
    """How far two judges agree."""
    translate = QCoreApplication.translate
    kappa = (
        translate("packets", "not defined: both always gave the same answer")
        if found.kappa is None
        else f"{found.kappa:.2f}"
    )
    return translate("packets", "{0} agree on {1} % of {2} photos (Cohen's κ {3}).").format(
        translate("packets", "{0} and {1}").format(*found.judges),
        round(found.percent),
        texts.number(found.items),
        kappa,
    )
