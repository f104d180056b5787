"""The days that a question names."""
