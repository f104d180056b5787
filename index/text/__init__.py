"""What is known of a text alone: its terms, names, quantities and places of characters."""
