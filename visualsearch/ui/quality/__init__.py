"""The Quality mode: where each attribute stands, how much is wrong, what is there twice, and a report of it all."""
