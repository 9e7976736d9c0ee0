"""The Odds API v4: who may ask, what it costs, and the answers of the world or of files.

A call costs its markets times its regions, or one for each ten bookmakers that are named; an
empty answer costs nothing. The key rides in the query, as in the real one.
"""

from collections.abc import Callable

from aiohttp import web

from karb.sim import odds_answers
from karb.sim.faults import Armed, Fault
from karb.sim.odds_query import asked
from karb.sim.paging import Query, RefusedError
from karb.sim.recorded import Recorded
from karb.sim.refusals import INVALID_KEY, MISSING_KEY, OUT_OF_CREDITS, UNKNOWN_SPORT
from karb.sim.world import World


class Quota:
    """The month's credits."""

    def __init__(self, plan: int) -> None:
        self.remaining, self.used, self.last = plan, 0, 0

    def charge(self, cost: int) -> None:
        """Count a call."""
        self.last = cost
        self.used += cost
        self.remaining -= cost

    def headers(self) -> dict[str, str]:
        """What every answer tells."""
        return {
            "x-requests-remaining": str(self.remaining),
            "x-requests-used": str(self.used),
            "x-requests-last": str(self.last),
        }


class OddsApi:
    """All paths. Each handler answers what becomes the JSON body, or raises `RefusedError`."""

    def __init__(
        self, world: World, armed: Armed, quota: Quota, key: str, recorded: Recorded | None
    ) -> None:
        self._world, self._armed, self._recorded = world, armed, recorded
        self.quota, self._key = quota, key

    def paths(self) -> dict[str, Callable[[web.Request], object]]:
        """Every path with its handler."""
        return {"/v4/sports": self.sports, "/v4/sports/{sport}/odds": self.odds}

    def sports(self, request: web.Request) -> object:
        """What is in season; free."""
        self._admit(request.query, 0)
        self.quota.charge(0)
        if self._recorded is None:
            return odds_answers.sports(self._world)
        return [
            {"key": sport, "title": events[0].get("sport_title", sport), "active": True}
            for sport, events in self._recorded.odds.items()
        ]

    def odds(self, request: web.Request) -> object:
        """What is offered on a sport."""
        self._admit(request.query, 0)
        wanted = asked(request.query)
        self._admit(request.query, wanted.cost)
        sport = request.match_info["sport"]
        if self._recorded is None:
            found: list[object] = [*odds_answers.odds(self._world, sport, wanted)]
        elif sport in self._recorded.odds:
            found = [*self._recorded.odds[sport]]
        else:
            raise RefusedError(UNKNOWN_SPORT)
        self.quota.charge(wanted.cost if found else 0)
        return found

    def _admit(self, query: Query, cost: int) -> None:
        """Refuse a call without the key, or one that is not paid for."""
        given = query.get("apiKey", query.get("api_key", ""))
        if not given:
            raise RefusedError(MISSING_KEY)
        if given != self._key:
            raise RefusedError(INVALID_KEY)
        if cost and (Fault.NO_CREDITS in self._armed.holding or self.quota.remaining < cost):
            raise RefusedError(OUT_OF_CREDITS)
