"""`karb doctor` asks the venue and the odds source: each bad day is a row that says what to type.

One venue serves all tests of the module; whoever spoils it mends it.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import time_ns

import pytest

from doctor_run import Told, key_file, rows, venue_beside
from kalshi_keys import ed25519_key, pem_of
from karb.domain.units import SECOND
from karb.errors import ExitCode
from karb.sim.venue import Fault, Venue
from karb_process import clean_environment, karb
from odds_server import KEY, NFL, Answer, OddsServer, odds, refused

ONLINE = [
    "kalshi exchange",
    "clock",
    "kalshi account",
    "sports region",
    "odds source",
    "odds credits",
    "odds schedule",
]


class Bench:
    """A venue, its clock's offset to ours in seconds, and karb's settings for it."""

    def __init__(self) -> None:
        self.offset = 0

    def now(self) -> int:
        return time_ns() + self.offset * SECOND

    def open(self, venue: Venue, folder: Path) -> None:
        self.venue, self.folder = venue, folder
        self.settings = {
            "KALSHI_BASE_URL": venue.rest_url,
            "KARB_KALSHI_WS_URL": venue.ws_url,
            "KALSHI_KEY_ID": venue.key_id,
            "KALSHI_PRIVATE_KEY_PATH": str(key_file(folder, venue.private_key_pem)),
            "KARB_ODDS_API_URL": venue.odds_url,
            "ODDS_API_KEY": venue.odds_key,
            "KARB_DATA_DIR": str(folder / "data"),
        }

    def doctor(self, *, code: ExitCode, **changed: str) -> dict[str, Told]:
        """The rows that ask; no secret may be anywhere in what is said."""
        given = {**self.settings, **changed}
        secrets = [given["KALSHI_KEY_ID"], given["ODDS_API_KEY"]]
        done = karb("doctor", "--json", folder=self.folder, **given)
        assert done.returncode == code, done.stdout
        assert not any(secret in done.stdout + done.stderr for secret in secrets)
        assert not (self.folder / "data").exists(), "nothing is started and nothing kept"
        told = rows(done)
        assert list(told)[-len(ONLINE) :] == ONLINE
        return {name: told[name] for name in ONLINE}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = Bench()
    with venue_beside(made.now) as venue:
        made.open(venue, tmp_path_factory.mktemp("doctor"))
        yield made


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address on which nobody answers: connections are taken, and nothing is ever said."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        yield f"http://127.0.0.1:{deaf.getsockname()[1]}"


def states(told: dict[str, Told]) -> list[str]:
    return [row.state for row in told.values()]


def test_a_good_day(bench: Bench) -> None:
    told = bench.doctor(code=ExitCode.OK)
    assert set(states(told)) == {"pass"}
    assert told["kalshi exchange"].found == "open and trading, at 127.0.0.1"
    assert told["kalshi account"].found == "the key is accepted; tier prime, 400 reads a second"
    assert told["sports region"].found.startswith("confirmed until 20")
    assert "a pass over NFL, NBA costs 2" in told["odds credits"].found
    assert "at most 1440 tradable minutes a day" in told["odds credits"].found


def test_offline_asks_nobody(bench: Bench) -> None:
    done = karb("doctor", "--offline", "--json", folder=bench.folder, **bench.settings)
    assert done.returncode == ExitCode.OK
    assert not set(ONLINE) & rows(done).keys()


def test_a_key_of_the_other_environment_is_recognised(bench: Bench) -> None:
    told = bench.doctor(code=ExitCode.FINDINGS, KALSHI_KEY_ID="another-key-id-c4n4ry")
    assert states(told)[:4] == ["pass", "pass", "fail", "warn"]
    found = told["kalshi account"].found
    assert "NOT_FOUND); KALSHI_ENV is demo; keys of the demo and of the real exchange" in found
    assert "KALSHI_ENV is the environment that made the key" in told["kalshi account"].do
    assert told["sports region"].found == "not checked: it needs the kalshi account"


def test_a_private_key_that_is_another_ones_is_told_as_that(bench: Bench, tmp_path: Path) -> None:
    other = str(key_file(tmp_path, pem_of(ed25519_key())))
    told = bench.doctor(code=ExitCode.FINDINGS, KALSHI_PRIVATE_KEY_PATH=other)
    assert "the private key does not belong to this key id" in told["kalshi account"].found
    assert "KALSHI_PRIVATE_KEY_PATH" in told["kalshi account"].do


@pytest.mark.parametrize(
    ("offset", "code", "state", "said"),
    [
        (63, ExitCode.FINDINGS, "fail", "behind Kalshi's"),
        (-3, ExitCode.OK, "warn", "ahead of Kalshi's"),
    ],
)
def test_a_clock_that_is_off(
    bench: Bench, offset: int, code: ExitCode, state: str, said: str
) -> None:
    """The key is seen to be right all the same."""
    bench.offset = offset
    try:
        told = bench.doctor(code=code)
    finally:
        bench.offset = 0
    assert told["clock"].state == state
    assert said in told["clock"].found
    assert "timedatectl set-ntp true" in told["clock"].do
    assert told["kalshi account"].state == "pass"


def test_maintenance_is_a_warning(bench: Bench) -> None:
    bench.venue.begin(Fault.MAINTENANCE)
    try:
        told = bench.doctor(code=ExitCode.OK)
    finally:
        bench.venue.end(Fault.MAINTENANCE)
    assert states(told)[:4] == ["warn", "pass", "warn", "warn"]
    assert "closed for maintenance" in told["kalshi exchange"].found
    assert "nothing to type" in told["kalshi exchange"].do


def test_an_odds_key_that_is_wrong(bench: Bench) -> None:
    told = bench.doctor(code=ExitCode.FINDINGS, ODDS_API_KEY=KEY)
    assert states(told) == ["pass"] * 4 + ["fail", "warn", "warn"]
    assert "INVALID_KEY" in told["odds source"].found
    assert "set ODDS_API_KEY" in told["odds source"].do


def test_credits_that_are_used_up(bench: Bench) -> None:
    before, bench.venue.quota.remaining = bench.venue.quota.remaining, 1
    try:
        told = bench.doctor(code=ExitCode.FINDINGS)
    finally:
        bench.venue.quota.remaining = before
    assert states(told)[4:] == ["pass", "fail", "warn"]
    assert told["odds credits"].found.startswith("1 left, and a pass over NFL, NBA costs 2")


def test_a_source_that_refuses_even_the_free_call(bench: Bench) -> None:
    with OddsServer() as server:
        server.answers["/v4/sports"] = refused(401, "OUT_OF_USAGE_CREDITS")
        told = bench.doctor(code=ExitCode.FINDINGS, KARB_ODDS_API_URL=server.url, ODDS_API_KEY=KEY)
    assert states(told)[4:] == ["pass", "fail", "warn"]
    assert "wait for the 1st" in told["odds credits"].do


def test_the_credits_of_the_free_plan_are_worth_minutes(bench: Bench) -> None:
    with OddsServer() as server:
        server.play(**{NFL: odds()})
        told = bench.doctor(code=ExitCode.OK, KARB_ODDS_API_URL=server.url, ODDS_API_KEY=KEY)
        assert server.paths() == ["/v4/sports"]
    assert states(told)[4:] == ["pass", "pass", "warn"]
    assert "500 left; a pass over NFL costs 1: 500 passes until" in told["odds credits"].found
    assert "a quote counts for 3m00s only" in told["odds schedule"].found
    assert "karb ingest-odds --every 3m00s" in told["odds schedule"].do


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(b"<html>Sign in</html>"), "did not answer with its list of sports"),
        (Answer(b"[]", headers={"x-requests-remaining": "many"}), "does not say how many"),
    ],
)
def test_an_answer_that_is_not_the_sources(bench: Bench, answer: Answer, said: str) -> None:
    with OddsServer() as server:
        server.answers["/v4/sports"] = answer
        done = karb(
            "doctor",
            folder=bench.folder,
            **{**bench.settings, "KARB_ODDS_API_URL": server.url, "ODDS_API_KEY": KEY},
        )
    assert said in done.stdout
    assert KEY not in done.stdout + done.stderr


def test_nobody_there_is_told_with_the_setting_to_look_at(bench: Bench) -> None:
    gone = "http://127.0.0.1:1"
    told = bench.doctor(
        code=ExitCode.FINDINGS, KALSHI_BASE_URL=f"{gone}/trade-api/v2", KARB_ODDS_API_URL=gone
    )
    assert states(told) == ["fail", "warn", "warn", "warn", "fail", "warn", "warn"]
    assert "Kalshi cannot be reached" in told["kalshi exchange"].found
    assert "karb config show" in told["kalshi exchange"].do
    assert "The Odds API cannot be reached" in told["odds source"].found
    assert "KARB_ODDS_API_URL" in told["odds source"].do


def test_servers_that_say_nothing_are_left_behind(bench: Bench, nowhere: str) -> None:
    """On a machine that is busy the doctor's own patience may end before a question's."""
    given = {**bench.settings, "KALSHI_BASE_URL": nowhere, "KARB_ODDS_API_URL": nowhere}
    done = karb("doctor", "--json", folder=bench.folder, **given)
    told = rows(done)
    assert done.returncode == ExitCode.FINDINGS
    for name in ("kalshi exchange", "odds source"):
        assert told[name].state == "fail"
        assert " answer within " in told[name].found


def test_names_that_are_never_found_do_not_keep_karb_from_ending(tmp_path: Path) -> None:
    """A resolver that hangs for a minute: karb is gone long before, with a row for each."""
    program = (
        "import socket, sys, time\n"
        "from karb.cli.main import main\n"
        "socket.getaddrinfo = lambda *a, **k: time.sleep(60)\n"
        "sys.argv = ['karb', *sys.argv[1:]]\n"
        "main()\n"
    )
    given = {
        "KALSHI_BASE_URL": "https://kalshi.invalid/trade-api/v2",
        "KALSHI_KEY_ID": "id",
        "KALSHI_PRIVATE_KEY_PATH": str(key_file(tmp_path, pem_of(ed25519_key()))),
        "KARB_ODDS_API_URL": "https://odds.invalid",
        "ODDS_API_KEY": KEY,
        "REDIS_URL": "redis://redis.invalid",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, "doctor", "--json"],
        cwd=tmp_path,
        env=clean_environment(HOME=str(tmp_path), **given),
        capture_output=True,
        text=True,
        timeout=25,
        check=False,
    )
    assert (done.returncode, done.stderr) == (ExitCode.FINDINGS, "")
    told = rows(done)
    late = ["redis", "kalshi exchange", "odds source"]
    assert [told[name].found for name in late] == ["no answer within 5 s"] * 3


def test_an_interruption_is_clean_while_servers_are_waited_for(bench: Bench) -> None:
    with OddsServer() as server:
        server.hold("/v4/sports")
        given = {**bench.settings, "KARB_ODDS_API_URL": server.url}
        process = subprocess.Popen(
            [sys.executable, "-m", "karb", "doctor"],
            cwd=bench.folder,
            env=clean_environment(**given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        server.wait_for_held()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        server.release()
    assert (process.returncode, out, err) == (ExitCode.INTERRUPTED, "", "")
