"""Links, decisions, odds credits, versions."""

from karb.adapters.postgres.migrations import run_sql_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Run the SQL beside this file."""
    run_sql_of(__file__)
