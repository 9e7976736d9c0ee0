"""One tree of errors; each leaf says whether a retry can help and how the process ends.

    KarbError
    ├── UsageError            2   the command line asks for something that does not exist
    ├── ConfigError           3   settings, profiles or secrets cannot be used as they are
    ├── AuthRefusedError      4   the venue does not accept the key
    ├── UnreachableError      5   venue or odds source did not answer (retryable)
    ├── BlockedError          6   the breaker or a risk limit said no
    ├── StoreDownError        8   PostgreSQL, Redis or QuestDB did not answer (retryable)
    └── DataError             1   data that cannot be true
        └── DecodeError       1   bytes that are not the message they should be

An error carries three sentences, because its reader has money at stake: what happened,
what that means, and what to type next. Whether it is retryable is decided once, by the
leaf that is raised where the venue is known, and never guessed again further up.
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """How a karb process ends. Printed in `karb --help`; scripts may rely on it."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    CONFIG = 3
    AUTH = 4
    UNREACHABLE = 5
    BLOCKED = 6
    FINDINGS = 7
    STORE_DOWN = 8
    INTERRUPTED = 130

    @property
    def meaning(self) -> str:
        """One line for `--help`."""
        return _MEANINGS[self]


_MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILURE: "failed; also: the input cannot be true",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.CONFIG: "settings, profile or secrets are wrong",
    ExitCode.AUTH: "the venue refused the key",
    ExitCode.UNREACHABLE: "the venue or the odds source did not answer",
    ExitCode.BLOCKED: "blocked by the breaker or a risk limit",
    ExitCode.FINDINGS: "done, with findings to look at",
    ExitCode.STORE_DOWN: "a store is down",
    ExitCode.INTERRUPTED: "interrupted",
}


class KarbError(Exception):
    """Base of everything karb raises on purpose.

    `what` happened, what it `means` for the user's money or result, and what to `do` next.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILURE
    retryable: ClassVar[bool] = False

    def __init__(self, what: str, *, means: str = "", do: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.means = means
        self.do = do

    def __str__(self) -> str:
        """The three sentences on one line."""
        return "; ".join(part for part in (self.what, self.means, self.do) if part)


class UsageError(KarbError):
    """The command line asks for something that does not exist or does not fit together."""

    exit_code = ExitCode.USAGE


class ConfigError(KarbError):
    """Settings, a profile or a secret cannot be used as they are."""

    exit_code = ExitCode.CONFIG


class AuthRefusedError(KarbError):
    """The venue does not accept the key."""

    exit_code = ExitCode.AUTH


class UnreachableError(KarbError):
    """The venue or the odds source did not answer."""

    exit_code = ExitCode.UNREACHABLE
    retryable = True


class BlockedError(KarbError):
    """The breaker or a risk limit said no."""

    exit_code = ExitCode.BLOCKED


class StoreDownError(KarbError):
    """A store did not answer."""

    exit_code = ExitCode.STORE_DOWN
    retryable = True


class DataError(KarbError):
    """Data that cannot be true: a price above a dollar, a book with one outcome."""


class DecodeError(DataError):
    """Bytes that are not the message they should be."""
