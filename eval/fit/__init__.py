"""Learns from questions with known answers how what a reader finds is weighed: order, choice and confidence."""
