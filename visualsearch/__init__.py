"""visualsearch: find, filter and check the products of a catalog by how their photos look."""

__version__ = "0.1.0"
