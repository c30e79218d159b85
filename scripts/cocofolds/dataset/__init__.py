"""What is made of the source: the images, annotations and categories, numbered."""
