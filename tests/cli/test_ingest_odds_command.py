"""`karb ingest-odds` as cron and people run it, against a server that plays The Odds API."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from karb.errors import ExitCode
from karb_process import document, karb
from odds_run import HOUR, Run, fresh
from odds_server import NBA, NFL, Answer, OddsServer, odds, refused
from odds_stores import Kept


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with OddsServer() as server:
        yield Run(server, tmp_path)


def test_a_pass_for_cron_prints_a_table_and_fills_the_stores(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"), fresh("b")), NBA: odds(fresh("c", sport=NBA))})
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["league", "events", "priced", "books", "oldest", "remarks"]
    assert [row[:4] for row in rows if row[0] in ("NFL", "NBA")] == [
        ["NFL", "2", "2", "4"],
        ["NBA", "1", "1", "4"],
    ]
    assert "out of season" in next(line for line in done.stdout.splitlines() if "NHL" in line)
    assert "preseason" not in done.stdout
    assert "title" not in done.stdout
    assert done.stdout.splitlines()[-1] == "credits: 498 left, 2 used; this pass cost 2"
    kept = run.kept
    assert sorted(kept.table) == kept.cached == ["a", "b", "c"]
    assert kept.table["a"].fair["a Home"].books == 4
    assert len(kept.rows) == 3
    assert [told.remaining for told in kept.noted] == [498]


def test_only_the_leagues_that_are_followed_are_asked_for(run: Run) -> None:
    run.server.play(**{NFL: odds(), NBA: odds()})
    assert run(KARB_LEAGUES="nba").returncode == 0
    assert run.server.paths()[-1] == f"/v4/sports/{NBA}/odds"
    assert f"/v4/sports/{NFL}/odds" not in run.server.paths()


def test_titles_are_asked_for_where_the_profile_has_them(run: Run) -> None:
    title = "icehockey_nhl_championship_winner"
    run.server.play(**{title: odds()})
    assert "title" not in run(KARB_LEAGUES="NHL").stdout
    own = run.folder / "mine.toml"
    own.write_text(
        'name = "MINE"\nsummary = "x"\ninherits = "STANDARD"\n'
        '[entry]\nmarkets = ["game", "champion"]\n'
    )
    done = run(KARB_LEAGUES="NHL", TRADING_PROFILE="./mine.toml")
    assert "NHL title" in done.stdout
    assert run.server.asked[-1].query["markets"] == "outrights"


def test_a_pass_as_json_is_one_document(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    body = document(run("--json"))
    assert body["schema"] == "karb.ingest-odds/1"
    assert body["credits"] == {"remaining": 499, "used": 1, "this_pass": 1}
    (nfl,) = (sport for sport in body["sports"] if sport["sport"] == NFL)
    assert (nfl["state"], nfl["events"], nfl["priced"]) == ("got", 1, 1)
    assert {book["book"] for book in nfl["books"]} == {"draftkings", "fanduel", "betmgm", "caesars"}
    states = {sport["state"] for sport in body["sports"] if sport["sport"] != NFL}
    assert states == {"absent"}


def test_a_second_pass_knows_what_the_first_left(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"), fresh("b"))})
    run()
    before = run.kept.table["a"].event.start
    run.server.play(**{NFL: odds(fresh("a", start=2 * HOUR))})
    assert document(run("--json"))["gone"] == 1
    assert run.kept.table.keys() == {"a"}
    assert run.kept.table["a"].event.starts_seen == (before,)


def test_one_league_that_failed_is_a_finding(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a")), NBA: Answer(b"<html>")})
    done = run()
    assert done.returncode == ExitCode.FINDINGS
    assert "not got: The Odds API" in next(x for x in done.stdout.splitlines() if "NBA" in x)
    assert run.kept.table.keys() == {"a"}


def test_a_store_that_does_not_take_a_pass_ends_with_8(run: Run) -> None:
    """What was paid for is in every other store all the same."""
    run.server.play(**{NFL: odds(fresh("a"))})
    done = run(KARB_DOWN="PostgreSQL")
    assert done.returncode == ExitCode.STORE_DOWN
    assert "PostgreSQL is down" in done.stderr
    assert run.kept.table.keys() == {"a"}
    assert run.kept.noted == []


def test_no_credit_is_spent_on_odds_that_nobody_could_read(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    done = run(KARB_DOWN="Redis")
    assert (done.returncode, done.stdout) == (ExitCode.STORE_DOWN, "")
    assert "Redis is down" in done.stderr
    assert run.server.paths() == ["/v4/sports"]


def test_a_second_pass_at_once_says_so_and_asks_nothing(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    run.server.hold(f"/v4/sports/{NFL}/odds")
    first = run.start()
    run.server.wait_for_held()
    second, told = run(), document(run("--json"))
    assert (second.returncode, second.stdout) == (0, "")
    assert "another pass over the odds is at work" in second.stderr
    assert (told["schema"], told["busy"], told["sports"]) == ("karb.ingest-odds/1", True, [])
    run.server.release()
    _, err = first.communicate(timeout=20)
    assert (first.returncode, err) == (0, "")
    assert run.server.paths().count(f"/v4/sports/{NFL}/odds") == 1


def test_a_pass_that_was_killed_locks_nothing(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    run.server.hold(f"/v4/sports/{NFL}/odds")
    first = run.start()
    run.server.wait_for_held()
    first.kill()
    first.communicate(timeout=20)
    run.server.release()
    assert run().returncode == 0
    assert run.kept.table.keys() == {"a"}


def test_passes_are_json_lines_when_piped_and_warn_once(run: Run) -> None:
    run.server.left = 100
    run.server.play(**{NFL: odds(fresh("a"))})
    process = run.start("--every", "1s")
    assert process.stdout is not None
    lines = [json.loads(process.stdout.readline()) for _ in range(2)]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == ExitCode.INTERRUPTED
    assert [line["schema"] for line in lines] == ["karb.ingest-odds/1"] * 2
    assert [line["credits"]["remaining"] for line in lines] == [99, 98]
    assert err.count("too few for a pass every 1s until the 1st") == 1
    assert "Traceback" not in err
    assert run.kept.table.keys() == {"a"}


def test_credits_in_plenty_are_no_warning_and_a_plan_says_what_bounds_it(run: Run) -> None:
    run.server.left = 100_000_000
    run.server.play(**{NFL: odds(fresh("a"))})
    process = run.start("--every", "1s")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20)[1] == ""
    planned = run("--plan").stdout
    assert "--every 1m00s (the source reads the books once a minute;" in planned


def test_passes_tell_a_book_that_froze_once(run: Run) -> None:
    run.server.play(**{NFL: lambda _: odds(fresh("a", betmgm=900))})
    process = run.start("--every", "1s")
    assert process.stdout is not None
    for _ in range(2):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert err.count("NFL: betmgm stands still") == 1


def test_a_request_to_stop_is_a_clean_end(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    process = run.start("--every", "1m")
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "Traceback" not in err
    assert run.kept.table.keys() == {"a"}


def test_passes_go_on_after_a_bad_one(run: Run) -> None:
    answers = [refused(422, "INVALID_REGION"), odds(fresh("a"))]
    run.server.play(**{NFL: lambda before: answers[min(before, 1)], NBA: lambda _: odds()})
    process = run.start("--every", "1s")
    assert process.stdout is not None
    passes = [json.loads(process.stdout.readline())["sports"] for _ in range(2)]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    states = [sport["state"] for sports in passes for sport in sports if sport["sport"] == NFL]
    assert states == ["failed", "got"]
    assert "NFL: The Odds API refused the request" in err


def test_passes_wait_for_new_credits_after_the_last_one(run: Run) -> None:
    used_up = refused(401, "OUT_OF_USAGE_CREDITS")
    run.server.play(**{NFL: lambda before: used_up if before else odds(fresh("a"))})
    process = run.start("--every", "1s")
    assert process.stderr is not None
    told = next(line for line in process.stderr if "are used up" in line)
    assert "until 00:00 UTC on the 1st no fresh odds come" in told
    assert process.poll() is None
    process.terminate()
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, len(out.splitlines())) == (ExitCode.OK, 1)


def test_the_plan_says_what_the_credits_are_worth(run: Run) -> None:
    run.server.play(**{NFL: odds(), NBA: odds()})
    done = run("--plan")
    assert (done.returncode, done.stderr) == (0, "")
    assert "500 credits are left, 0 are used" in done.stdout
    assert "A pass over NFL, NBA costs 2: 250 passes until then." in done.stdout
    assert "tradable minutes a day" in done.stdout
    assert "karb ingest-odds --every " in done.stdout
    body = document(run("--plan", "--json"))
    assert body["schema"] == "karb.ingest-odds-plan/1"
    assert (body["passes"], body["cost_of_a_pass"]) == (250, 2)
    assert 0 < body["tradable_minutes_a_day"] <= 1_440
    assert set(run.server.paths()) == {"/v4/sports"}
    assert run.kept == Kept()


def test_a_plan_without_a_league_in_season_or_without_credits(run: Run) -> None:
    run.server.play()
    assert "No league of KARB_LEAGUES is in season" in run("--plan").stdout
    run.server.play(**{NFL: odds(), NBA: odds()})
    run.server.left = 1
    assert "not enough for one pass" in run("--plan").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--plan", "--every", "30s"], "--plan asks for no odds"),
        (["--every", "30"], "--every: '30' is not a duration"),
        (["--every", "500ms"], "shorter than a second"),
        (["--every", "0s"], "shorter than a second"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_no_sense_is_a_usage_error(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = karb("ingest-odds", *arguments, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert said in done.stderr
