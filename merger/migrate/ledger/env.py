"""Alembic's environment: one connection, given by `upgrading.upgrade`."""

from alembic import context

from merger.migrate.ledger.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table="merger_version",
    transactional_ddl=connection.dialect.name not in ("mysql", "mariadb"),
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
