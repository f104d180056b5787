"""The HTTP interface: FastAPI routes over the query engine and the catalogue."""
