"""The algebra of masks."""
