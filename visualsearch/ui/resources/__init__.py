"""Icons, drawn for this program (MIT, as the rest)."""
