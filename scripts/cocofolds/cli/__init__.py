"""The command `cocofolds`: from a file of masks to folds, in a minute."""
