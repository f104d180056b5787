"""Words and sentences that every room writes or reads alike."""
