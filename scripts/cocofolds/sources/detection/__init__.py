"""Find out how a file of annotations is to be read, by looking at what is in it."""
