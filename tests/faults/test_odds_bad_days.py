"""The bad days of the odds source: what is said, how it ends, and that nothing was touched.

Every run goes through `Run`, which finds the canary key wherever it may not be.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from karb.adapters.odds_api.wire import decode_odds
from karb.domain.fair.offered import offer
from karb.domain.fair.rules import FairRules
from karb.errors import ExitCode
from odds_run import Run, fresh
from odds_server import HTML, KEY, NBA, NFL, Answer, OddsServer, odds, refused
from odds_stores import Kept, keep


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with OddsServer() as server:
        yield Run(server, tmp_path)


def filled(run: Run) -> None:
    """Let the stores hold what a good pass left there."""
    at = time.time_ns()
    (event,) = decode_odds(odds(fresh("a")).body, origin="a good pass", at=at).events
    offered = offer(event, at=at, rules=FairRules())
    keep(run.folder, Kept(table={"a": offered}, cached=["a"], rows=[("a", at)]))


def ends(run: Run, code: ExitCode, *said: str, **environment: str) -> None:
    """A pass that gets nothing: this exit code, one line with this in it, stores as before."""
    before = run.kept
    done = run(**environment)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("karb: ")
    for part in said:
        assert part in line
    assert run.kept == before


def test_no_key(run: Run) -> None:
    filled(run)
    ends(run, ExitCode.CONFIG, "ODDS_API_KEY is not set", "the-odds-api.com", ODDS_API_KEY="")
    assert run.server.asked == []


def test_the_key_of_the_example(run: Run) -> None:
    ends(run, ExitCode.CONFIG, "placeholder", ODDS_API_KEY="<your-odds-api-key>")


def test_a_wrong_key(run: Run) -> None:
    filled(run)
    wrong = refused(401, "INVALID_KEY", f"API key {KEY} is not valid. See ?apiKey={KEY}")
    run.server.answers["/v4/sports"] = wrong
    ends(run, ExitCode.AUTH, "does not accept the key", "INVALID_KEY", "set ODDS_API_KEY")
    assert "Traceback" in run("--debug").stderr


def test_no_credits_left(run: Run) -> None:
    filled(run)
    used_up = refused(401, "OUT_OF_USAGE_CREDITS", "Usage quota has been reached.")
    run.server.play(**{NFL: used_up, NBA: used_up})
    ends(run, ExitCode.UNREACHABLE, "credits of The Odds API are used up", "the 1st")


def test_too_many_requests(run: Run) -> None:
    filled(run)
    run.server.play(**{NFL: refused(429, "EXCEEDED_FREQ_LIMIT")})
    ends(run, ExitCode.UNREACHABLE, "wants fewer requests a second", "the next pass")
    assert run.server.paths()[-3:] == [f"/v4/sports/{NFL}/odds"] * 3


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_page_in_the_place_of_odds(run: Run, everywhere: bool) -> None:
    filled(run)
    run.server.play(**{NFL: Answer(HTML)})
    if everywhere:
        run.server.answers["/v4/sports"] = Answer(HTML)
    ends(run, ExitCode.UNREACHABLE, "The Odds API")


def test_a_page_in_the_place_of_one_league(run: Run) -> None:
    filled(run)
    kept = run.kept.table["a"]
    run.server.play(**{NFL: Answer(HTML), NBA: odds(fresh("b", sport=NBA))})
    done = run()
    assert done.returncode == ExitCode.FINDINGS
    assert "not got: The Odds API: not an answer" in done.stdout
    assert run.kept.table["a"] == kept
    assert run.kept.cached == ["a", "b"]


def test_nobody_at_the_address(run: Run) -> None:
    filled(run)
    with OddsServer() as gone:
        address = gone.url
    ends(run, ExitCode.UNREACHABLE, "cannot be reached", KARB_ODDS_API_URL=address)


def test_an_address_that_is_not_encrypted_gets_no_key(run: Run) -> None:
    ends(run, ExitCode.CONFIG, "not encrypted", KARB_ODDS_API_URL="http://odds.example.com")


def test_a_data_folder_that_cannot_be_used(run: Run) -> None:
    run.server.play(**{NFL: odds(fresh("a"))})
    (run.folder / "file").touch()
    ends(run, ExitCode.CONFIG, "cannot lock", "set KARB_DATA_DIR", KARB_DATA_DIR="file/data")
    assert f"/v4/sports/{NFL}/odds" not in run.server.paths()


def test_a_book_that_froze(run: Run) -> None:
    """Told, left out of every fair price, and no reason to end badly: the others are there."""
    run.server.play(**{NFL: odds(fresh("a", betmgm=900), fresh("b", betmgm=1_000))})
    done = run()
    assert (done.returncode, done.stderr) == (0, "")
    assert "betmgm stands still and is not counted, newest quote 15m" in done.stdout
    kept = [book.book for book in run.kept.table["a"].fair["a Home"].kept]
    assert kept == ["caesars", "draftkings", "fanduel"]
