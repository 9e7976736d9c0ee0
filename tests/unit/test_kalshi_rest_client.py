"""The REST client against a real server: what it asks, and what it makes of every answer."""

import asyncio
import json
import logging
from base64 import b64decode
from collections.abc import Awaitable, Callable
from traceback import format_exception
from typing import TypeVar

import pytest

from kalshi_keys import KEY_ID, ed25519_key
from kalshi_rest_server import BASE, DATE, NOW, Answer, Asked, Client, RestServer
from karb.adapters.kalshi import http as http_module
from karb.adapters.kalshi.errors import (
    ClockSkewedError,
    MaintenanceError,
    NotThereError,
    RequestRefusedError,
    TooFastError,
)
from karb.adapters.kalshi.http import RETRIES
from karb.domain.units import SECOND, Nanos
from karb.errors import AuthRefusedError, DecodeError, KarbError, UnreachableError

T = TypeVar("T")
STATUS = Answer('{"exchange_active":true,"trading_active":true}')
HTML = "<!DOCTYPE html><html><title>Sign in</title></html>"


def ask(
    server: RestServer,
    work: Callable[[Client], Awaitable[T]],
    *,
    signed: bool = True,
    now: Nanos = NOW,
) -> T:
    """Do this with a client of its own."""

    async def run() -> T:
        async with server.open(), Client(server.url, signed=signed, now=now).open() as client:
            return await work(client)

    return asyncio.run(run())


def status_of(*answers: Answer, now: Nanos = NOW) -> tuple[RestServer, Client | KarbError]:
    """Ask for the exchange's status once: the client, or the error that it was."""
    server = RestServer()
    server.answers["/exchange/status"] = list(answers)

    async def work(client: Client) -> Client | KarbError:
        try:
            await client.rest.exchange_status()
        except KarbError as error:
            return error
        return client

    return server, ask(server, work, now=now)


def error_of(*answers: Answer) -> KarbError:
    _, error = status_of(*answers)
    assert isinstance(error, KarbError)
    return error


def said(code: str, status: int, **more: str) -> Answer:
    return Answer(json.dumps({"error": {"code": code, "message": code, **more}}), status)


def verified(asked: Asked) -> None:
    """The signature fits the path without its query."""
    text = f"{asked.headers['kalshi-access-timestamp']}GET{BASE}{asked.path}"
    signature = b64decode(asked.headers["kalshi-access-signature"])
    ed25519_key().public_key().verify(signature, text.encode())


def test_every_request_is_signed_over_the_path_without_its_query() -> None:
    server = RestServer()
    server.answers["/markets"] = Answer('{"markets":[],"cursor":""}')
    ask(server, lambda client: client.rest.markets("KXNBAGAME"))
    (asked,) = server.asked
    verified(asked)
    assert asked.headers["kalshi-access-key"] == KEY_ID
    assert asked.query == {
        "series_ticker": "KXNBAGAME",
        "status": "open",
        "mve_filter": "exclude",
        "limit": "1000",
    }


def test_without_a_key_nothing_is_signed() -> None:
    server = RestServer()
    server.answers["/exchange/status"] = STATUS
    ask(server, lambda client: client.rest.exchange_status(), signed=False)
    assert not any(name.startswith("kalshi-") for name in server.asked[0].headers)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_may_pass_is_tried_again_with_a_fresh_signature(status: int) -> None:
    server, client = status_of(Answer(HTML, status), Answer("", status), STATUS)
    assert isinstance(client, Client)
    stamps = [asked.headers["kalshi-access-timestamp"] for asked in server.asked]
    assert len(set(stamps)) == 3
    for asked in server.asked:
        verified(asked)
    assert len(client.naps) == 2
    assert 0 <= client.naps[0] <= 0.1
    assert 0 <= client.naps[1] <= 0.2


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer('{"error":"too many requests"}', 429), TooFastError, "fewer requests"),
        (Answer(HTML, 502), UnreachableError, "answered 502"),
        (Answer(HTML, 503), MaintenanceError, "maintenance"),
        (Answer('{"msg":"gateway timeout"}', 504), UnreachableError, "504: gateway timeout"),
    ],
)
def test_what_does_not_pass_is_given_up_after_three_retries(
    answer: Answer, kind: type[KarbError], words: str
) -> None:
    server, error = status_of(answer)
    assert type(error) is kind
    assert error.retryable
    assert words in error.what
    assert len(server.asked) == RETRIES + 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer('{"error":{"code":"not_found"}}', 404), NotThereError, "not_found"),
        (Answer('{"code":"bad_request","details":"json: no"}', 400), RequestRefusedError, "json"),
        (Answer('{"msg":"Parameter validation failed"}', 400), RequestRefusedError, "Parameter"),
        (Answer('{"error":"no"}', 410), RequestRefusedError, "410: no"),
        (said("exchange_is_paused", 409), MaintenanceError, "exchange_is_paused"),
        (said("internal", 500), UnreachableError, "500: internal"),
        (Answer(HTML, 403), UnreachableError, "403"),
        (Answer(HTML, 404), UnreachableError, "something answered 404"),
        (said("forbidden", 403), AuthRefusedError, "403: forbidden"),
        (Answer("", 401), AuthRefusedError, "401"),
        (said("signature_is_missing_from_headers", 401), AuthRefusedError, "missing"),
        (Answer("[1]", 400), UnreachableError, "something answered 400"),
        (Answer('{"error":{"code":7,"message":null}}', 418), RequestRefusedError, "418"),
    ],
)
def test_a_refusal_is_asked_once_and_named(
    answer: Answer, kind: type[KarbError], words: str
) -> None:
    server, error = status_of(answer)
    assert type(error) is kind
    assert words in error.what
    assert len(server.asked) == 1


def test_the_other_environments_key_is_recognised() -> None:
    error = error_of(said("authentication_error", 401, details="NOT_FOUND"))
    assert isinstance(error, AuthRefusedError)
    assert "KALSHI_ENV" in error.do
    assert "demo" in error.means


def test_a_redirect_is_not_followed() -> None:
    server, error = status_of(Answer("", 302, {"Location": f"{BASE}/elsewhere"}))
    assert isinstance(error, UnreachableError)
    assert server.paths() == ["/exchange/status"]


def test_a_clock_that_is_off_is_learned_once_and_told() -> None:
    server = RestServer()

    def strict(asked: Asked) -> Answer:
        off = abs(int(asked.headers["kalshi-access-timestamp"]) - NOW // 1_000_000)
        return STATUS if off < 5_000 else said("header_timestamp_expired", 401)

    server.answers["/exchange/status"] = strict

    async def work(client: Client) -> Client:
        await client.rest.exchange_status()
        await client.rest.exchange_status()
        return client

    client = ask(server, work, now=NOW - 61 * SECOND)
    assert len(server.asked) == 3
    (told,) = client.troubles
    assert "s behind Kalshi's" in told.what


def test_a_clock_that_is_refused_again_is_an_error_for_its_owner() -> None:
    server, error = status_of(said("header_timestamp_expired", 401))
    assert isinstance(error, ClockSkewedError)
    assert "timedatectl" in error.do
    assert len(server.asked) == 2


def test_the_clock_is_measured() -> None:
    server = RestServer()
    server.answers["/exchange/status"] = STATUS._replace(headers={"Age": "2"})
    offset = ask(server, lambda client: client.rest.clock_offset(), now=NOW - 40 * SECOND)
    assert 41 * SECOND < offset < 43 * SECOND


def test_a_server_that_is_slow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "STEP_SECONDS", 0.05)
    server = RestServer()
    server.delay = 0.3

    async def work(client: Client) -> None:
        with pytest.raises(UnreachableError, match="did not answer in time"):
            await client.rest.exchange_status()

    ask(server, work)


def test_nobody_listens() -> None:
    async def run() -> None:
        async with Client(f"http://127.0.0.1:9{BASE}").open() as client:
            with pytest.raises(UnreachableError, match="cannot be reached") as caught:
                await client.rest.balance()
            assert len(client.naps) == RETRIES
            assert KEY_ID not in "".join(format_exception(caught.value))

    asyncio.run(run())


@pytest.mark.parametrize(
    "body", [HTML, "", "null", "[]", '{"exchange_active":1}', "{" * 50_000, b"\xff\xfe", '{"a":']
)
def test_an_answer_that_is_something_else_is_a_decode_error(body: str | bytes) -> None:
    error = error_of(Answer(body))
    assert type(error) is DecodeError
    assert error.do


def test_an_answer_that_is_not_compressed_as_it_says() -> None:
    assert isinstance(error_of(STATUS._replace(headers={"Content-Encoding": "gzip"})), DecodeError)


def test_an_answer_beyond_all_measure_is_not_kept() -> None:
    assert "larger than" in error_of(Answer("x" * (http_module.MOST_BYTES + 1))).what


def test_requests_are_paced_by_the_accounts_own_budget() -> None:
    server = RestServer()
    server.answers["/exchange/status"] = STATUS
    limits = {"usage_tier": "basic", "read": {"bucket_capacity": 20, "refill_rate": 10}}
    server.answers["/account/limits"] = Answer(json.dumps(limits))

    async def work(client: Client) -> list[float]:
        assert (await client.rest.learn_limits()).rate == 10
        for _ in range(3):
            await client.rest.exchange_status()
        return client.naps

    assert ask(server, work) == [1.0, 2.0]


def test_a_list_is_read_to_its_end() -> None:
    server = RestServer()
    pages = {"": ("a", 2), "a": ("b", 2), "b": ("", 1)}

    def page(asked: Asked) -> Answer:
        cursor, count = pages[asked.query.get("cursor", "")]
        return Answer(json.dumps({"markets": [{"ticker": "T"}] * count, "cursor": cursor}))

    server.answers["/markets"] = page
    listing = ask(server, lambda client: client.rest.markets("KXNBAGAME"))
    assert len(listing.records) == 5
    assert [asked.query.get("cursor") for asked in server.asked] == [None, "a", "b"]
    assert listing.at > NOW


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"]])
def test_a_list_that_goes_in_circles_is_an_error(cursors: list[str]) -> None:
    server = RestServer()
    pages = [{"markets": [], "cursor": each} for each in cursors]
    server.answers["/markets"] = [Answer(json.dumps(page)) for page in pages]

    async def work(client: Client) -> None:
        with pytest.raises(DecodeError, match="does not end"):
            await client.rest.markets("KXNBAGAME")

    ask(server, work)
    assert len(server.asked) == len(cursors)


def test_events_come_with_their_milestones() -> None:
    server = RestServer()
    server.answers["/events"] = Answer('{"events":[{}],"milestones":[{},{}],"cursor":null}')
    events = ask(server, lambda client: client.rest.events("KXNBAGAME"))
    assert (len(events.events.records), len(events.milestones.records)) == (1, 2)
    assert server.asked[0].query["with_milestones"] == "true"


def test_the_balance_is_the_exact_one() -> None:
    server = RestServer()
    server.answers["/portfolio/balance"] = Answer('{"balance":9801,"balance_dollars":"98.0186"}')
    assert ask(server, lambda client: client.rest.balance()) == 98_018_600


def test_a_series_comes_as_its_record() -> None:
    server = RestServer()
    fee = {"ticker": "KXMLBGAME", "fee_type": "quadratic", "fee_multiplier": 0.5}
    server.answers["/series/KXMLBGAME"] = Answer(json.dumps({"series": fee}))
    record = ask(server, lambda client: client.rest.series("KXMLBGAME"))
    assert json.loads(bytes(record)) == fee


@pytest.mark.parametrize("told", [{"ticker": "KXNBA", "fee_type": "quadratic"}, {}, [], None])
def test_a_record_of_another_series_is_an_error(told: object) -> None:
    server = RestServer()
    server.answers["/series/KXMLBGAME"] = Answer(json.dumps({"series": told}))

    async def work(client: Client) -> None:
        with pytest.raises(DecodeError):
            await client.rest.series("KXMLBGAME")

    ask(server, work)


@pytest.mark.parametrize(
    ("told", "until"),
    [
        ({"api_keys": []}, None),
        ({"api_keys": None}, None),
        ({"api_key_region_expiration_ts": 1_795_000_000}, NOW),
        ({"api_key_region_expiration_ts": 1_795_000_000_000}, NOW),
        ({"api_key_region_expiration_ts": "2026-11-18T11:06:40Z"}, NOW),
        ({"api_key_region_expiration_ts": 0, "api_keys": [3]}, None),
        (
            {
                "api_keys": [
                    {"api_key_region_expiration_ts": 1_795_000_009},
                    {"api_key_region_expiration_ts": 1_795_000_000},
                ]
            },
            NOW,
        ),
    ],
)
def test_until_when_a_key_may_trade_sports(told: object, until: Nanos | None) -> None:
    server = RestServer()
    server.answers["/api_keys"] = Answer(json.dumps(told))
    assert ask(server, lambda client: client.rest.region_expiry()) == until


def test_key_and_signature_are_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = RestServer()
    server.answers["/exchange/status"] = Answer(HTML, 502)

    async def work(client: Client) -> str:
        try:
            await client.rest.exchange_status()
        except UnreachableError as error:
            return "".join(format_exception(error))
        return ""

    trace = ask(server, work)
    assert "502" in trace
    signatures = [asked.headers["kalshi-access-signature"] for asked in server.asked]
    for secret in (KEY_ID, *signatures):
        assert secret not in trace
        assert secret not in caplog.text


def test_the_dates_of_these_tests_agree() -> None:
    """A server that tells another time than the client's would hide what is tested."""
    from email.utils import parsedate_to_datetime

    assert int(parsedate_to_datetime(DATE).timestamp()) * SECOND == NOW
