"""Certificates in the window: judging a random sample before anything is accepted unseen. See ``source.py``."""
