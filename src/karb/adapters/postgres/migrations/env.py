"""What alembic runs to migrate the connection that `schema.migrate` hands over.

The name is alembic's. The transaction is the caller's, who also ends it.
"""

from alembic import context

given = context.config.attributes
context.configure(
    connection=given["connection"],
    version_table="schema_version",
    version_table_schema="karb",
    on_version_apply=given["applied"],
)
context.run_migrations()
