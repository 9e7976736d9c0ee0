"""Redis' errors in karb's words, with the server's reason and never the address.

What mends itself (a server that restarts, full memory, a full disk) is `StoreDownError`;
what a person has to mend (a password, a missing right, somebody else's key in the place of
one of karb's) is `ConfigError`.
"""

from collections.abc import Iterable
from typing import Any

from hiredis import ReplyError

from karb.domain.edge.refusal import duration
from karb.domain.units import Nanos
from karb.errors import ConfigError, KarbError, StoreDownError

MEANS = (
    "what karb's processes share there is neither written nor read: `karb run` decides without "
    "it, a `karb detect` holds every price for stale"
)

_PASSES = frozenset({"OOM", "MISCONF", "LOADING", "READONLY", "BUSY", "TRYAGAIN"}) | frozenset(
    {"MASTERDOWN", "NOREPLICAS", "CLUSTERDOWN"}
)
_DO = {
    "OOM": "raise maxmemory of the server, or remove what else it holds",
    "MISCONF": "make room on the disk of the server",
    "NOAUTH": "put the password into REDIS_URL",
    "WRONGPASS": "check user and password in REDIS_URL",
    "NOPERM": "let the user of REDIS_URL use odds:*, kalshi:*, karb:* and EVAL",
    "asleep": "nothing to type: it does that now; keep the machine awake while karb runs",
    "WRONGTYPE": "choose another database number in REDIS_URL: this one holds somebody else's keys",
}
_LOOK = "see `karb services status`, or check REDIS_URL"


class AwayError(StoreDownError):
    """Redis is not there for now. `kind` tells one reason from another."""

    def __init__(self, what: str, kind: str, means: str = MEANS) -> None:
        super().__init__(what, means=means, do=_DO.get(kind, _LOOK))
        self.kind = kind


class LostError(AwayError):
    """Redis does not answer, or broke the connection."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Redis does not answer: {reason}", "lost")


class AsleepError(AwayError):
    """This process was kept from looking for so long that it does not know what is true now.

    `span` is how long.
    """

    def __init__(self, span: Nanos) -> None:
        self.span = span
        super().__init__(
            f"this process was asleep for {duration(span)}",
            "asleep",
            means="other karb processes hold what it told for stale until it has told it anew",
        )


class UnwillingError(AwayError):
    """Redis answers, and cannot do its work for now; `kind` is its own word for that."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(f"Redis refuses for now: {reason}", kind)


class RefusedError(ConfigError):
    """Redis refuses what karb must do, and waiting does not help."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(f"Redis refuses: {reason}", means=MEANS, do=_DO.get(kind, _LOOK))


def told(reply: ReplyError) -> KarbError:
    """The error to raise for a refusal of the server's."""
    reason = str(reply)
    kind = reason.partition(" ")[0]
    if kind in _PASSES or "max number of clients" in reason:
        return UnwillingError(reason, kind)
    return RefusedError(reason, kind)


def check(replies: Iterable[Any]) -> None:
    """Raise the first refusal among replies, also one inside a transaction's."""
    for reply in replies:
        if isinstance(reply, ReplyError):
            raise told(reply)
        if type(reply) is list:
            check(reply)
