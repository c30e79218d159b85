"""What leaks between the files of a split that somebody else has made."""
