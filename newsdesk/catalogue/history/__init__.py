"""What became of an article in the course of time: its versions and names, its embargo, and whether it was taken back."""
