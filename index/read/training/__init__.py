"""Training a reader, and exporting it."""
