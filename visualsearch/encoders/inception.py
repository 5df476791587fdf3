"""InceptionV3's ``pool_3`` (Szegedy et al., CVPR 2016) from ``keras.applications``; weights by download or from a file.

Runs in the compiler's process only. ``keras`` is imported by the functions that need it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from visualsearch.encoders import embedding
from visualsearch.errors import EncoderError, WeightsMissing

INPUT_SIZE = 299
_LAYERS = ("mixed10", "mixed9", "mixed7")  # the last, the one before, and the last on the finer grid

_FILE = "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"
_URL = f"https://storage.googleapis.com/tensorflow/keras-applications/inception_v3/{_FILE}"
_MD5 = "bcbd6486424b2319ff4ef7d526e38f63"  # Keras's own check of its file

DOWNLOAD_HINT = (
    f"Needs internet once. Without it: download {_URL} on another computer, and give that file as the "
    "weights."
)
DOWNLOAD_COMMAND = f"To give it: --weights {_FILE}"


def downloaded_file() -> Path:
    """Where Keras keeps the weights once they are downloaded."""
    home = os.environ.get("KERAS_HOME")
    folder = Path(home or os.path.expanduser("~/.keras"))
    return folder / "models" / _FILE


def fetch_weights() -> Path:
    """Keras's weights, downloaded on first use (88 MB, hash checked). Raises WeightsMissing without internet."""
    from keras.utils import get_file

    try:
        return Path(get_file(_FILE, _URL, cache_subdir="models", file_hash=_MD5))
    except Exception as error:  # urllib, ssl and http errors, and Keras's bare Exception around them
        raise WeightsMissing(
            "The weights of inception-v3 are not on this computer and could not be downloaded.",
            hint=DOWNLOAD_HINT,
            command=DOWNLOAD_COMMAND,
        ) from error


def keras_model(weights: Path) -> Any:
    """The Keras model: float32 (n, 299, 299, 3) in −1..1 to float32 (n, 2048).

    Only arrays are read from the file, into our own architecture: nothing that it holds is executed. Raises
    EncoderError when they do not fit.
    """
    import keras

    build: Any = keras.applications.InceptionV3  # its annotations do not know weights=None
    model = build(include_top=False, pooling="avg", weights=None, input_shape=(INPUT_SIZE, INPUT_SIZE, 3))
    if weights.suffix.lower() not in (".h5", ".hdf5"):
        raise EncoderError(
            f"{weights} is not a file of Keras weights (.h5).", hint=DOWNLOAD_HINT, command=DOWNLOAD_COMMAND
        )
    try:
        model.load_weights(weights)
    except Exception as error:  # h5py and Keras raise many kinds for a file that does not fit
        raise EncoderError(
            f"The weights in {weights} do not fit InceptionV3 without its classifier ({_first_line(error)}).",
            hint=DOWNLOAD_HINT,
            command=DOWNLOAD_COMMAND,
        ) from error
    return model


def network(weights: Path) -> Callable[[Any], Any]:
    """The function to compile: as ``keras_model``, but to float32 (n, 3680), see `embedding.joined`."""
    import keras

    model = keras_model(weights)
    grids = [model.get_layer(name).output for name in _LAYERS]
    inner = keras.Model(model.input, grids)
    return lambda images: embedding.joined(*inner(images, training=False))


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:160]
