"""Reads the tensors of a legacy PyTorch file without PyTorch and without running anything the file names.

The format (``torch.save`` before 1.6): three pickles (magic number, protocol, machine), a pickle of the state dict
whose tensors refer to storages by key, a pickle of the keys in order, and for each key ``<int64 count><raw values>``.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

_MAGIC = 0x1950A86A20F9469CFC6C
_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype
    count: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def _rebuild_tensor(storage: _Storage, offset: int, size: tuple, stride: tuple, *_: object) -> _Tensor:
    """Stands in for ``torch._utils._rebuild_tensor_v2``: notes what it was given."""
    return _Tensor(storage, offset, tuple(size), tuple(stride))


class _Unpickler(pickle.Unpickler):
    """Knows OrderedDict, the tensor rebuild and the names of storage types (as plain strings); nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"the weights name {module}.{name}, which they have no business to")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_type, key, _device, count, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("the weights refer to something that is not a plain storage")
        return _Storage(str(key), _DTYPES[storage_type], int(count))


def read_state_dict(data: bytes) -> dict[str, np.ndarray]:
    """Arrays by name (float32 or int64, contiguous copies), strides honoured.

    Raises ValueError when the bytes are not such a file, are cut short or ask for anything but tensors.
    """
    stream = io.BytesIO(data)
    try:
        if _Unpickler(stream).load() != _MAGIC:
            raise ValueError("not a legacy PyTorch file")
        _Unpickler(stream).load()  # protocol version
        _Unpickler(
            stream
        ).load()  # byte order and integer sizes of the machine; the storages are little endian
        tensors = _Unpickler(stream).load()
        keys = _Unpickler(stream).load()
        counts = {tensor.storage.key: tensor.storage for tensor in tensors.values()}
        storages = {key: _read_storage(stream, counts[key]) for key in keys}
        return {name: _view(storages[tensor.storage.key], tensor) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"the file of weights cannot be read: {error}") from error


def _read_storage(stream: io.BytesIO, storage: _Storage) -> np.ndarray:
    count = int.from_bytes(stream.read(8), "little")
    raw = stream.read(count * storage.dtype.itemsize)
    if count != storage.count or len(raw) != count * storage.dtype.itemsize:
        raise ValueError("the file of weights is cut short")
    return np.frombuffer(raw, storage.dtype)


def _view(values: np.ndarray, tensor: _Tensor) -> np.ndarray:
    """The tensor's elements: many are transposed views, so position = offset + index · stride."""
    last = tensor.offset + sum((n - 1) * step for n, step in zip(tensor.size, tensor.stride, strict=True))
    if min(tensor.size, default=1) < 1 or min((tensor.offset, *tensor.stride)) < 0 or last >= len(values):
        raise ValueError("a tensor reaches beyond its storage")
    strides = tuple(step * values.itemsize for step in tensor.stride)
    view = np.lib.stride_tricks.as_strided(values[tensor.offset :], tensor.size, strides, writeable=False)
    return np.ascontiguousarray(view)
