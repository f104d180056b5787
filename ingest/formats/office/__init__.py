"""Documents of offices: Word and PDF."""
