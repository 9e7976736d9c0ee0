"""The tables of karb, a numbered step at a time: `versions/vNNNN_name.sql` is the step.

The Python file of the same name tells alembic the order. There is no way back: an older
karb refuses newer tables, and what it wrote is not thrown away for it.
"""

from pathlib import Path


def run_sql_of(revision_file: str) -> None:
    """Run the SQL file beside a revision, as it stands, on the connection being migrated."""
    from alembic import op

    op.get_bind().exec_driver_sql(Path(revision_file).with_suffix(".sql").read_text("utf-8"))
