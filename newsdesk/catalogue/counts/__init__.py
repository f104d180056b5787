"""What an answer was looked for in, counted."""
