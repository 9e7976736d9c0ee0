"""What a session asks of the shell around it."""

from typing import NamedTuple, TypeAlias

from karb.errors import KarbError


class Send(NamedTuple):
    """Send this text."""

    text: str


class Alive(NamedTuple):
    """Texts came since the last poll: prices that did not change are as good as new."""


class Stale(NamedTuple):
    """Nothing that is known may be decided on, though the connection stands: forget it."""


class Tell(NamedTuple):
    """Tell the user; the conversation goes on."""

    error: KarbError


class Close(NamedTuple):
    """End the connection: a retryable error means connect again, another one means stop."""

    error: KarbError


Action: TypeAlias = Send | Alive | Stale | Tell | Close
