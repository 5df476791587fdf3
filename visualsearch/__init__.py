"""visualsearch: find, filter and check the products of a catalog by how their photos look."""

import os

__version__ = "0.1.0"

# Before NumPy is loaded: one thread for each product of matrices. Several wait for each other by spinning, which takes
# ten times as long on a busy computer; what is large is shared among threads of our own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
