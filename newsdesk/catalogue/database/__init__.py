"""The databases that can hold the catalogue, SQLite and PostgreSQL: what is particular to each, in a module of its own."""
