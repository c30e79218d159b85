"""What a person looks at: pictures, plots, and the page with all of them."""
