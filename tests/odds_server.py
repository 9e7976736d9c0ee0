"""The Odds API for one test: a real server on loopback that answers what it is told to.

It runs in a thread of its own, so that a subprocess can ask it as well as a coroutine.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

from aiohttp import web

KEY = "c0ffee00c0ffee00c0ffee00c0ffee00"
"""The canary: it may appear in requests and nowhere else."""

NFL, NBA = "americanfootball_nfl", "basketball_nba"
HTML = b"<!DOCTYPE html><html><title>Sign in</title></html>"


class Answer(NamedTuple):
    """What one request is answered with."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = MappingProxyType({})


class Asked(NamedTuple):
    """A request as it arrived."""

    path: str
    query: dict[str, str]


Give = Answer | Callable[[int], Answer]
"""An answer, or one that depends on how often the path was asked before."""


class OddsServer:
    """A server on a free port of loopback; `answers` by path may be changed at any time."""

    def __init__(self) -> None:
        self.answers: dict[str, Give] = {}
        self.asked: list[Asked] = []
        self.left = 500
        self.delay = 0.0
        self._held = ""
        self._arrived, self._open = threading.Event(), threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self._runner.cleanup())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def play(self, **sports: Give) -> None:
        """Have these sports in season, each with its answer."""
        listed = [{"key": key, "group": "", "active": True} for key in sports]
        self.answers["/v4/sports"] = Answer(json.dumps(listed).encode())
        for key, answer in sports.items():
            self.answers[f"/v4/sports/{key}/odds"] = answer

    def hold(self, path: str) -> None:
        """Let requests for this path arrive and wait."""
        self._held = path

    def wait_for_held(self) -> None:
        """Until such a request has arrived."""
        assert self._arrived.wait(20)

    def release(self) -> None:
        """Answer them, and hold no more."""
        self._held = ""
        self._open.set()

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"

    async def _answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        before = self.paths().count(request.path)
        self.asked.append(Asked(request.path, dict(request.query)))
        if request.path == self._held:
            self._arrived.set()
            await asyncio.to_thread(self._open.wait, 20)
        give = self.answers.get(request.path, refused(404, "UNKNOWN_SPORT"))
        answer = give if isinstance(give, Answer) else give(before)
        cost = int(answer.status == 200 and request.path.endswith("/odds"))
        self.left -= cost
        counted = {
            "x-requests-remaining": str(self.left),
            "x-requests-used": str(500 - self.left),
            "x-requests-last": str(cost),
        }
        headers = counted if answer.status == 200 else {}
        return web.Response(
            body=answer.body, status=answer.status, headers={**headers, **answer.headers}
        )


def refused(status: int, code: str, message: str = "No.") -> Answer:
    """An error as the source words it."""
    return Answer(json.dumps({"message": message, "error_code": code}).encode(), status)


def odds(*events: dict[str, Any]) -> Answer:
    """An answer with these events."""
    return Answer(json.dumps(list(events)).encode())


def stamp(seconds: float) -> str:
    """A time as the source writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def game(
    name: str, books: dict[str, float], *, start: float, sport: str = NFL, **more: Any
) -> dict[str, Any]:
    """A game between `name` Home and `name` Away; `books` maps keys to when they were read."""
    home, away = f"{name} Home", f"{name} Away"
    return {
        "id": name,
        "sport_key": sport,
        "sport_title": sport,
        "commence_time": stamp(start),
        "home_team": home,
        "away_team": away,
        "bookmakers": [
            {
                "key": key,
                "title": key,
                "last_update": stamp(read),
                "markets": [
                    {
                        "key": "h2h",
                        "last_update": stamp(read),
                        "outcomes": [{"name": away, "price": 2.1}, {"name": home, "price": 1.8}],
                    }
                ],
            }
            for key, read in books.items()
        ],
        **more,
    }
