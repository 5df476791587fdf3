"""The worker, with a decoder that dies or hangs on photos which hold a certain word, as native code may."""

import os
import sys
import threading

from visualsearch.encoders import decode, worker

_prepare = decode.prepare


def _fragile(data: bytes, input_size: int) -> decode.Photo:
    if b"CRASH" in data:
        os.abort()
    if b"HANG" in data:
        threading.Event().wait()
    return _prepare(data, input_size)


decode.prepare = _fragile
worker.main(sys.argv[1:])
