"""Where a QuestDB is, how karb connects to it for SQL, and what it means when it cannot.

Whoever only writes history has another process speak SQL, so the driver is loaded with the
first connection.
"""

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from karb.errors import ConfigError, KarbError, StoreDownError

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

_CONNECT_SECONDS = 5
WAITS = "history waits in karb's spool; nothing that decides needs it"


class Address(Protocol):
    """Rows are written to the HTTP port and read from the PostgreSQL port."""

    @property
    def http_host(self) -> str:
        """Where rows go."""

    @property
    def http_port(self) -> int:
        """Where rows go."""

    @property
    def pg_host(self) -> str:
        """Where SQL goes."""

    @property
    def pg_port(self) -> int:
        """Where SQL goes."""

    @property
    def user(self) -> str:
        """For both."""

    @property
    def password(self) -> str:
        """For both; in no text that anybody sees."""


def connect(at: Address, *, seconds: float, means: str = WAITS) -> Connection:
    """A connection for SQL whose statements end after so many seconds.

    Raises `StoreDownError`, or `ConfigError` when it does not let karb in. Nothing is prepared
    on the server: a prepared `SELECT *` fails once a column was added.
    """
    import psycopg

    try:
        return psycopg.connect(
            host=at.pg_host,
            port=at.pg_port,
            user=at.user,
            password=at.password,
            dbname="qdb",
            sslmode="disable",
            connect_timeout=_CONNECT_SECONDS,
            autocommit=True,
            prepare_threshold=None,
            options=f"-c statement_timeout={round(seconds * 1_000)}",
        )
    except psycopg.Error as error:
        if "invalid username/password" in str(error):
            raise not_let_in(means) from None
        reason = one_line(error).rpartition("failed: ")[2].lower()
        raise down(f"{at.pg_host}:{at.pg_port}: {reason}", means) from None


def down(reason: str, means: str = WAITS) -> KarbError:
    """It does not answer, or not as it should."""
    return StoreDownError(
        f"QuestDB does not answer: {reason}",
        means=means,
        do="start it (karb services status shows karb's own), or check QUESTDB_PG_HOST and ports",
    )


def not_let_in(means: str = WAITS) -> KarbError:
    """Its password is another."""
    return ConfigError(
        "QuestDB does not let karb in: user or password is wrong",
        means=means,
        do="check QUESTDB_PG_USER and QUESTDB_PG_PASSWORD",
    )


def one_line(error: Exception) -> str:
    """What a client library says, in one line and not too long."""
    said = str(error).strip().splitlines()
    return said[0][:200] if said else type(error).__name__
