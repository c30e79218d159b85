"""What a person sees of the results: plots, previews, the page, the last words."""
