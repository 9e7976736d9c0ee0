"""Links and people's decisions about them, as rows that are only added."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from karb.adapters.postgres.connection import Connection, Postgres
from karb.domain.linking.links import Link, NoLink
from karb.domain.units import Nanos
from karb.ports import Decision

Answer = Link | NoLink

_CURRENT = "SELECT * FROM karb.current_links ORDER BY ticker"
_THESE = "SELECT * FROM karb.current_links WHERE ticker = ANY(%s)"
# Writers take turns: two that read the same newest version would both add the next one.
_ALONE = "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE"
_ADD = """
INSERT INTO karb.links (
    ticker, version, at, event_ticker, league,
    kind, odds_event_id, outcome, opponent, team, start, moved, evidence,
    reason, detail, unknown, proposals
) VALUES (
    %(ticker)s, %(version)s, %(at)s, %(event_ticker)s, %(league)s,
    %(kind)s, %(odds_event_id)s, %(outcome)s, %(opponent)s, %(team)s, %(start)s, %(moved)s,
    %(evidence)s, %(reason)s, %(detail)s, %(unknown)s, %(proposals)s
)
"""
_DECISIONS = "SELECT * FROM karb.current_decisions ORDER BY id"
_DECIDED = "SELECT * FROM karb.current_decisions WHERE ticker = %s AND odds_event_id = %s"
_DECIDE = """
INSERT INTO karb.link_decisions (ticker, odds_event_id, outcome, accepted, reason, at)
VALUES (
    %(ticker)s, %(odds_event_id)s, %(outcome)s, %(accepted)s, %(reason)s, %(at)s
)
"""


class PostgresLinks:
    """The port `Links` over a database; errors are those of `Postgres.run`."""

    def __init__(self, database: Postgres) -> None:
        self._database = database

    @property
    def up(self) -> bool | None:
        """Whether the database did the last piece of work; None before the first."""
        return self._database.up

    async def current(self) -> Sequence[Answer]:
        """The newest answer of every market, by ticker."""

        async def read(connection: Connection) -> list[Answer]:
            return [_answer(row) async for row in await connection.execute(_CURRENT)]

        return await self._database.run(read)

    async def put(self, answers: Iterable[Answer], at: Nanos) -> int:
        """Record answers; an unchanged one makes no new version. How many were new."""
        told = {answer.ticker: answer for answer in answers}

        async def write(connection: Connection) -> int:
            await connection.execute(_ALONE.format("karb.links"))
            cursor = await connection.execute(_THESE, [list(told)])
            held = {row["ticker"]: row async for row in cursor}
            new = [
                _row(answer, _version(held.get(ticker)) + 1, at)
                for ticker, answer in told.items()
                if ticker not in held or _answer(held[ticker]) != answer
            ]
            await cursor.executemany(_ADD, new)
            return len(new)

        return await self._database.run(write) if told else 0

    async def decisions(self) -> Sequence[Decision]:
        """Every decision in force, the oldest first."""

        async def read(connection: Connection) -> list[Decision]:
            return [_decision(row) async for row in await connection.execute(_DECISIONS)]

        return await self._database.run(read)

    async def decide(self, decision: Decision) -> None:
        """Record a person's word; it replaces an earlier one on the same market and event."""

        async def write(connection: Connection) -> None:
            await connection.execute(_ALONE.format("karb.link_decisions"))
            cursor = await connection.execute(_DECIDED, [decision.ticker, decision.odds_event_id])
            held = await cursor.fetchone()
            if held is None or _decision(held) != decision:
                await connection.execute(_DECIDE, msgspec.structs.asdict(decision))

        await self._database.run(write)


def _version(row: Mapping[str, Any] | None) -> int:
    return 0 if row is None else row["version"]


_EMPTY = dict.fromkeys(
    field.name for kind in (Link, NoLink) for field in msgspec.structs.fields(kind)
)


def _row(answer: Answer, version: int, at: Nanos) -> dict[str, Any]:
    """Every column of a version; those of the other kind of answer are empty."""
    told = msgspec.to_builtins(answer)
    # psycopg takes a tuple for a row of a table, a list for an array.
    columns = {name: list(held) if isinstance(held, tuple) else held for name, held in told.items()}
    return {**_EMPTY, **columns, "version": version, "at": at}


def _answer(row: Mapping[str, Any]) -> Answer:
    return msgspec.convert(row, Link) if row["reason"] is None else msgspec.convert(row, NoLink)


def _decision(row: Mapping[str, Any]) -> Decision:
    return msgspec.convert(row, Decision)
