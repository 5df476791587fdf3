"""Editing attributes anywhere: in the inspector, for a selection, by number keys."""
