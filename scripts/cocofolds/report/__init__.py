"""What a person looks at: plots, previews and the report page."""
