"""A run's figures as a table, a page and a file."""
