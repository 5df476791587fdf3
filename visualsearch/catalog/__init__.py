"""What the customer owns: items, images, attributes and text, in one SQLite file."""
