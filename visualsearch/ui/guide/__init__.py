"""The user guide: its pages, read without the internet."""
