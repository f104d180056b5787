"""Making vectors by several workers: which of them makes which."""
