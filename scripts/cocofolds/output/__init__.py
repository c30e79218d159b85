"""What is made of the data set for others to read."""
