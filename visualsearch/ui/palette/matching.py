"""Finding what somebody means by a few letters, among a hundred thousand texts. No Qt; made for workers.

Texts that hold all the words come first: those that begin with them, then those in which a word does, then the others.
Where these are few, texts follow that hold the letters in their order ("tsh" finds "Tracksuit, short").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import compress

import numpy as np

LIMIT = 60
_ENOUGH = 12  # as many hits that hold the words make looking for scattered letters needless


@dataclass(frozen=True)
class Choice:
    """Something to choose. ``kind`` and ``payload`` tell the palette what to do with it; ``title`` is searched, as is
    ``detail``, which says what kind of thing it is. ``keys``: its shortcut. ``bonus`` lifts it among equals."""

    kind: str
    title: str
    detail: str = ""
    keys: str = ""
    payload: tuple[str, ...] = ()
    bonus: int = 0


class Index:
    """Choices, ready to be searched. Immutable; safe from any thread."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        self._choices = list(choices)
        self._titles = [choice.title.casefold() for choice in self._choices]
        self._texts = [
            f"{title} {choice.detail.casefold()}"
            for title, choice in zip(self._titles, self._choices, strict=True)
        ]
        self._letters = np.fromiter(map(_letters, self._texts), np.uint64, len(self._texts))

    def __len__(self) -> int:
        return len(self._choices)

    def search(self, text: str, limit: int = LIMIT) -> list[Choice]:
        """The best choices, best first; without text the first ones in their order."""
        words = text.casefold().split()
        if not words:
            return self._choices[:limit]
        found = self._holding(words)
        scored = [(self._score(place, words), -place) for place in found]
        if len(found) < _ENOUGH:
            known = set(found)
            letters = "".join(words)
            scattered = [place for place in self._with_letters(letters) if place not in known]
            scored += [(self._scattered_score(place, letters), -place) for place in scattered]
        best = nlargest(limit, scored)
        return [self._choices[-place] for score, place in best if score > 0]

    def _holding(self, words: Sequence[str]) -> Sequence[int]:
        places: Sequence[int] = range(len(self._texts))
        for word in words:
            texts = self._texts if isinstance(places, range) else [self._texts[place] for place in places]
            places = list(compress(places, [word in text for text in texts]))
        return places

    def _score(self, place: int, words: Sequence[str]) -> float:
        title, score = self._titles[place], 0.0
        for word in words:
            at = title.find(word)
            if at == 0:
                score += 100
            elif at > 0:
                score += 80 if not title[at - 1].isalnum() or f" {word}" in title else 60
            else:
                score += 30  # in the detail
        score /= len(words)
        if title == " ".join(words):
            score += 30
        return score + self._choices[place].bonus - min(len(title), 60) / 10

    def _with_letters(self, letters: str) -> list[int]:
        """The choices whose title holds the letters in this order."""
        mask = _letters(letters)
        candidates = np.flatnonzero((self._letters & mask) == mask).tolist()
        return [place for place in candidates if _in_order(letters, self._titles[place])]

    def _scattered_score(self, place: int, letters: str) -> float:
        title = self._titles[place]
        starts = sum(letter == word[0] for letter, word in zip(letters, title.split(), strict=False))
        return 10 + 8 * starts + self._choices[place].bonus - min(len(title), 60) / 10


def _letters(text: str) -> np.uint64:
    """Which letters a text has, one bit for each of 64 kinds."""
    mask = 0
    for letter in set(text):
        mask |= 1 << (ord(letter) & 63)
    return np.uint64(mask)


def _in_order(letters: str, text: str) -> bool:
    at = -1
    for letter in letters:
        at = text.find(letter, at + 1)
        if at < 0:
            return False
    return True
