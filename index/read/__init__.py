"""Reading passages: the spans in them that may answer a question."""
