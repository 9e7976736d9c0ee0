"""Credits of any size."""

from karb.adapters.postgres.migrations import run_sql_of

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql_of(__file__)
