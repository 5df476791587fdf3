"""Auto tagging in the window: what would be filled in, value by value, and accepting it with a certificate."""
