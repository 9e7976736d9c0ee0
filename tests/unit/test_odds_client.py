"""The odds client against a real server: what it asks, what it makes of every answer."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from random import Random
from traceback import format_exception
from typing import TypeVar

import pytest

from karb.adapters.odds_api import http as http_module
from karb.adapters.odds_api.client import BOOKS, COST, OddsApi, credits_of
from karb.adapters.odds_api.errors import OutOfCreditsError, RequestRefusedError
from karb.adapters.odds_api.http import TRIES, Http
from karb.domain.units import SECOND, Nanos
from karb.errors import AuthRefusedError, ExitCode, KarbError, UnreachableError
from karb.ports import Credits, Fetched
from odds_server import HTML, KEY, NBA, NFL, Answer, Give, OddsServer, game, odds, refused

T = TypeVar("T")
NOW: Nanos = 1_795_000_000 * SECOND
SOON = NOW / SECOND + 3_600
READ = {"draftkings": NOW / SECOND - 20, "williamhill_us": NOW / SECOND - 90}


class Naps:
    """A sleep that takes no time and remembers what was asked of it."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


@pytest.fixture
def server() -> Iterator[OddsServer]:
    with OddsServer() as running:
        yield running


def ask(url: str, work: Callable[[OddsApi], Awaitable[T]], naps: Naps | None = None) -> T:
    """Do this with a client of its own."""

    async def run() -> T:
        async with Http(url, KEY, sleep=naps or Naps(), random=Random(1)) as http:
            return await work(OddsApi(http, now=lambda: NOW))

    return asyncio.run(run())


def fetch(server: OddsServer, *sports: str, naps: Naps | None = None) -> Fetched:
    return ask(server.url, lambda api: api.fetch(sports), naps)


def error_of(server: OddsServer, *sports: str) -> KarbError:
    with pytest.raises(KarbError) as caught:
        fetch(server, *sports)
    assert caught.value.means
    assert caught.value.do
    return caught.value


def nfl(name: str = "Buffalo") -> Answer:
    return odds(game(name, READ, start=SOON))


def test_a_sport_is_fetched_and_decoded_as_of_its_receipt(server: OddsServer) -> None:
    server.play(**{NFL: nfl()})
    fetched = fetch(server, NFL)
    (snapshot,) = fetched.snapshots
    (event,) = snapshot.events
    assert (snapshot.at, snapshot.origin) == (NOW, "The Odds API")
    assert event.home == "Buffalo Home"
    assert [quote.book for quote in event.quotes] == ["draftkings", "caesars"]
    assert (fetched.absent, fetched.failed) == ((), {})


def test_the_request_says_everything_that_the_answer_depends_on(server: OddsServer) -> None:
    title = "basketball_nba_championship_winner"
    server.play(**{NFL: odds(), title: odds()})
    fetch(server, NFL, title)
    free, game_odds, title_odds = server.asked
    assert (free.path, free.query) == ("/v4/sports", {"apiKey": KEY})
    assert game_odds.query == {
        "apiKey": KEY,
        "bookmakers": "draftkings,fanduel,betmgm,williamhill_us,betonlineag,betus,fanatics,"
        "betrivers,pinnacle,kalshi",
        "markets": "h2h",
        "oddsFormat": "decimal",
        "dateFormat": "iso",
    }
    assert title_odds.query["markets"] == "outrights"


def test_the_books_of_a_request_cost_one_credit() -> None:
    assert (len(BOOKS), COST) == (10, 1)


def test_a_sport_out_of_season_is_absent_and_costs_nothing(server: OddsServer) -> None:
    server.play(**{NFL: nfl()})
    fetched = fetch(server, NBA, NFL)
    assert fetched.absent == (NBA,)
    assert server.paths() == ["/v4/sports", f"/v4/sports/{NFL}/odds"]


def test_a_sport_listed_as_not_active_is_absent(server: OddsServer) -> None:
    listed = json.dumps([{"key": NFL, "active": False}, {"key": NBA}]).encode()
    server.play(**{NBA: odds()})
    server.answers["/v4/sports"] = Answer(listed)
    assert fetch(server, NFL, NBA).absent == (NFL,)


def test_a_sport_that_ended_since_it_was_listed_is_absent(server: OddsServer) -> None:
    server.play(**{NFL: refused(404, "UNKNOWN_SPORT"), NBA: odds()})
    fetched = fetch(server, NFL, NBA)
    assert (fetched.absent, fetched.failed) == ((NFL,), {})


def test_nothing_in_season_is_an_answer(server: OddsServer) -> None:
    server.play()
    fetched = fetch(server, NFL)
    assert (fetched.snapshots, fetched.absent) == ((), (NFL,))


def test_credits_are_the_newest_word_and_the_cost_of_the_whole_pass(server: OddsServer) -> None:
    server.play(**{NFL: nfl(), NBA: odds()})
    assert fetch(server, NFL, NBA).credits == Credits(remaining=498, used=2, last=2, at=NOW)


def test_an_answer_that_cannot_be_read_has_its_cost_counted(server: OddsServer) -> None:
    server.play(**{NFL: nfl(), NBA: Answer(HTML)})
    assert fetch(server, NFL, NBA).credits == Credits(remaining=498, used=2, last=2, at=NOW)


def test_an_answer_without_counts_leaves_the_last_known_ones(server: OddsServer) -> None:
    silent = {f"x-requests-{name}": "" for name in ("remaining", "used", "last")}
    server.play(**{NFL: nfl()._replace(headers=silent)})
    assert fetch(server, NFL).credits == Credits(remaining=500, used=0, last=0, at=NOW)


@pytest.mark.parametrize(
    ("headers", "remaining", "used"),
    [
        ({"x-requests-remaining": "415", "x-requests-used": "85"}, 415, 85),
        ({"x-requests-remaining": " 415.0 ", "x-requests-used": "85."}, 415, 85),
        ({"x-requests-remaining": "-3", "x-requests-used": "85"}, None, 85),
        ({"x-requests-remaining": "415.5", "x-requests-used": "lots"}, None, None),
        ({"x-requests-remaining": "9" * 5_000}, None, None),
        ({}, None, None),
    ],
)
def test_counts_are_read_leniently_and_never_guessed(
    headers: dict[str, str], remaining: int | None, used: int | None
) -> None:
    told = credits_of(headers, NOW)
    if remaining is used is None:
        assert told is None
    else:
        assert told == Credits(remaining=remaining, used=used, last=None, at=NOW)


@pytest.mark.parametrize("code", ["INVALID_KEY", "MISSING_KEY", "DEACTIVATED_KEY"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_told_as_that(server: OddsServer, code: str, status: int) -> None:
    server.answers["/v4/sports"] = refused(status, code)
    error = error_of(server, NFL)
    assert isinstance(error, AuthRefusedError)
    assert (error.exit_code, error.retryable) == (ExitCode.AUTH, False)
    assert code in error.what
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 429])
def test_used_up_credits_are_no_wrong_key(server: OddsServer, status: int) -> None:
    """The source answers 401 for both, so the status says nothing."""
    used_up = refused(status, "OUT_OF_USAGE_CREDITS", "Usage quota has been reached.")
    server.play(**{NFL: used_up, NBA: used_up})
    error = error_of(server, NFL, NBA)
    assert isinstance(error, OutOfCreditsError)
    assert (error.exit_code, error.retryable) == (ExitCode.UNREACHABLE, False)
    assert "the 1st" in error.means
    assert server.paths() == ["/v4/sports", f"/v4/sports/{NFL}/odds"]


def test_what_was_paid_for_before_the_credits_ended_is_kept(server: OddsServer) -> None:
    server.play(**{NFL: nfl(), NBA: refused(401, "OUT_OF_USAGE_CREDITS")})
    fetched = fetch(server, NFL, NBA)
    assert len(fetched.snapshots) == 1
    assert "used up" in fetched.failed[NBA]


def after(times: int, first: Answer, then: Answer) -> Give:
    return lambda before: first if before < times else then


def test_too_many_requests_wait_two_seconds_and_more_and_ask_again(server: OddsServer) -> None:
    naps = Naps()
    server.play(**{NFL: after(TRIES - 1, refused(429, "EXCEEDED_FREQ_LIMIT"), nfl())})
    assert len(fetch(server, NFL, naps=naps).snapshots) == 1
    assert len(naps.taken) == TRIES - 1
    assert all(2.0 <= nap <= 3.0 for nap in naps.taken)
    assert len(set(naps.taken)) > 1


def test_too_many_requests_end_after_a_few_tries(server: OddsServer) -> None:
    server.play(**{NFL: refused(429, "EXCEEDED_FREQ_LIMIT")})
    error = error_of(server, NFL)
    assert (error.exit_code, error.retryable) == (ExitCode.UNREACHABLE, True)
    assert len(server.asked) == 1 + TRIES


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_is_down_is_asked_again_and_then_told(
    server: OddsServer, status: int
) -> None:
    naps = Naps()
    server.play(**{NFL: after(1, Answer(HTML, status), nfl())})
    assert len(fetch(server, NFL, naps=naps).snapshots) == 1
    assert all(0.0 < nap <= 2.0 for nap in naps.taken)
    server.answers[f"/v4/sports/{NFL}/odds"] = Answer(HTML, status)
    error = error_of(server, NFL)
    assert isinstance(error, UnreachableError)
    assert error.retryable
    assert str(status) in error.what


def test_a_wrong_request_is_never_sent_again(server: OddsServer) -> None:
    server.play(**{NFL: refused(422, "INVALID_BOOKMAKERS", "Unknown bookmakers: x")})
    error = error_of(server, NFL)
    assert isinstance(error, RequestRefusedError)
    assert not error.retryable
    assert "INVALID_BOOKMAKERS: Unknown bookmakers: x" in error.what
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        Answer(HTML),
        Answer(b""),
        Answer(b'{"message": "hello"}'),
        Answer(b"[" * 100_000),
        Answer(b"", 302, {"Location": "http://127.0.0.1:1/login"}),
        Answer(b"not gzip", 200, {"Content-Encoding": "gzip"}),
    ],
    ids=["html", "empty", "message", "deep", "redirect", "gzip"],
)
def test_garbage_costs_one_sport_and_is_told(server: OddsServer, answer: Answer) -> None:
    server.play(**{NFL: answer, NBA: odds()})
    fetched = fetch(server, NFL, NBA)
    assert list(fetched.failed) == [NFL]
    assert "The Odds API" in fetched.failed[NFL]
    assert server.paths().count(f"/v4/sports/{NFL}/odds") == 1


def test_garbage_for_every_sport_is_a_source_that_did_not_answer(server: OddsServer) -> None:
    server.play(**{NFL: Answer(HTML), NBA: Answer(HTML)})
    error = error_of(server, NFL, NBA)
    assert isinstance(error, UnreachableError)
    assert "any of 2 sports" in error.what


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 204),
        Answer(b"", 302, {"Location": "http://127.0.0.1:1/login"}),
        *(Answer(HTML, status) for status in (400, 401, 403, 404, 407, 408, 422, 429, 451)),
        Answer(b'{"message": "Forbidden"}', 403),
        Answer(b"not gzip", 200, {"Content-Encoding": "gzip"}),
        Answer(b" " * 50, 200, {"Content-Encoding": "gzip"}),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:10]!r}",
)
@pytest.mark.parametrize("free", [True, False])
def test_what_is_not_the_sources_own_word_is_a_source_that_cannot_be_reached(
    server: OddsServer, answer: Answer, free: bool
) -> None:
    """A sign-in page, a proxy, a CDN: whatever status it gives, the next pass may get through."""
    server.play(**{NFL: answer})
    if free:
        server.answers["/v4/sports"] = answer
    error = error_of(server, NFL)
    assert isinstance(error, UnreachableError)
    assert error.retryable


@pytest.mark.parametrize("body", [HTML, b"{}", b"[7]", b"[" * 100_000])
def test_garbage_in_the_place_of_the_sports_ends_the_pass(server: OddsServer, body: bytes) -> None:
    server.answers["/v4/sports"] = Answer(body)
    error = error_of(server, NFL)
    assert isinstance(error, UnreachableError)
    assert "list of sports" in error.what


def test_an_answer_without_end_is_cut_off(
    server: OddsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "MOST_BYTES", 1 << 20)
    server.play(**{NFL: Answer(b" " * (2 << 20)), NBA: odds()})
    assert "larger than" in fetch(server, NFL, NBA).failed[NFL]


def test_nobody_at_the_address_is_unreachable() -> None:
    naps = Naps()
    with OddsServer() as gone:
        url = gone.url
    with pytest.raises(UnreachableError) as caught:
        ask(url, lambda api: api.fetch([NFL]), naps)
    assert "cannot be reached" in caught.value.what
    assert len(naps.taken) == TRIES - 1


def test_a_proxy_of_the_environment_is_used_but_not_for_this_machine(
    server: OddsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OddsServer() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        proxy.play()
        server.play(**{NFL: nfl()})
        assert fetch(server, NFL).snapshots
        assert proxy.asked == []
        ask("http://odds.example", lambda api: api.fetch([NFL]))
        assert proxy.paths() == ["/v4/sports"]


def test_a_server_that_never_ends_its_answer_is_given_up(
    server: OddsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes that drip in keep every single read alive: only the whole has an end."""
    monkeypatch.setattr(http_module, "WHOLE_SECONDS", 0.05)
    server.delay = 0.2
    server.play(**{NFL: nfl()})
    assert "did not answer" in error_of(server, NFL).what


def every_error(server: OddsServer) -> Iterator[KarbError]:
    """An error of every kind, from a source that repeats the key in what it says."""
    echo = f"the key {KEY} at https://x/?apiKey={KEY}"
    for answer in (
        refused(401, "INVALID_KEY", echo),
        refused(401, f"{KEY}", echo),
        refused(422, f"INVALID_{KEY}", echo),
        refused(429, "EXCEEDED_FREQ_LIMIT", echo),
        Answer(json.dumps({"message": echo, "error_code": KEY}).encode()),
        Answer(json.dumps([{"id": KEY, "sport_key": NFL}]).encode()),
        Answer(echo.encode(), 503),
        Answer(echo.encode(), 302, {"Location": f"/{KEY}"}),
    ):
        server.play(**{NFL: answer})
        yield error_of(server, NFL)
    server.answers["/v4/sports"] = Answer(json.dumps({KEY: KEY}).encode())
    yield error_of(server, NFL)


def test_the_key_is_in_no_error_traceback_or_log(
    server: OddsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for error in every_error(server):
        assert KEY not in "".join(format_exception(error))
        assert KEY not in f"{error.what} {error.means} {error.do} {error!r}"
    assert "/v4/sports" in caplog.text  # httpx does log every URL: the test can fail
    assert KEY not in caplog.text
    assert all(asked.query["apiKey"] == KEY for asked in server.asked)


def test_a_failed_sport_is_told_without_the_key(server: OddsServer) -> None:
    told = Answer(json.dumps({"message": f"no {KEY}", "error_code": "X"}).encode())
    server.play(**{NFL: told, NBA: odds()})
    assert "no ****" in fetch(server, NFL, NBA).failed[NFL]


def test_the_key_is_in_no_name_of_the_client() -> None:
    async def names() -> str:
        async with Http("http://127.0.0.1:1", KEY, sleep=Naps(), random=Random(1)) as http:
            return f"{http!r} {OddsApi(http, now=lambda: NOW)!r}"

    assert KEY not in asyncio.run(names())
