"""Images that are copies of each other, by their files or by their names."""
