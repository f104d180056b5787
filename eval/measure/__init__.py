"""Answers compared with what is known of the right ones."""
