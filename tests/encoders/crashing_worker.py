"""The worker, with a decoder that dies or hangs on photos which hold a certain word, as native code may."""

import os
import sys
import threading
from collections.abc import Sequence

from visualsearch.encoders import decode, worker
from visualsearch.errors import ImageRefused

_prepare_all = decode.prepare_all


def _fragile(group: Sequence[bytes], input_size: int) -> list[decode.Photo | ImageRefused]:
    for data in group:
        if b"CRASH" in data:
            os.abort()
        if b"HANG" in data:
            threading.Event().wait()
    return _prepare_all(group, input_size)


decode.prepare_all = _fragile
worker.main(sys.argv[1:])
