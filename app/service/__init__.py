"""What `newsdesk serve` runs: the web application, its HTTP server, and the work in its background."""
