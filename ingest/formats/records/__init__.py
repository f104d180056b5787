"""Articles as records: JSON in all its shapes, tables."""
