"""Answers to questions of particular forms: about the articles themselves, of quotations, in parts, by comparing."""
