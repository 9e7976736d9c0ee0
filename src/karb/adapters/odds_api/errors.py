"""What The Odds API's refusals mean, told apart by their `error_code` and not by status.

The status does not say it: a wrong key and a month used up are both 401. An answer without
a code is not the source's own word but that of something on the way (a sign-in page, a
proxy), which may be gone the next time. Texts of the source are cleaned by the caller before
they come here: its key rides in every request.
"""

import msgspec

from karb.errors import AuthRefusedError, KarbError, UnreachableError

SOURCE = "The Odds API"
AGES = "no fresh odds come: those at hand age out within minutes and nothing is bought on them"
LATER = "nothing to type: the next pass tries again"
IN_THE_WAY = "open KARB_ODDS_API_URL in a browser: a sign-in page or a proxy may be in the way"

_KEY_CODES = frozenset({"MISSING_KEY", "INVALID_KEY", "DEACTIVATED_KEY"})
_USED_UP = "OUT_OF_USAGE_CREDITS"
_TOO_FAST = "EXCEEDED_FREQ_LIMIT"
_UNKNOWN_SPORT = "UNKNOWN_SPORT"
_SHOWN = 200


class OutOfCreditsError(UnreachableError):
    """The month's credits are used up.

    It ends like every pass that the source gave nothing for (5), not like a limit of karb's
    own (6); unlike those, asking again before the 1st cannot help.
    """

    retryable = False


class TooFastError(UnreachableError):
    """The source wants fewer requests a second: wait a couple of seconds and ask again."""


class UnknownSportError(KarbError):
    """The source has no such sport (now): nothing is wrong, there is nothing to get."""


class RequestRefusedError(KarbError):
    """The request itself is wrong; the same one will be refused again."""


class _Told(msgspec.Struct):
    message: object = None
    error_code: object = None


_TOLD = msgspec.json.Decoder(_Told)


def refusal(status: int, body: bytes) -> KarbError:
    """The error that an answer with this status (not 200) is."""
    try:
        told = _TOLD.decode(body)
    except msgspec.MsgspecError:
        told = _Told()
    message = f": {told.message:.{_SHOWN}}" if isinstance(told.message, str) else ""
    code = told.error_code
    if not isinstance(code, str) or not code:
        return _not_theirs(status, f"{status}{message}")
    return _by_code(code, message) or _by_status(status, f"{status} {code}{message}")


def _not_theirs(status: int, said: str) -> KarbError:
    if status == 429:
        return _too_fast()
    do = LATER if status >= 500 else IN_THE_WAY
    return UnreachableError(f"{SOURCE} answered {said}", means=AGES, do=do)


def _by_code(code: str, message: str) -> KarbError | None:
    if code in _KEY_CODES:
        return key_refused(f"{code}{message}")
    if code == _USED_UP:
        return OutOfCreditsError(
            f"the month's credits of {SOURCE} are used up ({code})",
            means=f"until 00:00 UTC on the 1st {AGES}",
            do="wait for the 1st, or take a larger plan; `karb ingest-odds --plan` counts ahead",
        )
    if code == _TOO_FAST:
        return _too_fast()
    if code == _UNKNOWN_SPORT:
        return UnknownSportError(f"{SOURCE} does not know this sport")
    return None


def _by_status(status: int, said: str) -> KarbError:
    if status == 401:
        return key_refused(said)
    if status == 429:
        return _too_fast()
    if status >= 500:
        return UnreachableError(f"{SOURCE} answered {said}", means=AGES, do=LATER)
    return RequestRefusedError(
        f"{SOURCE} refused the request: {said}",
        means=AGES,
        do="check KARB_ODDS_API_URL; if it is right, report this as a fault of karb",
    )


def _too_fast() -> KarbError:
    return TooFastError(f"{SOURCE} wants fewer requests a second", means=AGES, do=LATER)


def key_refused(said: str) -> AuthRefusedError:
    """The key does not open the source."""
    return AuthRefusedError(
        f"{SOURCE} does not accept the key: {said}",
        means="no odds come, and nothing is bought without them",
        do="set ODDS_API_KEY to the key of the-odds-api.com, as its e-mail has it",
    )
