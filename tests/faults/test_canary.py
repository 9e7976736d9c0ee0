"""No secret leaves karb: not by what it says, keeps, starts or hands on, on good days and bad.

karb runs at its loudest (`canary_karb`): a user may turn on the log of every library below it.
"""

import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from secrets import token_hex
from subprocess import Popen
from typing import NamedTuple
from urllib.parse import quote

import psycopg
import pytest
from redis import Redis

from canary import Canaries, Hit, postgres_text, questdb_text, redis_text, running
from canary_echo import Manner, echo
from canary_karb import BREAK, UNFORESEEN, children
from canary_world import START, Karb, World, canary_world
from karb.adapters.embedded.questdb import password_file, pgpass_file
from karb.errors import ExitCode
from running_karb import wait_for

# Starting three servers and living a day is not what the limit of a test is for.
pytestmark = pytest.mark.timeout(30, func_only=True)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, questdb_archive: Path) -> Iterator[World]:
    with canary_world(tmp_path_factory.mktemp("canary")) as there:
        yield there


class Day(NamedTuple):
    """A day that was lived: karb, and what was seen in processes while it ran."""

    karb: Karb
    seen: list[Hit]


@pytest.fixture(scope="module")
def good_day(world: World, tmp_path_factory: pytest.TempPathFactory) -> Day:
    with world.karb(tmp_path_factory.mktemp("good")) as karb:
        stream = karb.start("stream", "--json")
        links = karb.start("map-events", "link", "--every", "1s", "--json")
        stream.tells('"live":true')
        odds = karb.start("ingest-odds", "--json")
        assert odds.wait(START) == 0, odds.err[-2_000:]
        whole = karb.start("run", "--profile", "AGGRESSIVE", "--notify", "--json")
        whole.tells("karb.signal/1")
        looks = [karb.start(*words) for words in LOOKS]
        seen = world.canaries.in_processes(running())
        assert [look.wait(START) for look in looks] == [0] * len(LOOKS)
        assert [each.stop() for each in (whole, links, stream)] == [0, 0, 0]
        return Day(karb, seen)


LOOKS = (
    ("services", "status", "--json"),
    ("config", "show", "--origin"),
    ("doctor", "--json"),
    ("cache", "keys", "--json"),
    ("history", "sql", "SELECT * FROM kalshi_ticks", "--json"),
)


def test_nothing_that_is_said_or_kept_on_a_good_day_holds_a_secret(
    world: World, good_day: Day
) -> None:
    assert good_day.karb.leaks(world.canaries) == []


def test_no_process_on_the_machine_shows_a_secret(good_day: Day) -> None:
    assert good_day.seen == []


def test_no_store_holds_a_secret(world: World, good_day: Day) -> None:
    at, canaries = world.questdb, world.canaries
    in_redis = redis_text(world.settings["REDIS_URL"])
    in_postgres = postgres_text(world.postgres)
    in_questdb = questdb_text(
        f"host=127.0.0.1 port={at.pg} user={at.user} password={at.password} dbname=qdb"
    )
    assert "kalshi:" in in_redis
    assert "karb.links" in in_postgres
    assert "KX" in in_questdb
    assert canaries.in_text("Redis", in_redis) == []
    assert canaries.in_text("PostgreSQL", in_postgres) == []
    assert canaries.in_text("QuestDB", in_questdb) == []


def test_the_servers_files_hold_no_secret_but_questdbs_own_which_only_its_user_reads(
    world: World, good_day: Day
) -> None:
    conf = world.stores / "questdb" / "conf" / "server.conf"
    its_own = {password_file(world.stores), pgpass_file(world.stores), conf}
    assert {stat.S_IMODE(path.stat().st_mode) for path in its_own} == {0o600}
    assert world.canaries.in_files(world.stores, its_own) == []


def test_a_server_of_karbs_own_gets_no_secret_from_it(world: World) -> None:
    started = children(world.starter.children)
    assert len(started) >= 4
    assert world.starter.leaks(world.canaries) == []


def test_the_password_of_karbs_own_questdb_is_not_told(world: World, tmp_path: Path) -> None:
    karb = Karb(tmp_path, {"KARB_DATA_DIR": str(world.stores)})
    ends = (
        End("services|status", ExitCode.OK, "PGPASSFILE="),
        End("services|status|--json", ExitCode.OK, "PGPASSFILE="),
        End("history|sql|SELECT 7 AS seven", ExitCode.OK, "seven"),
    )
    live(karb, world.canaries, ends)


class End(NamedTuple):
    """How a command ends on a bad day, and what it says of it; `|` stands between its words."""

    command: str
    code: int
    says: str


def live(karb: Karb, canaries: Canaries, ends: Iterable[End], **environment: str) -> None:
    """Live a bad day: every command says what is wrong, and nothing says a secret."""
    with karb:
        started = [karb.start(*end.command.split("|"), "--debug", **environment) for end in ends]
        for process, end in zip(started, ends, strict=True):
            told = process.wait(), end.says in process.out + process.err
            assert (end.command, *told) == (end.command, end.code, True), process.err[-2_000:]
    assert karb.leaks(canaries) == []


def test_keys_that_are_refused(world: World, tmp_path: Path) -> None:
    stray = world.stray_word
    ends = (
        End("stream|--json", ExitCode.AUTH, "does not know this key id"),
        End("run|--json", ExitCode.AUTH, "does not"),
        End("ingest-odds|--json", ExitCode.AUTH, "INVALID_KEY"),
        End("doctor", ExitCode.FINDINGS, "does not know this key id"),
    )
    karb = world.karb(tmp_path, KALSHI_KEY_ID=stray, ODDS_API_KEY=stray)
    live(karb, world.canaries, ends)


def test_passwords_that_are_wrong(world: World, tmp_path: Path) -> None:
    ends = (
        End("services|status|--json", ExitCode.FINDINGS, "password authentication failed"),
        End("cache|keys", ExitCode.CONFIG, "WRONGPASS"),
        End("stream|--json", ExitCode.CONFIG, "WRONGPASS"),
        End("history|sql|SHOW TABLES", ExitCode.CONFIG, "does not let karb in"),
    )
    live(world.karb(tmp_path, **with_password(world, world.stray)), world.canaries, ends)


def test_a_database_that_does_not_let_karb_in(world: World, good_day: Day, tmp_path: Path) -> None:
    """The day before has left what there is to link."""
    wrong = with_password(world, world.stray)["DATABASE_URL"]
    ends = (
        End("map-events|review", ExitCode.CONFIG, "password authentication failed"),
        End("ingest-odds", ExitCode.CONFIG, "password authentication failed"),
    )
    live(world.karb(tmp_path, DATABASE_URL=wrong), world.canaries, ends)


def with_password(world: World, word: str) -> dict[str, str]:
    """The addresses of the stores, with this for the password of each."""
    word_quoted = quote(word, safe="")
    redis, _, _ = world.settings["REDIS_URL"].partition("?")
    scheme, _, place = world.settings["DATABASE_URL"].rpartition("@")
    return {
        "REDIS_URL": f"{redis}?password={word_quoted}",
        "DATABASE_URL": f"{scheme.rpartition(':')[0]}:{word_quoted}@{place}",
        "QUESTDB_PG_PASSWORD": word,
    }


@pytest.mark.parametrize("host", ["127.0.0.1", "nowhere.invalid"])
def test_servers_that_are_not_there(world: World, tmp_path: Path, host: str) -> None:
    word = quote(world.stray, safe="")
    gone = {
        "DATABASE_URL": f"postgresql+psycopg://karb:{word}@{host}:9/karb",
        "REDIS_URL": f"redis://karb:{word}@{host}:9/0",
        "QUESTDB_PG_HOST": host,
        "QUESTDB_PG_PORT": "9",
        "QUESTDB_HTTP_PORT": "9",
        "KALSHI_BASE_URL": f"https://{host}:9/trade-api/v2",
        "KARB_KALSHI_WS_URL": f"wss://{host}:9/trade-api/ws/v2",
        "KARB_ODDS_API_URL": f"https://{host}:9",
    }
    ends = (
        End("services|status", ExitCode.FINDINGS, "does not answer"),
        End("doctor", ExitCode.FINDINGS, "cannot be reached"),
        End("cache|keys", ExitCode.STORE_DOWN, "Redis does not answer"),
        End("history|sql|SHOW TABLES", ExitCode.STORE_DOWN, "QuestDB does not answer"),
        End("ingest-odds", ExitCode.UNREACHABLE, "cannot be reached"),
    )
    live(world.karb(tmp_path, **gone), world.canaries, ends)


PAGE, MOVED, UNKNOWN, WRONG, CLOSED = (
    Manner(200, page=True),
    Manner(302, page=True),
    Manner(401, page=False),
    Manner(400, page=False),
    Manner(503, page=False),
)


@pytest.mark.parametrize(
    ("manner", "command", "code", "says"),
    [
        (PAGE, "ingest-odds", ExitCode.UNREACHABLE, "something else"),
        (MOVED, "ingest-odds", ExitCode.UNREACHABLE, "302"),
        (UNKNOWN, "ingest-odds", ExitCode.AUTH, "does not accept the key"),
        (UNKNOWN, "stream|--json", ExitCode.AUTH, "does not accept the key"),
        (WRONG, "stream|--json", ExitCode.FAILURE, "refused the request"),
        (CLOSED, "doctor", ExitCode.FINDINGS, "maintenance"),
    ],
)
def test_something_else_answers_and_repeats_what_it_was_asked(
    world: World, tmp_path: Path, manner: Manner, command: str, code: int, says: str
) -> None:
    with echo(manner) as port:
        there = f"127.0.0.1:{port}"
        karb = world.karb(
            tmp_path,
            KALSHI_BASE_URL=f"http://{there}/trade-api/v2",
            KARB_KALSHI_WS_URL=f"ws://{there}/trade-api/ws/v2",
            KARB_ODDS_API_URL=f"http://{there}",
        )
        live(karb, world.canaries, [End(command, code, says)])


@pytest.mark.parametrize(
    ("command", "place"),
    [
        ("stream", "karb.adapters.kalshi.auth:Signer.headers"),
        ("run", "karb.adapters.kalshi.auth:load_pem_private_key"),
        ("ingest-odds", "karb.adapters.odds_api.http:_WithKey.handle_async_request"),
        ("cache|keys", "karb.adapters.redis.line:_sign_in"),
        ("map-events|review", "psycopg:AsyncConnection.connect"),
        ("history|sql|SHOW TABLES", "psycopg:connect"),
    ],
)
def test_a_traceback_of_what_nobody_foresaw(
    world: World, good_day: Day, tmp_path: Path, command: str, place: str
) -> None:
    ends = [End(command, ExitCode.FAILURE, f"RuntimeError: {UNFORESEEN}")]
    live(world.karb(tmp_path), world.canaries, ends, **{BREAK: place})


@pytest.mark.parametrize(
    ("proxy", "code"),
    [
        ("http://me:{quoted}@127.0.0.1:9", ExitCode.UNREACHABLE),
        ("http://me:{raw}@127.0.0.1:9", ExitCode.CONFIG),
        ("gopher://me:{quoted}@127.0.0.1:9", ExitCode.CONFIG),
    ],
)
def test_the_password_of_a_proxy(world: World, tmp_path: Path, proxy: str, code: int) -> None:
    """A proxy comes by the environment, where a server may not find it either."""
    given = proxy.format(quoted=quote(world.proxy, safe=""), raw=world.proxy)
    karb = world.karb(
        tmp_path,
        KALSHI_BASE_URL="https://nowhere.invalid/trade-api/v2",
        KARB_ODDS_API_URL="https://nowhere.invalid",
    )
    ends = [
        End("ingest-odds", code, "The Odds API" if code is ExitCode.UNREACHABLE else "proxy"),
        End("doctor", ExitCode.FINDINGS, "Kalshi"),
    ]
    live(karb, world.canaries, ends, ALL_PROXY=given, HTTPS_PROXY=given)


def test_a_secret_in_a_running_process_and_in_a_store_is_found(world: World) -> None:
    secret = f"c4n4ry{token_hex(8)}"
    canaries = Canaries({"planted": secret})
    with Popen(["sleep", "20"], env={"PLANTED": secret}) as process:
        try:
            wait_for(lambda: canaries.in_processes(running()), "it is seen")
        finally:
            process.kill()
    with Redis.from_url(world.settings["REDIS_URL"]) as client:
        client.hset("planted", "field", secret)
        try:
            assert canaries.in_text("Redis", redis_text(world.settings["REDIS_URL"])) != []
        finally:
            client.delete("planted")
    asked = f"SELECT '{secret}'"
    with psycopg.connect(world.postgres) as planted:
        planted.execute(asked.encode())
        assert canaries.in_text("PostgreSQL", postgres_text(world.postgres)) != []
