"""`karb map-events` over the stores: passes, decisions, and bad days."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote as quoted

import msgspec
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from karb.domain.linking.links import Link
from karb.domain.units import CENT
from karb.ports import Quoted, Topic
from karb_process import clean_environment
from linking_cases import at
from offers import AWAY, BUF, EVENT_ID, HOME, HOU, listed, offered
from postgres_database import empty, fresh_database
from redis_tables import SharedTables
from situations import quote

LATE = "KXNFLGAME-26DEC24BUFHOU-BUF"
STRANGE = "KXNFLGAME-26NOV26BUFXXX-XXX"
START = at("2026-11-26 16:25")
MARKETS = {BUF: listed(BUF), HOU: listed(HOU, team="Houston")}
ODDS = {EVENT_ID: offered(start=START)}

DATABASE_OF_THIS_MODULE = 11

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def shared(postgres_host: Path) -> Iterator[str]:
    with fresh_database(postgres_host) as conninfo:
        yield conninfo


@pytest.fixture
def database(shared: str) -> Iterator[str]:
    yield shared
    empty(shared)


def url_of(conninfo: str) -> str:
    parts = conninfo_to_dict(conninfo)
    return f"postgresql:///{parts['dbname']}?host={quoted(str(parts['host']))}&user=karb"


def started(folder: Path, redis: str, postgres: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "karb", "map-events", *arguments],
        cwd=folder,
        env=clean_environment(REDIS_URL=redis, DATABASE_URL=postgres),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def cache(valkey_socket: Path) -> SharedTables:
    """The cache, where both markets of a game and its odds are known."""
    cache = SharedTables(valkey_socket, DATABASE_OF_THIS_MODULE)
    cache.put(markets=dict(MARKETS), odds=dict(ODDS))
    return cache


@pytest.fixture
def run(tmp_path: Path, database: str, cache: SharedTables) -> Run:
    """Runs `karb map-events` over that cache and an empty database."""

    def once(
        *arguments: str, redis: str = cache.url, postgres: str = url_of(database)
    ) -> "subprocess.CompletedProcess[str]":
        process = started(tmp_path, redis, postgres, *arguments)
        out, err = process.communicate(timeout=25)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return once


def told(cache: SharedTables) -> dict[str, str]:
    """What the shared table says of each market."""
    return {
        ticker: answer.outcome if isinstance(answer, Link) else answer.reason.value
        for ticker, answer in cache[Topic.LINKS].items()
    }


def rows(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as server:
        return server.execute(query.encode()).fetchall()


def test_a_pass_links_shows_the_evidence_records_and_tells(
    run: Run, cache: SharedTables, database: str
) -> None:
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    for said in (BUF, AWAY, HOU, HOME, EVENT_ID, "NFL by series KXNFLGAME", "2 linked, 0 not"):
        assert said in done.stdout
    assert told(cache) == {BUF: AWAY, HOU: HOME}
    assert rows(database, "SELECT ticker, version FROM karb.links ORDER BY 1") == [
        (BUF, 1),
        (HOU, 1),
    ]
    again = json.loads(run("link", "--json").stdout)
    assert (again["schema"], again["new"]) == ("karb.map-events/1", 0)
    assert [each["outcome"] for each in again["links"]] == [AWAY, HOME]


def test_a_market_without_a_link_is_shown_with_its_reason_and_counts_as_a_finding(
    run: Run, cache: SharedTables
) -> None:
    late = listed(LATE, event_ticker=LATE.removesuffix("-BUF"))
    cache.put(markets={**MARKETS, LATE: late})
    done = run()
    assert done.returncode == 7
    assert "other_date" in done.stdout
    assert "2 linked, 1 not" in done.stdout
    only = run("unmapped")
    assert (only.returncode, BUF in only.stdout) == (7, False)
    assert "markets without a link: 1" in only.stdout


@pytest.mark.parametrize(
    ("table", "said"),
    [("markets", "no market; nothing was linked"), ("odds", "no odds; nothing was linked")],
)
def test_an_empty_cache_says_what_to_type_and_changes_no_link(
    run: Run, cache: SharedTables, table: str, said: str
) -> None:
    assert run().returncode == 0
    cache.put(**{table: {}})
    done = run()
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert ("karb stream" if table == "markets" else "karb ingest-odds") in done.stderr
    assert told(cache) == {BUF: AWAY, HOU: HOME}


def test_a_rejection_holds_until_the_market_is_accepted_again(
    run: Run, cache: SharedTables, database: str
) -> None:
    done = run("reject", BUF.lower(), EVENT_ID, "--reason", "  it is the\n return game ")
    assert (done.returncode, done.stderr) == (0, "")
    assert "rejected by hand: it is the return game" in done.stdout
    assert told(cache) == {BUF: "rejected", HOU: "rejected"}
    assert run().returncode == 7
    assert told(cache) == {BUF: "rejected", HOU: "rejected"}
    back = run("accept", BUF, EVENT_ID, AWAY.upper(), "--reason", "it is this one", "--json")
    assert back.returncode == 0
    answer = json.loads(back.stdout)["links"][0]
    assert answer["evidence"][0] == "accepted by hand: it is this one"
    assert told(cache) == {BUF: AWAY, HOU: HOME}
    said = "SELECT accepted, reason FROM karb.link_decisions ORDER BY id"
    assert rows(database, said) == [(False, "it is the return game"), (True, "it is this one")]


def test_a_link_by_hand_holds_until_its_event_is_rejected(
    run: Run, cache: SharedTables, database: str
) -> None:
    assert run("accept", BUF, EVENT_ID, HOME, "--reason", "the names are swapped").returncode == 0
    assert told(cache)[BUF] == HOME
    assert run("reject", BUF, EVENT_ID, "--reason", "they were not").returncode == 0
    assert told(cache)[BUF] == "rejected"


def test_explain_without_files_is_about_what_the_processes_share(
    run: Run, cache: SharedTables, database: str
) -> None:
    """A person's word included; nothing is recorded or told."""
    done = run("explain", BUF.lower())
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{EVENT_ID}: {AWAY}" in done.stdout
    assert told(cache) == {}
    run("reject", BUF, EVENT_ID, "--reason", "it is the return game")
    after = run("explain", BUF, "--json")
    assert after.returncode == 7
    body = json.loads(after.stdout)
    assert (body["schema"], body["known"]) == ("karb.link/1", True)
    assert "rejected by hand: it is the return game" in after.stdout
    nothing = run("explain", "KXNFLGAME-26DEC31AAABBB-AAA")
    assert nothing.returncode == 7
    assert "none of these markets is" in nothing.stderr


def test_review_lists_what_to_decide_with_the_games_that_come_near(
    run: Run, cache: SharedTables
) -> None:
    assert run("review").stdout == "nothing waits for a decision\n"
    event = STRANGE.removesuffix("-XXX")
    pair = {
        STRANGE: listed(STRANGE, event_ticker=event, team="Houston Texas"),
        f"{event}-BUF": listed(f"{event}-BUF", event_ticker=event),
    }
    cache.put(markets=dict(pair))
    done = run("review")
    assert done.returncode == 7
    for said in ("unknown_team", "perhaps Houston Texans", EVENT_ID, "2026-11-26 16:25"):
        assert said in done.stdout
    assert "karb map-events accept TICKER ODDS_EVENT OUTCOME --reason TEXT" in done.stdout
    waiting = json.loads(run("review", "--json").stdout)["waiting"]
    assert {one["reason"] for one in waiting} == {"unknown_team", "unknown_opponent"}


def test_review_tells_links_whose_prices_do_not_fit_while_they_are_live(
    run: Run, cache: SharedTables
) -> None:
    cheap = {
        ticker: Quoted(quote(ticker=ticker, yes_bid=20 * CENT, yes_ask=22 * CENT), live=True)
        for ticker in MARKETS
    }
    with cache.kept(quotes=dict(cheap)):
        waiting = json.loads(run("review", "--json").stdout)["waiting"]
        assert [one["reason"] for one in waiting] == ["quarantined"] * 2
    assert json.loads(run("review", "--json").stdout)["waiting"] == []


def test_a_game_that_was_moved_is_linked_marked_and_to_be_reviewed(
    run: Run, cache: SharedTables
) -> None:
    cache.put(odds={EVENT_ID: offered(start=at("2026-11-28 16:25"), starts_seen=(START,))})
    waiting = json.loads(run("review", "--json").stdout)["waiting"]
    assert [one["reason"] for one in waiting] == ["moved"] * 2
    assert "MOVED, nothing is traded on it" in run().stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accept", f"{BUF[:-1]}G", EVENT_ID, AWAY), f"did you mean {BUF}"),
        (("accept", "NOWHERE", EVENT_ID, AWAY), "no market NOWHERE is listed now"),
        (("accept", BUF, EVENT_ID[:-1], AWAY), f"did you mean {EVENT_ID}"),
        (("accept", BUF, EVENT_ID, "Bufalo Bils"), f"write '{AWAY}'"),
        (("reject", BUF, "nothing"), "the odds have no event 'nothing' now"),
    ],
)
def test_what_is_not_there_is_a_usage_error_with_the_nearest(
    run: Run, database: str, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments, "--reason", "because")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert rows(database, "SELECT to_regclass('karb.link_decisions')") == [(None,)]


def test_a_word_needs_a_reason(run: Run) -> None:
    assert run("reject", BUF, EVENT_ID).returncode == 2
    empty_one = run("reject", BUF, EVENT_ID, "--reason", " ")
    assert (empty_one.returncode, "--reason is empty" in empty_one.stderr) == (2, True)


def test_a_market_of_another_kind_cannot_be_accepted(run: Run, cache: SharedTables) -> None:
    spread = "KXNFLSPREAD-26NOV26BUFHOU-BUF3"
    cache.put(markets={spread: listed(spread, event_ticker=spread.removesuffix("-BUF3"))})
    done = run("accept", spread, EVENT_ID, AWAY, "--reason", "because")
    assert done.returncode == 2
    assert "cannot be linked so" in done.stderr


def test_without_postgresql_a_pass_ends_with_8_and_nothing_is_half_written(
    run: Run, cache: SharedTables, database: str
) -> None:
    canary = "hunter2-canary"
    done = run(postgres=f"postgresql://karb:{canary}@127.0.0.1:9/karb")
    assert (done.returncode, done.stdout) == (8, "")
    assert "PostgreSQL does not answer: Connection refused" in done.stderr
    assert done.stderr.count("\n") == 1
    assert canary not in done.stderr
    assert told(cache) == {}
    word = run("accept", BUF, EVENT_ID, AWAY, "--reason", "x", postgres=f"{url_of(database)}_gone")
    assert word.returncode in (3, 8)
    assert told(cache) == {}


def test_without_redis_it_ends_with_8_and_no_link_is_touched(run: Run, database: str) -> None:
    done = run(redis="redis://:hunter2-canary@127.0.0.1:9/0")
    assert (done.returncode, done.stdout) == (8, "")
    assert "Redis" in done.stderr
    assert "hunter2-canary" not in done.stderr
    assert rows(database, "SELECT to_regclass('karb.links')") == [(None,)]


def test_a_database_of_a_newer_karb_is_refused(
    run: Run, cache: SharedTables, database: str
) -> None:
    assert run().returncode == 0
    with psycopg.connect(database) as server:
        server.execute("UPDATE karb.schema_version SET version_num = '9001'")
    cache.put(odds={EVENT_ID: offered(start=START + 1)})
    done = run("--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "newer karb" in json.loads(done.stderr)["what"]
    assert rows(database, "SELECT count(*) FROM karb.links") == [(2,)]


def test_passes_go_on_tell_what_changed_and_end_well_when_asked(
    tmp_path: Path, cache: SharedTables, database: str
) -> None:
    process = started(tmp_path, cache.url, url_of(database), "--every", "1s")
    assert process.stdout is not None
    try:
        first = json.loads(process.stdout.readline())
        assert (first["linked"], first["unlinked"], first["changed"]) == (2, 0, [])
        other = msgspec.structs.replace(ODDS[EVENT_ID].event, id="other")
        cache.put(odds={"other": msgspec.structs.replace(ODDS[EVENT_ID], event=other)})
        while not (second := json.loads(process.stdout.readline()))["changed"]:
            pass
        assert {each["odds_event_id"] for each in second["changed"]} == {"other"}
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--every", "soon"), "--every"),
        (("--every", "0.1s"), "shorter than a second"),
        (("nothing",), "No such command 'nothing'"),
    ],
)
def test_wrong_words_are_usage_errors(run: Run, arguments: tuple[str, ...], said: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said.casefold() in done.stderr.casefold()
