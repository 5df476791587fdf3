"""The worker; the first number of each embedding says which of its networks made it."""

import sys

import numpy as np

from visualsearch.encoders import worker
from visualsearch.encoders.runtime import Network

_made: list[Network] = []


class _Telling(Network):
    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._place = len(_made)
        _made.append(self)

    def embed(self, *arguments: object) -> np.ndarray:
        embedding = super().embed(*arguments)  # type: ignore[arg-type]
        embedding[0] = self._place
        return embedding


worker.Network = _Telling
worker.main(sys.argv[1:])
