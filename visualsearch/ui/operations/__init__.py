"""The history of decisions: what was changed, by whom and why, and taking any of it back."""
