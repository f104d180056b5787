"""The faces for clients that people already have: OpenAI's chat and responses, and the Model Context Protocol."""
