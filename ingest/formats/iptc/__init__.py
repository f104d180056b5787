"""What news agencies send: the formats of the International Press Telecommunications Council."""
