"""What fills the archive, and empties it again: `newsdesk ingest`, `sample`, `rejects`, `embed` and `remove`."""
