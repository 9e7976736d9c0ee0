"""What the odds source said about its credits, a row for each answer."""

from typing import Any

import msgspec

from karb.adapters.postgres.connection import Connection, Postgres
from karb.ports import Credits

_LAST = "SELECT remaining, used, last, at FROM karb.odds_credits ORDER BY at DESC LIMIT 1"
_NOTE = """
INSERT INTO karb.odds_credits (remaining, used, last, at)
VALUES (%(remaining)s, %(used)s, %(last)s, %(at)s)
ON CONFLICT (at) DO UPDATE
SET remaining = excluded.remaining, used = excluded.used, last = excluded.last
"""


class PostgresCredits:
    """The port `CreditBook` over a database; errors are those of `Postgres.run`."""

    def __init__(self, database: Postgres) -> None:
        self._database = database

    async def last(self) -> Credits | None:
        """The newest answer of the source; None before the first."""

        async def read(connection: Connection) -> dict[str, Any] | None:
            return await (await connection.execute(_LAST)).fetchone()

        row = await self._database.run(read)
        return None if row is None else Credits(**row)

    async def note(self, told: Credits) -> None:
        """Record what the source said."""

        async def write(connection: Connection) -> None:
            await connection.execute(_NOTE, msgspec.structs.asdict(told))

        await self._database.run(write)
