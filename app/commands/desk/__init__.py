"""Commands of the desk: batches, saved questions, drafts."""
