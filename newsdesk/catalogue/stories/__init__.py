"""Which articles are one story, so that what an agency sent to nine outlets is one piece of evidence and not nine."""
