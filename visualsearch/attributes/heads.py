"""A head: the last layer of a network, trained anew on the frozen vectors for one attribute.

It is a logistic regression with a quadratic penalty: multinomial where an item has one value, one against the rest
where it may have several. Out of fold: every probability comes from a head that saw neither the item nor anything of
its group (its near-duplicates). One temperature for all brings the probabilities to the frequencies that they claim
(Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017). How much the colour block counts
beside the style block, and how strong the penalty is, is chosen on each catalog by a small inner validation. The
figures behind the constants are in docs/decisions/suspects.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from visualsearch.attributes.optimizing import fitted_weights, logits_to_probabilities, loss_of_logits
from visualsearch.jobs import JobControl

FOLDS = 5
FOLDS_OF_MANY = 3
MANY_ROWS = 20_000  # from here on fewer folds, and each head learns from a sample of so many rows
_INNER_ROWS = 3_000  # of the validation that chooses the settings
_KEPT_OF_RARE = 20  # rows of a value that a sample leaves in, however rare the value is
_COLOUR_WEIGHTS = (0.4, 1.0, 2.0)  # of the colour block, beside 1 of the style block
_PENALTIES = (0.02, 0.1, 0.5)
_STEP = 32_768  # rows whose probabilities are computed between two looks at the cancel flag


class Vectors(Protocol):
    """float32 (n, width): an array, or what reads rows when they are asked for."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, rows: np.ndarray, /) -> np.ndarray: ...


@dataclass(frozen=True)
class Settings:
    """``colour_weight`` multiplies the colour block before learning; ``penalty`` is λ of λ/2·‖w‖², beside the sum of
    the rows' log losses. ``temperature`` divides the logits."""

    colour_weight: float = 1.0
    penalty: float = 0.1
    temperature: float = 1.0


@dataclass(frozen=True, eq=False)
class Head:
    """``weights`` float32 (width, classes), ``bias`` float32 (classes,), the temperature within; ``exclusive``: one
    value an item (the probabilities of a row add up to 1) or several (each stands for itself)."""

    weights: np.ndarray
    bias: np.ndarray
    exclusive: bool
    settings: Settings

    def logits(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (n, width) → float32 (n, classes)."""
        return vectors @ self.weights + self.bias

    def probabilities(self, vectors: np.ndarray) -> np.ndarray:
        """float32 (n, width) → float32 (n, classes), calibrated."""
        return logits_to_probabilities(self.logits(vectors), self.exclusive)

    def cooled(self, temperature: float) -> Head:
        """The same head with its logits divided by a further temperature."""
        settings = replace(self.settings, temperature=self.settings.temperature * temperature)
        scale = np.float32(1 / temperature)
        return Head(self.weights * scale, self.bias * scale, self.exclusive, settings)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """``probabilities`` float32 (n, classes), calibrated, each from a head that did not see the row's group.

    ``fold`` int8 (n,) and ``heads``, one for each fold; ``settings`` are what `fit` takes to learn from all rows.
    """

    probabilities: np.ndarray
    fold: np.ndarray
    heads: tuple[Head, ...]
    settings: Settings


def out_of_fold(
    vectors: Vectors,
    labels: np.ndarray,
    groups: np.ndarray,
    control: JobControl,
    seed: int = 0,
    *,
    blocks: Mapping[str, slice] | None = None,
    settings: Settings | None = None,
    classes: int | None = None,
    stage: str = "Learning how the values look",
) -> OutOfFold:
    """Learn an attribute from labelled rows and judge every row by a head that did not see it.

    ``vectors`` float32 (n, width); ``labels`` int32 (n,) with the value of each row (-1: none; such a row is judged
    but not learnt from) or bool (n, classes) where a row may have several; ``groups`` int32 (n,): rows of the same
    group (near-duplicates, images of an item) stay in one fold. ``blocks``: where the colour block lies, as in
    `Space.block`. ``settings`` are chosen by an inner validation when None. Raises ValueError where nothing is
    labelled, Cancelled.
    """
    count = classes if classes is not None else _classes(labels)
    known = _labelled(labels)
    if not known.any():
        raise ValueError("no row has a label")
    rng = np.random.default_rng(seed)
    folds = FOLDS if known.sum() <= MANY_ROWS else FOLDS_OF_MANY
    fold = assign_folds(labels, groups, folds, rng)
    control.progress(stage, 0, folds + 1, "parts")
    if settings is None:
        settings = choose_settings(vectors, labels, groups, control, seed, blocks=blocks, classes=count)
    heads = []
    for number in range(folds):
        control.progress(stage, number + 1, folds + 1, "parts")
        rows = np.flatnonzero(known & (fold != number))
        if not len(rows):
            rows = np.flatnonzero(known)  # a single group: there is nothing else to learn from
        heads.append(_learnt(vectors, labels, rows, count, settings, blocks, control, rng))
    logits = np.empty((len(labels), count), np.float32)
    for number, head in enumerate(heads):
        rows = np.flatnonzero(fold == number)
        for start in range(0, len(rows), _STEP):
            control.checkpoint()
            part = rows[start : start + _STEP]
            logits[part] = head.logits(vectors[part])
    sample = rng.permutation(np.flatnonzero(known))[:MANY_ROWS]
    temperature = best_temperature(logits[sample], labels[sample])
    heads = [head.cooled(temperature) for head in heads]
    for start in range(0, len(logits), _STEP):
        control.checkpoint()
        part = logits[start : start + _STEP] / np.float32(temperature)
        logits[start : start + _STEP] = logits_to_probabilities(part, labels.ndim == 1)
    return OutOfFold(logits, fold, tuple(heads), heads[0].settings)


def fit(
    vectors: Vectors,
    labels: np.ndarray,
    settings: Settings,
    control: JobControl,
    seed: int = 0,
    *,
    blocks: Mapping[str, slice] | None = None,
    classes: int | None = None,
) -> Head:
    """One head from all labelled rows, for items that are not among them; arguments as of `out_of_fold`, whose
    ``settings`` bring the temperature. Raises ValueError where nothing is labelled, Cancelled."""
    known = np.flatnonzero(_labelled(labels))
    if not len(known):
        raise ValueError("no row has a label")
    count = classes if classes is not None else _classes(labels)
    rng = np.random.default_rng(seed)
    plain = replace(settings, temperature=1.0)
    return _learnt(vectors, labels, known, count, plain, blocks, control, rng).cooled(settings.temperature)


def assign_folds(labels: np.ndarray, groups: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """int8 (n,): the fold of each row. Groups stay together; the items of a value are dealt out evenly."""
    _, first, group_of = np.unique(groups, return_index=True, return_inverse=True)
    value = labels[first] if labels.ndim == 1 else labels[first].argmax(axis=1)
    order = np.lexsort((rng.random(len(first)), value))
    fold_of_group = np.empty(len(first), np.int8)
    fold_of_group[order] = np.arange(len(first)) % folds
    return fold_of_group[group_of.ravel()]


def choose_settings(
    vectors: Vectors,
    labels: np.ndarray,
    groups: np.ndarray,
    control: JobControl,
    seed: int = 0,
    *,
    blocks: Mapping[str, slice] | None = None,
    classes: int | None = None,
) -> Settings:
    """What generalises best on a sample: the colour block's weight first, then the penalty. Raises Cancelled."""
    count = classes if classes is not None else _classes(labels)
    rng = np.random.default_rng([seed, 1])
    rows = np.sort(rng.permutation(np.flatnonzero(_labelled(labels)))[:_INNER_ROWS])
    near, given = np.asarray(vectors[rows]), labels[rows]
    fold = assign_folds(given, groups[rows], 3, rng)
    if len(np.unique(fold)) < 3:
        return Settings()

    def loss(settings: Settings) -> float:
        total = 0.0
        for held_out in (0, 1):
            learnt, judged = np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)
            head = _learnt(near, given, learnt, count, settings, blocks, control, rng)
            logits = head.logits(near[judged])
            temperature = best_temperature(logits, given[judged])
            total += loss_of_logits(logits / np.float32(temperature), given[judged])
        return total

    colours = _COLOUR_WEIGHTS if blocks is not None and "colour" in blocks else (1.0,)
    tried = {Settings(weight): 0.0 for weight in colours}
    losses = {settings: loss(settings) for settings in tried}
    best = min(losses, key=losses.__getitem__)
    for penalty in _PENALTIES:
        settings = replace(best, penalty=penalty)
        if settings not in losses:
            losses[settings] = loss(settings)
    return min(losses, key=losses.__getitem__)


def best_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of the smallest log loss, from 1/10 to 20, for float32 (n, classes) logits."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda log_t: loss_of_logits(logits * np.float32(np.exp(-log_t)), labels),
        bounds=(np.log(0.1), np.log(20.0)),
        method="bounded",
        options={"xatol": 0.01},
    )
    return float(np.exp(found.x))  # pyright: ignore[reportAttributeAccessIssue]  (the stubs know another result)


def _learnt(
    vectors: Vectors,
    labels: np.ndarray,
    rows: np.ndarray,
    classes: int,
    settings: Settings,
    blocks: Mapping[str, slice] | None,
    control: JobControl,
    rng: np.random.Generator,
) -> Head:
    """A head from some rows, or from a sample of them where they are many."""
    chosen = _sampled(labels, rows, classes, rng)
    data = np.array(vectors[chosen], np.float32)
    scale = np.ones(data.shape[1], np.float32)
    if blocks is not None and "colour" in blocks:
        scale[blocks["colour"]] = settings.colour_weight
    data *= scale
    weights, bias = fitted_weights(data, labels[chosen], classes, settings.penalty, control.checkpoint)
    if len(chosen) < len(rows):  # rare values were favoured: back to how common each one is
        bias = bias + _log_odds(labels[rows], classes) - _log_odds(labels[chosen], classes)
    return Head(weights * scale[:, None], bias.astype(np.float32), labels.ndim == 1, settings)


def _sampled(labels: np.ndarray, rows: np.ndarray, classes: int, rng: np.random.Generator) -> np.ndarray:
    """At most about ``MANY_ROWS`` of the rows, with `_KEPT_OF_RARE` of each value at least; ascending."""
    if len(rows) <= MANY_ROWS:
        return rows
    mixed = rng.permutation(rows)
    kept = np.zeros(len(mixed), bool)
    kept[:MANY_ROWS] = True
    if labels.ndim == 1:
        given = labels[mixed]
        order = np.argsort(given, kind="stable")
        first = np.searchsorted(given[order], np.arange(classes))
        place = np.arange(len(mixed)) - first[given[order]]
        kept[order[place < _KEPT_OF_RARE]] = True
    else:
        given = labels[mixed]
        for code in range(classes):
            kept[np.flatnonzero(given[:, code])[:_KEPT_OF_RARE]] = True
    return np.sort(mixed[kept])


def _log_odds(labels: np.ndarray, classes: int) -> np.ndarray:
    """How common each value is, as the bias of a head would say it, float64 (classes,)."""
    if labels.ndim == 1:
        return np.log((np.bincount(labels, minlength=classes) + 0.5) / (len(labels) + 0.5 * classes))
    share = (labels.sum(axis=0) + 0.5) / (len(labels) + 1.0)
    return np.log(share / (1 - share))


def _classes(labels: np.ndarray) -> int:
    return labels.shape[1] if labels.ndim == 2 else int(labels.max(initial=-1)) + 1


def _labelled(labels: np.ndarray) -> np.ndarray:
    return np.asarray(labels >= 0 if labels.ndim == 1 else labels.any(axis=1))
