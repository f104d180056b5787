"""Vectors: the model that makes them, and making those that are missing."""
