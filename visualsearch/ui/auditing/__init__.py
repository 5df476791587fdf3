"""The audit mode: suspects one by one, those alike together, values that are mixed up, a look at what was imported."""
