"""Saved questions in the catalogue."""
