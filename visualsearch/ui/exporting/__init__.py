"""The catalog, or a part of it, as a file for other programs."""
