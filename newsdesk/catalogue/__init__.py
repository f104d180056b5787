"""The truth about the archive, in one SQLite file."""
