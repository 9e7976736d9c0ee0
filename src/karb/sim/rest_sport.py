"""The exchange's REST answers about games and teams: milestones, standings, targets."""

from collections.abc import Sequence
from datetime import datetime

from aiohttp import web

from karb.sim import paging
from karb.sim.catalog import Catalog, Row
from karb.sim.paging import Query, RefusedError, whole
from karb.sim.refusals import NOT_FOUND, bad_request
from karb.sim.routes import Answer, Route

_MOST_GAMES = 100
_MOST_TARGETS = 2_000


class SportRest:
    """All of them are anybody's to read."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def routes(self) -> list[Route]:
        """Every path."""
        return [
            Route("/milestones", self.milestones),
            Route("/milestones/{id}", self.milestone),
            Route("/live_data/batch", self.standings),
            Route("/live_data/milestone/{id}", self.standing),
            Route("/live_data/{kind}/milestone/{id}", self.standing),
            Route("/structured_targets", self.targets),
            Route("/structured_targets/{id}", self.target),
            Route("/search/filters_by_sport", self.filters),
        ]

    def milestones(self, request: web.Request) -> Answer:
        """Games with their starts."""
        query = request.query
        if "limit" not in query:
            raise RefusedError(bad_request("limit is required"))
        rows = _of(self._catalog.milestones(), query)
        if query.get("category", "Sports") != "Sports":
            rows = []
        if event := query.get("related_event_ticker"):
            rows = [row for row in rows if row.event == event]
        if earliest := query.get("minimum_start_date"):
            rows = [row for row in rows if row.at >= _moment(earliest)]
        if query.get("min_updated_ts"):
            after = whole(query, "min_updated_ts", None, least=0, most=1 << 40)
            rows = [row for row in rows if row.times.updated and row.times.updated > after]
        return paging.listed("milestones", rows, query, default=100, most=500)

    def milestone(self, request: web.Request) -> Answer:
        """One game."""
        return {"milestone": paging.one(self._catalog.milestones(), request.match_info["id"])}

    def standings(self, request: web.Request) -> Answer:
        """How several games stand; unknown ones are left out."""
        wanted = request.query.getall("milestone_ids", [])
        if not 1 <= len(wanted) <= _MOST_GAMES:
            raise RefusedError(bad_request(f"milestone_ids: 1 to {_MOST_GAMES} are required"))
        return {"live_datas": [row.body for row in self._catalog.live_data() if row.key in wanted]}

    def standing(self, request: web.Request) -> Answer:
        """How one game stands, by its milestone, and of its type where one is named."""
        asked = request.match_info
        rows = self._catalog.live_data()
        if kind := asked.get("kind"):
            rows = [row for row in rows if row.kind == kind]
        return {"live_data": paging.one(rows, asked["id"])}

    def targets(self, request: web.Request) -> Answer:
        """Teams, by id, type and competition."""
        query = request.query
        rows = _of(self._catalog.targets(), query)
        if wanted := query.getall("ids", []):
            rows = [row for row in rows if row.key in wanted]
        size = whole(query, "page_size", 100, least=1, most=_MOST_TARGETS)
        paged = {"limit": str(size), "cursor": query.get("cursor", "")}
        return paging.listed("structured_targets", rows, paged, default=100, most=_MOST_TARGETS)

    def target(self, request: web.Request) -> Answer:
        """One team."""
        return {"structured_target": paging.one(self._catalog.targets(), request.match_info["id"])}

    def filters(self, _: web.Request) -> object:
        """Which competitions each sport has; 404 from files, which do not say."""
        found = self._catalog.sports()
        if found is None:
            raise RefusedError(NOT_FOUND)
        return found


def _of(rows: Sequence[Row], query: Query) -> list[Row]:
    """The rows of a type and of a competition."""
    kind, competition = query.get("type"), query.get("competition")
    return [
        row
        for row in rows
        if (not kind or row.kind == kind) and (not competition or competition in row.competitions)
    ]


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise RefusedError(bad_request("minimum_start_date is not RFC 3339")) from None
