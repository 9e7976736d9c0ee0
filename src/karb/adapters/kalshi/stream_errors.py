"""What is told of a stream that breaks, falls silent, or does not bring what was asked for.

The words of the other side are repeated only where they are the exchange's own.
"""

from karb.adapters.kalshi.commands_wire import BOOK
from karb.adapters.kalshi.errors import AGAIN, AGES, VENUE
from karb.adapters.kalshi.frames import MAX_MESSAGE
from karb.adapters.kalshi.wire import ErrorBody
from karb.errors import AuthRefusedError, UnreachableError

_BY_BOOKS = "what it tells is missing meanwhile; decisions go on by the order books"

TOO_LONG = 1009
"""With this code a library closes a connection that brought a message beyond the measure."""


def ended(error: Exception) -> UnreachableError:
    """A library's error that a connection closed."""
    sent, received = getattr(error, "sent", None), getattr(error, "rcvd", None)
    if sent is not None and sent.code == TOO_LONG:
        return broken(f"brought a message longer than {MAX_MESSAGE:,} bytes")
    return broken("broke" if received is None else f"was closed by it ({received.code:d})")


def broken(how: str) -> UnreachableError:
    """A connection that is of no use any more."""
    return UnreachableError(
        f"the stream from {VENUE} {how}",
        means="what it told is not decided on; every book begins anew with the next connection",
        do=AGAIN,
    )


def silent() -> UnreachableError:
    """A connection that stands and brings nothing."""
    return UnreachableError(
        f"{VENUE}'s stream stopped without closing",
        means="its prices were taken as too old from two seconds of silence on",
        do=AGAIN,
    )


def unreadable(most: int, seconds: int) -> UnreachableError:
    """A connection that brings nonsense."""
    return broken(f"brought more than {most} texts in {seconds} s that say nothing")


def not_signed_in() -> AuthRefusedError:
    """A command that needs a key, on a connection without one."""
    return AuthRefusedError(
        f"{VENUE} wants a key for what was asked on the stream",
        means=AGES,
        do="set KALSHI_KEY_ID and KALSHI_PRIVATE_KEY_PATH; `karb doctor` checks them",
    )


def channel_ended(channel: str, why: ErrorBody) -> UnreachableError:
    """A subscription that the exchange ended; empty for one that is not known."""
    if not channel:
        return broken(f"lost a channel, and which one is not said ({_words(why)})")
    return UnreachableError(
        f"{VENUE} ended the channel {channel} ({_words(why)})",
        means="its markets cannot be decided on until it runs again"
        if channel == BOOK
        else _BY_BOOKS,
        do=AGAIN,
    )


def not_followed(what: str, channel: str, why: ErrorBody) -> UnreachableError:
    """Something of a channel, or all of it, that the exchange does not let be followed."""
    return UnreachableError(
        f"{VENUE} does not let {what} ({_words(why)})",
        means="nothing is decided about what is not followed; the others go on"
        if channel == BOOK
        else _BY_BOOKS,
        do="nothing to type: karb asks again in a minute",
    )


def _words(why: ErrorBody) -> str:
    return f"{why.code} {why.msg[:100]}".strip() if why.msg.isprintable() else str(why.code)
