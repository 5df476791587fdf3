"""Saved visual filters in the window: saving one, and the panel that lists them."""
