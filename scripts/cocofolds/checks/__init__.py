"""Look independently at what was made, and compare it with the source."""
