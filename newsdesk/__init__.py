"""Newsdesk: answers questions over a news archive, with the paragraph each answer stands on."""

__version__ = "0.1.0"
