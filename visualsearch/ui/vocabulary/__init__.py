"""The vocabulary in the window: attributes, their values, synonyms, scope; renaming and merging."""
