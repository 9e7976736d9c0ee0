"""PostgreSQL's errors in karb's words, with the server's reason and never the password.

What mends itself (a server that restarts, a full disk that is cleared) is `StoreDownError`;
what a person has to mend (a password, a missing right) is `ConfigError`; what the server
will never take (a value that does not fit, a table that is gone) is `DataError`. Before a
connection stands the server gives no code, only a sentence; those that a wrong setting
brings are told by their English wording, and any other counts as a server that is down.
"""

import re

from psycopg import Error, InterfaceError, OperationalError, errors

from karb.errors import ConfigError, DataError, KarbError, StoreDownError

LOST = (OperationalError, InterfaceError, errors.ReadOnlySqlTransaction)
"""The server is away, or cannot do its work for now."""
REFUSED = (errors.InsufficientPrivilege,)
"""The server is there and does not let karb do what it must."""

MEANS = "what karb has to remember cannot be read or kept"

_REASON = re.compile(r"^.*(?:FATAL|failed):\s*(?P<reason>.+)$", re.MULTILINE)
_NOT_MENDED_BY_WAITING = re.compile(
    r"authentication failed|does not exist|no pg_hba\.conf entry|permission denied for database"
    r"|no password supplied|is not permitted to log in"
)


class LostError(StoreDownError):
    """PostgreSQL does not answer, or cannot do its work for now."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"PostgreSQL does not answer: {reason}",
            means=MEANS,
            do="see `karb services status`, or check DATABASE_URL",
        )


class BrokenLineError(LostError):
    """The connection broke while it was used; a new one may do."""


def told(error: Error) -> KarbError:
    """The error to raise for one of PostgreSQL's or psycopg's."""
    reason = reason_of(error)
    if isinstance(error, REFUSED):
        return ConfigError(
            f"PostgreSQL refuses: {reason}",
            means=MEANS,
            do="let the role of DATABASE_URL create the schema karb, or make it the owner of one",
        )
    if not isinstance(error, LOST):
        return DataError(
            f"PostgreSQL will not do what karb asks: {reason}",
            means=MEANS,
            do="start karb again, which makes tables that are missing; "
            "if it stays so, report this as a fault of karb",
        )
    if error.sqlstate is None and _NOT_MENDED_BY_WAITING.search(reason):
        return ConfigError(
            f"PostgreSQL does not let karb in: {reason}", means=MEANS, do="check DATABASE_URL"
        )
    return LostError(reason)


def reason_of(error: Error) -> str:
    """What the server, or the operating system, gives as the reason: one line without a secret."""
    if error.diag.message_primary:
        return error.diag.message_primary
    found = [match["reason"] for match in _REASON.finditer(str(error))]
    return found[-1].strip() if found else str(error).partition("\n")[0]
