"""What Kalshi's refusals mean: four shapes of body, told apart by code and status.

    {"error": {"code": "...", "message": "...", "details": "..."}}
    {"code": "...", "message": "...", "details": "..."}
    {"msg": "..."}
    {"error": "too many requests"}

Whatever else stands in a refusal (a proxy's page in HTML) is not repeated to anybody. The
same answers come to a request and to the upgrade of a WebSocket, so both read them here.
"""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from karb.domain.units import SECOND, Nanos
from karb.errors import AuthRefusedError, DataError, KarbError, UnreachableError

VENUE = "Kalshi"
AGES = "no news comes: prices that are known grow too old to decide on within seconds"
AGAIN = "nothing to type: karb tries again by itself"

SKEWED = "header_timestamp_expired"
_UNKNOWN_KEY = "NOT_FOUND"
_WRONG_SIGNATURE = "INCORRECT_API_KEY_SIGNATURE"
_PAUSED = frozenset({"exchange_is_paused", "trading_is_paused"})
_SHOWN = 160
_HIDDEN = b"****"


class ClockSkewedError(AuthRefusedError):
    """The signature's time is too far from the exchange's; `date` is what its clock said."""

    def __init__(self, date: str) -> None:
        super().__init__(
            f"{VENUE} refuses the signature: this machine's clock is off",
            means="no signed request is accepted, so no prices come and no order can leave",
            do="set the clock: `timedatectl set-ntp true`, then `karb doctor`",
        )
        self.date = date


class ClockOffError(KarbError):
    """This machine's clock differs from the exchange's; signing works all the same."""


class TooFastError(UnreachableError):
    """More requests than the account's limit allows; a moment later they are accepted."""


class MaintenanceError(UnreachableError):
    """The exchange is closed for maintenance, or paused; it comes back by itself."""


class NotThereError(DataError):
    """The exchange has nothing under that name."""


class RequestRefusedError(KarbError):
    """The request itself is wrong; the same one will be refused again."""


class _Refusal(NamedTuple):
    """The words of a refusal; empty where it has none. `read`: it was one of the four shapes."""

    code: str = ""
    message: str = ""
    details: str = ""
    read: bool = False

    def __str__(self) -> str:
        said = dict.fromkeys(part for part in self[:3] if part)
        return ", ".join(said)[:_SHOWN]


def refusal(
    status: int, headers: Mapping[str, str], body: bytes, *, sent: Mapping[str, str]
) -> KarbError:
    """The error that an answer with this status is; 200 means that it cannot be read.

    `sent` are the headers that said who asks: where the answer repeats one, it is hidden.
    """
    for value in sent.values():
        body = body.replace(value.encode(), _HIDDEN)
    said = _read(body)
    if said.code == SKEWED:
        return ClockSkewedError(headers.get("date", ""))
    if status == 401 or (status == 403 and said.read):
        return _key_refused(status, said)
    if status == 503 or said.code in _PAUSED:
        return MaintenanceError(
            f"{VENUE} is in maintenance or overloaded ({_words(status, said)})",
            means=f"{AGES}; Thursdays from 3 to 5 in the morning, Eastern, that is usual",
            do=AGAIN,
        )
    if status == 429:
        return TooFastError(f"{VENUE} wants fewer requests a second", means=AGES, do=AGAIN)
    if status == 404 and said.read:
        return NotThereError(f"{VENUE} has nothing there ({_words(status, said)})")
    if status in (408, 403) or status >= 500:
        return UnreachableError(f"{VENUE} answered {_words(status, said)}", means=AGES, do=AGAIN)
    if status < 400 or not said.read:
        return UnreachableError(
            f"something answered {status} in {VENUE}'s place, as a sign-in page on the way does",
            means=AGES,
            do="open the address in a browser; check KALSHI_BASE_URL and KARB_KALSHI_WS_URL",
        )
    return RequestRefusedError(
        f"{VENUE} refused the request: {_words(status, said)}",
        means=AGES,
        do="check the addresses in `karb config show`; if right, this is a fault of karb",
    )


def clock_off(offset: Nanos) -> ClockOffError:
    """What to tell of a clock that the exchange's is `offset` ahead of."""
    way = "behind" if offset > 0 else "ahead of"
    return ClockOffError(
        f"this machine's clock is {abs(offset) / SECOND:,.0f} s {way} {VENUE}'s",
        means="requests are signed by its clock now, but ages of prices and odds come out wrong",
        do="set the clock: `timedatectl set-ntp true`, then start karb again",
    )


def _key_refused(status: int, said: _Refusal) -> AuthRefusedError:
    words = _words(status, said)
    if said.details == _UNKNOWN_KEY:
        return AuthRefusedError(
            f"{VENUE} does not know this key id here ({words})",
            means="keys of the demo and of the real exchange are separate; nothing was read",
            do="check KALSHI_KEY_ID, and that KALSHI_ENV is the environment that made the key",
        )
    if said.details == _WRONG_SIGNATURE:
        return AuthRefusedError(
            f"{VENUE} does not accept the signature ({words})",
            means="the private key does not belong to this key id; nothing was read",
            do="check that KALSHI_PRIVATE_KEY_PATH is the file downloaded with KALSHI_KEY_ID",
        )
    return AuthRefusedError(
        f"{VENUE} does not accept the key ({words})",
        means="no prices come, and no order can leave",
        do="check KALSHI_KEY_ID and KALSHI_PRIVATE_KEY_PATH; `karb doctor` says what is wrong",
    )


def _words(status: int, said: _Refusal) -> str:
    return f"{status}: {said}" if str(said) else str(status)


def _read(body: bytes) -> _Refusal:
    try:
        told = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return _Refusal()
    if not isinstance(told, dict):
        return _Refusal()
    error = told.get("error")
    if isinstance(error, str):
        return _Refusal(message=error, read=True)
    inner = error if isinstance(error, dict) else told
    code, message, details = (_text(inner.get(key)) for key in ("code", "message", "details"))
    return _Refusal(code, message or _text(inner.get("msg")), details, read=True)


def _text(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""
