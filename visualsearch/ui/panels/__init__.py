"""The parts around the grid: facets, examples tray, inspector, chips, import."""
