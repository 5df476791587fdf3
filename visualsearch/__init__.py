"""visualsearch: find, filter and check the products of a catalog by how their photos look."""

import os
import sys

__version__ = "0.1.0"

# One thread for each product of matrices. Several wait for each other by spinning, which takes ten times as long on a
# busy computer; what is large is shared among threads of our own. NumPy reads this when it is loaded.
if "numpy" in sys.modules and "OPENBLAS_NUM_THREADS" not in os.environ:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1, "blas")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
