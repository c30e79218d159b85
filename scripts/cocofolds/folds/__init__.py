"""Which image, or annotation, goes to which fold, and how even the folds are."""
