"""What a request has to pass before it is looked at: whom it comes from, and how large it is."""
