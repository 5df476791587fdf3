"""Simulated people on a labelled catalog: how well visual filters, and what others do instead, find what is meant."""
