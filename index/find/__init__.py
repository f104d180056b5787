"""Finding passages: by keyword, by meaning, and both rankings fused."""
