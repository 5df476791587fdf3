"""What of a network becomes the style embedding: what it sees, where that is laid out, and how fine patterns look.

Each part is made of means over grids of cells, so that a score splits exactly into the cells' parts:

* *pooled*: the last layer's features, averaged over its grid. Knows what is in the photo, hardly where, and little of
  textures, which tell no classes apart.
* *layout*: the features before that layer, in ``LAYOUT_CHANNELS`` random mixtures (Johnson and Lindenstrauss: distances
  survive), averaged over each of 3 × 3 fields, less the mean of the fields (Lazebnik, Schmid, Ponce, "Beyond Bags of
  Features: Spatial Pyramid Matching", CVPR 2006).
* *texture*: how often the filters of an inner layer answer (as a bank of filters does: Leung and Malik, IJCV 2001).

``joined`` runs in the compiler's process only; what else is here is NumPy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from visualsearch.encoders.encoder import LAYOUT_CHANNELS, LAYOUT_SIDE

Tensor = Any  # tensorflow.Tensor, without importing TensorFlow for its name

_SEED = 1984


def joined(features: Tensor, before: Tensor, texture: Tensor) -> Tensor:
    """Grids float32 (n, rows, columns, channels) of the last layer, of the one before and of an inner layer →
    float32 (n, dimension)."""
    import tensorflow as tf

    mixed = tf.nn.conv2d(before, _mixture(int(before.shape[-1]))[None, None], 1, "SAME")
    reach = -(-int(before.shape[1]) // LAYOUT_SIDE)
    fields = tf.nn.avg_pool2d(mixed, reach, reach, "SAME")
    fields -= tf.reduce_mean(fields, axis=(1, 2), keepdims=True)
    layout = tf.reshape(fields, (-1, LAYOUT_SIDE**2 * LAYOUT_CHANNELS))
    pooled, fine = (tf.reduce_mean(grid, axis=(1, 2)) for grid in (features, texture))
    return tf.concat([pooled, layout, fine], axis=1)


def _mixture(channels: int) -> np.ndarray:
    """Signs, scaled: float32 (channels, LAYOUT_CHANNELS). By the generator that NumPy promises never to change."""
    signs = np.random.RandomState(_SEED).randint(0, 2, (channels, LAYOUT_CHANNELS)) * 2 - 1
    return (signs / np.sqrt(channels)).astype(np.float32)
