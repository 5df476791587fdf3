"""Tag mode: pages of suggestions for ``attribute=value``, confirmed by a key, and what new items lack."""
