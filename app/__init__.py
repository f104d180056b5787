"""The roof: the service and the commands. It sees every room; no room sees it."""
