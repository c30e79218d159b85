"""Folds: which image goes to which, and how good they are."""
