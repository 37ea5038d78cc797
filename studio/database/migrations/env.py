"""Run by Alembic: migrate over the connection that ``studio.database.engine`` hands in, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
