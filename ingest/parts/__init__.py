"""The parts of an article: text without furniture, byline, date, identity, and the limits on them."""
