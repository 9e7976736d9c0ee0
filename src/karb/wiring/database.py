"""The connection to PostgreSQL that everything of one process shares."""

from random import Random

from karb.adapters.postgres.connection import Postgres
from karb.config.settings import Settings
from karb.wiring.clock import boot_time
from karb.wiring.stores import postgres_at


def database(settings: Settings) -> Postgres:
    """PostgreSQL as the settings have it, else karb's own; use it with `async with`.

    Nothing is started or connected before the first piece of work.
    """
    chance = Random()  # noqa: S311 - it spreads retries, it guards nothing
    return Postgres(lambda: postgres_at(settings).conninfo, clock=boot_time, random=chance)
