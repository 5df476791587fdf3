"""The grid of thumbnails: model, view, delegate, pixmaps."""
