"""One line to type in that finds whatever the window can do or show."""
