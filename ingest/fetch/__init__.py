"""Fetching what lies at web addresses, politely, and only where the user named one."""
