"""Rankings → attribute values: suggestions, certificates, auto tagging; suspects, estimates, duplicates."""
