"""Embeddings to neighbours: projection, approximate index, exact verification."""
