"""Alembic runs the migrations in the transaction that newsdesk.catalogue.database.migrating hands it."""

from alembic import context

from newsdesk.catalogue.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
