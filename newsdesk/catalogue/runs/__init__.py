"""What was read when: the runs of `newsdesk ingest`, and the files that need not be read again."""
