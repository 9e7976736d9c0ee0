"""Odds from The Odds API v4: what is in season first, which is free, then each sport once.

A sport out of season would cost a request and bring nothing, so it is not asked for. One
sport at a time: the source has no use for haste, and an answer that ends the pass (a wrong
key, no credits) ends it before the next request. What was paid for is never thrown away:
`fetch` raises only when there are no odds at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

import msgspec

from karb.adapters.odds_api.errors import (
    AGES,
    IN_THE_WAY,
    LATER,
    SOURCE,
    OutOfCreditsError,
    RequestRefusedError,
    UnknownSportError,
)
from karb.adapters.odds_api.http import Http
from karb.adapters.odds_api.sports import SPORTS, book_key
from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.odds import OddsSnapshot
from karb.domain.units import Nanos
from karb.errors import AuthRefusedError, DecodeError, KarbError, UnreachableError
from karb.ports import Credits, Fetched

BOOKS = (
    "draftkings",
    "fanduel",
    "betmgm",
    "caesars",
    "betonlineag",
    "betus",
    "fanatics",
    "betrivers",
    "pinnacle",
    "kalshi",
)
"""The books asked for; Kalshi's own row is shown for comparison and never counted."""

_BOOKS_A_CREDIT = 10
COST = ceil(len(BOOKS) / _BOOKS_A_CREDIT)
"""Credits that the odds of one sport cost: one market, and one for every ten books begun."""

_FOR_ALL = (AuthRefusedError, OutOfCreditsError)
"""What one sport is refused for, every other will be."""


class Standing(NamedTuple):
    """What the free call says: the sports in season, and the credits."""

    sports: frozenset[str]
    credits: Credits | None


class _Sport(msgspec.Struct):
    key: str
    active: bool = True


_SPORTS = msgspec.json.Decoder(list[_Sport])
_NUMBER = re.compile(r"(\d{1,12})(?:\.0*)?", re.ASCII)


class OddsApi:
    """`ports.OddsSource` over HTTP. The credits' `last` is what the whole pass cost."""

    def __init__(self, http: Http, *, now: Callable[[], Nanos]) -> None:
        self._http, self._now = http, now

    async def standing(self) -> Standing:
        """What is in season, and what is left; costs nothing."""
        try:
            reply = await self._http.get("/v4/sports", {})
            at = self._now()
            listed = _SPORTS.decode(reply.body)
        except (DecodeError, msgspec.MsgspecError, RecursionError):
            raise UnreachableError(
                f"{SOURCE} did not answer with its list of sports, but with something else",
                means=AGES,
                do=IN_THE_WAY,
            ) from None
        active = frozenset(sport.key for sport in listed if sport.active)
        return Standing(active, credits_of(reply.headers, at))

    async def fetch(self, sports: Sequence[str]) -> Fetched:
        """The newest odds of these sport keys; raises when none could be got at all."""
        standing = await self.standing()
        snapshots: list[OddsSnapshot] = []
        absent = [sport for sport in sports if sport not in standing.sports]
        failed: dict[str, KarbError] = {}
        told = [standing.credits]
        asked = [sport for sport in sports if sport in standing.sports]
        for number, sport in enumerate(asked):
            try:
                snapshots.append(await self._odds(sport, told))
            except UnknownSportError:
                absent.append(sport)
            except _FOR_ALL as error:
                failed |= dict.fromkeys(asked[number:], error)
                break
            except KarbError as error:
                failed[sport] = error
        if failed and not snapshots:
            raise _nothing(failed)
        return Fetched(
            snapshots=tuple(snapshots),
            credits=_together(told),
            absent=tuple(absent),
            failed={sport: error.what for sport, error in failed.items()},
        )

    async def _odds(self, sport: str, told: list[Credits | None]) -> OddsSnapshot:
        """One sport's odds as of the moment they arrived; `told` gets what it cost, read or not."""
        reply = await self._http.get(
            f"/v4/sports/{sport}/odds",
            {
                "bookmakers": ",".join(map(book_key, BOOKS)),
                "markets": SPORTS[sport].market,
                "oddsFormat": "decimal",
                "dateFormat": "iso",
            },
        )
        at = self._now()
        told.append(credits_of(reply.headers, at))
        try:
            return decode_odds(reply.body, origin=SOURCE, at=at)
        except DecodeError as error:
            # The cause would show the source's own text, key and all.
            raise DecodeError(self._http.hide(error.what), means=error.means, do=error.do) from None


def credits_of(headers: Mapping[str, str], at: Nanos) -> Credits | None:
    """What the headers say of credits; None when they say nothing."""
    remaining, used, last = (
        _whole(headers.get(f"x-requests-{name}")) for name in ("remaining", "used", "last")
    )
    if remaining is used is last is None:
        return None
    return Credits(remaining=remaining, used=used, last=last, at=at)


def _whole(text: str | None) -> int | None:
    """A header's number, also as `415.0`; None for anything else."""
    found = _NUMBER.fullmatch((text or "").strip())
    return int(found[1]) if found else None


def _together(told: Iterable[Credits | None]) -> Credits | None:
    """The newest word on credits, with the cost of all requests of the pass."""
    known = [credit for credit in told if credit is not None]
    if not known:
        return None
    costs = [credit.last for credit in known if credit.last is not None]
    return msgspec.structs.replace(known[-1], last=sum(costs) if costs else None)


def _nothing(failed: Mapping[str, KarbError]) -> KarbError:
    """The one error of a pass without odds: what holds for all, else the first in its place."""
    sport, first = next(iter(failed.items()))
    for error in failed.values():
        if isinstance(error, (*_FOR_ALL, RequestRefusedError)):
            return error
    if len(failed) == 1 and isinstance(first, UnreachableError):
        return first
    return UnreachableError(
        f"{SOURCE} gave no odds for any of {len(failed)} sports; {sport}: {first.what}",
        means=AGES,
        do=LATER,
    )
