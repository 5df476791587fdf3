"""A drawn apparel catalog of any size for the demo, tests and benchmarks."""

from visualsearch.sample.writing import MAXIMUM_ITEMS, MINIMUM_ITEMS, SampleReport, generate

__all__ = ["MAXIMUM_ITEMS", "MINIMUM_ITEMS", "SampleReport", "generate"]
