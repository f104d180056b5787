"""Who may use the archive."""
