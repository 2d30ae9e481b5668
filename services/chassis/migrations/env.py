"""How Alembic runs a service's migrations: on the connection it is handed, in the caller's transaction, with a version table of its own."""

from alembic import context

attributes = context.config.attributes
context.configure(
    connection=attributes["connection"],
    version_table=attributes["version_table"],
    version_table_schema=attributes["schema"],
    transactional_ddl=False,
)
context.run_migrations()
