"""A drawn apparel catalog of any size for the demo, tests and benchmarks."""
