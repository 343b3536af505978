"""Run migrations over the connection that `kgenrich.store.migrate` hands over."""

from alembic import context

from kgenrich.store.tables import metadata

connection = context.config.attributes["connection"]
# SQLite's changes of tables are part of a transaction here, which Alembic does not expect.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
