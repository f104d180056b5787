"""Commands about who may use the service."""
