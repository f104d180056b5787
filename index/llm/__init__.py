"""Large language models that the user has configured."""
