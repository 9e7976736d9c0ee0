"""What is told of PostgreSQL's errors: the reason, whether waiting helps, and no secret."""

import pytest
from psycopg import DataError, Error, OperationalError, errors

from karb.adapters.postgres.errors import LostError, told
from karb.errors import ConfigError
from karb.errors import DataError as KarbDataError

TO = 'connection failed: connection to server at "10.1.2.3", port 5432 failed:'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{TO} Connection refused\n\tIs the server running?", "Connection refused"),
        (f"{TO} FATAL:  the database system is starting up", "the database system is starting up"),
        (
            'connection failed: connection to server on socket "/x/.s.PGSQL.5432" failed: '
            "No such file or directory\n\tIs the server running locally?",
            "No such file or directory",
        ),
        ("connection timeout expired", "connection timeout expired"),
        (f"{TO} FATAL:  sorry, too many clients already", "sorry, too many clients already"),
    ],
)
def test_what_waiting_may_mend_is_a_store_that_is_down(text: str, reason: str) -> None:
    error = told(OperationalError(text))
    assert isinstance(error, LostError)
    assert error.what == f"PostgreSQL does not answer: {reason}"
    assert error.retryable


@pytest.mark.parametrize(
    "reason",
    [
        'password authentication failed for user "karb"',
        'database "arb" does not exist',
        'role "karb" does not exist',
        'no pg_hba.conf entry for host "10.1.2.4", user "karb", database "arb", no encryption',
        'permission denied for database "arb"',
    ],
)
def test_what_a_person_must_mend_names_the_setting(reason: str) -> None:
    error = told(OperationalError(f"{TO} FATAL:  {reason}"))
    assert isinstance(error, ConfigError)
    assert reason in error.what
    assert error.do == "check DATABASE_URL"


def test_a_missing_right_says_what_to_grant() -> None:
    error = told(errors.InsufficientPrivilege("permission denied for schema karb"))
    assert isinstance(error, ConfigError)
    assert "create the schema karb" in error.do


@pytest.mark.parametrize(
    "error",
    [
        errors.NumericValueOutOfRange("integer out of range"),
        errors.CheckViolation("value for domain karb.nanos violates check constraint"),
        errors.UndefinedTable('relation "karb.links" does not exist'),
        DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes"),
    ],
)
def test_what_the_server_will_never_take_is_said_with_its_reason(error: Error) -> None:
    said = told(error)
    assert isinstance(said, KarbDataError)
    assert str(error) in said.what
    assert said.means
    assert said.do


def test_a_server_that_only_reads_is_one_that_may_come_back() -> None:
    """A replica, in the minute in which it takes over."""
    error = told(errors.ReadOnlySqlTransaction("cannot execute INSERT in a read-only transaction"))
    assert isinstance(error, LostError)
