"""The desk: many questions at once, saved questions that new articles answer, drafts held against the archive."""
