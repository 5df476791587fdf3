"""One photo as large as the window, or a few side by side."""
