"""LiteRT behind one small class. Imported in child processes only: the runtime is native code fed with files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from visualsearch.encoders.encoder import LAYOUT_SIDE
from visualsearch.errors import EncoderError

_AVERAGING = ("MEAN", "AVERAGE_POOL_2D")
_SHAPING = ("RESHAPE", "SQUEEZE")  # what may come after the mean without changing a number
_CENTRING = "SUB"  # a layout's fields are less their mean


class Network:
    """One interpreter: float32 (1, size, size, 3) in, float32 (dimension,) out. One thread at a time.

    Raises EncoderError when the model is not a readable LiteRT file, or is not of that form.
    ``input_size`` is needed only where the file leaves height and width open. ``keep_all`` keeps what lies between,
    for ``averaged_tensors``; it takes more memory and twice the time.
    """

    def __init__(self, model: Path | bytes, input_size: int | None = None, *, keep_all: bool = False) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as error:
            raise EncoderError(
                f"The runtime LiteRT cannot be loaded: {error}.",
                "Install the program anew.",
                "python -m pip install ai-edge-litert",
            ) from error
        content, path = (model, None) if isinstance(model, bytes) else (None, str(model))
        try:
            # One thread each: several interpreters side by side are faster than one with several threads.
            self._interpreter = Interpreter(
                path, content, num_threads=1, experimental_preserve_all_tensors=keep_all
            )
            self._input = self._only(self._interpreter.get_input_details(), "input")
            self._fix_shape(input_size)
            self._interpreter.allocate_tensors()
            self._input = self._interpreter.get_input_details()[0]
            self._output = self._only(self._interpreter.get_output_details(), "output")
        except (ValueError, RuntimeError) as error:
            raise EncoderError(f"It is not a LiteRT model that can be run: {_first_line(error)}.") from error
        self.input_size, self.dimension = self._check_form()

    def __call__(self, tensor: np.ndarray) -> np.ndarray:
        """The embedding of one prepared image; the array is the caller's own."""
        self._interpreter.set_tensor(self._input["index"], tensor)
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"]).reshape(-1)

    def embed(self, pixels: np.ndarray, scale: np.float32, offset: np.float32) -> np.ndarray:
        """The embedding of an image, uint8 (size, size, 3), which the network sees as ``pixel * scale + offset``.

        That is computed where the network reads it: another 800 KB would pass through a core's cache."""
        tensor = self._interpreter.tensor(self._input["index"])()
        np.multiply(pixels, scale, out=tensor[0], dtype=np.float32)
        tensor += offset
        del tensor  # LiteRT runs only when nobody holds its memory
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output["index"]).reshape(-1)

    def averaged_tensors(self) -> list[tuple[int, int]]:
        """The grids (1, rows, columns, channels) whose means make up the output, part by part: index, and of how many
        fields in a row means are taken.

        Raises EncoderError when the network does not end so.
        """
        made_by = {int(op["outputs"][0]): op for op in self._interpreter._get_ops_details() if _is_real(op)}
        last = int(self._output["index"])
        joined = made_by.get(last)
        parts = [last]
        if joined is not None and joined["op_name"] == "CONCATENATION":
            parts = [int(index) for index in joined["inputs"]]
        return [self._averaged(made_by, part) for part in parts]

    def _averaged(self, made_by: dict[int, dict[str, Any]], index: int) -> tuple[int, int]:
        length, side = self._shape(index)[-1], 1
        operation = made_by.get(index)
        while operation is not None and operation["op_name"] in (*_SHAPING, _CENTRING):
            if operation["op_name"] == _CENTRING:
                side = LAYOUT_SIDE
            operation = made_by.get(int(operation["inputs"][0]))
        if operation is not None and operation["op_name"] in _AVERAGING:
            grid = int(operation["inputs"][0])
            shape = self._shape(grid)
            if len(shape) == 4 and shape[0] == 1 and shape[3] * side**2 == length:
                return grid, side
        raise EncoderError(
            "This encoder does not end in a mean over a grid, so it cannot say what it saw where.",
            hint="The built-in encoders can.",
        )

    def _shape(self, index: int) -> tuple[int, ...]:
        return tuple(int(n) for n in self._interpreter.get_tensor_details()[index]["shape"])

    def tensor(self, index: int) -> np.ndarray:
        """A tensor of the last call as the caller's own array."""
        return self._interpreter.get_tensor(index)

    @staticmethod
    def _only(details: list[dict[str, Any]], what: str) -> dict[str, Any]:
        if len(details) != 1:
            raise EncoderError(f"The model has {len(details)} {what}s; an encoder has one.")
        return details[0]

    def _fix_shape(self, input_size: int | None) -> None:
        """Give an input with open dimensions its batch of one and its size."""
        signature = [int(n) for n in self._input["shape_signature"]]
        if -1 not in signature or len(signature) != 4:
            return
        if input_size is None and -1 in signature[1:3]:
            raise EncoderError("The model leaves its input size open.", hint="Say its input size in pixels.")
        wanted = [1, *(input_size if n == -1 else n for n in signature[1:3]), 3]
        self._interpreter.resize_tensor_input(self._input["index"], wanted)

    def _check_form(self) -> tuple[int, int]:
        shape, output = [int(n) for n in self._input["shape"]], [int(n) for n in self._output["shape"]]
        if self._input["dtype"] != np.float32 or len(shape) != 4 or shape[0] != 1 or shape[3] != 3:
            raise EncoderError(
                f"The model's input is {_form(self._input)}; it must be float32 (1, size, size, 3)."
            )
        if shape[1] != shape[2]:
            raise EncoderError(f"The model's input is {shape[2]} × {shape[1]} pixels; it must be square.")
        if (
            self._output["dtype"] != np.float32
            or not output
            or max(output[:-1], default=1) != 1
            or output[-1] < 2
        ):
            raise EncoderError(f"The model's output is {_form(self._output)}; it must be one float32 vector.")
        return shape[1], output[-1]


def _is_real(operation: dict[str, Any]) -> bool:
    """False for the delegate, which is listed beside the operations that it stands for."""
    return operation["op_name"] != "DELEGATE" and len(operation["outputs"]) == 1


def _form(details: dict[str, Any]) -> str:
    return f"{np.dtype(details['dtype']).name} {tuple(int(n) for n in details['shape'])}"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
