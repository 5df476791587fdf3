"""The window: Qt, and nothing but Qt and the workspace."""
