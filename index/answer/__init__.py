"""From passages to a drafted answer with its citations and its confidence."""
