"""Commands about the models that Newsdesk trains itself."""
