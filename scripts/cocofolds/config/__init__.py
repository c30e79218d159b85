"""The settings: read, completed, and what results were made from."""
