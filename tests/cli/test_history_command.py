"""`karb history` as a person and a script meet it, over a real QuestDB."""

import csv
import io
import json
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from karb.adapters.questdb.address import connect
from karb.domain.market.messages import Side, Trade
from karb.domain.units import HOUR, SECOND
from karb.errors import ExitCode
from karb.ports import History
from karb.wiring.stores import own_questdb
from karb_process import document, karb
from recording import new_tables, writing
from situations import LISTING, judge, profile, quote, situation

if TYPE_CHECKING:
    from karb.adapters.embedded.questdb import QuestDBAt

TICKER = LISTING.ticker
STRANGE = 'two\nlines, "quoted"\x07'


@pytest.fixture(scope="module")
def environment(
    questdb_at: "QuestDBAt", tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Settings that name a QuestDB with a few rows in each table."""
    at = own_questdb(questdb_at)
    new_tables(at)
    with writing(lambda: at, tmp_path_factory.mktemp("spool")) as history:
        _record(history, time.time_ns())
    with closing(connect(at, seconds=10)) as sql:
        while sql.execute("SELECT count() FROM arb_opportunities").fetchone() != (2,):
            time.sleep(0.02)
    return {
        "QUESTDB_PG_HOST": at.pg_host,
        "QUESTDB_PG_PORT": str(at.pg_port),
        "QUESTDB_HTTP_PORT": str(at.http_port),
        "QUESTDB_PG_USER": at.user,
        "QUESTDB_PG_PASSWORD": at.password,
    }


def _record(history: History, now: int) -> None:
    tick = msgspec.structs.replace(quote(), ts_recv=now - 60 * SECOND)
    history.add_quote(msgspec.structs.replace(tick, yes_ask=4_850), None)
    history.add_quote(msgspec.structs.replace(tick, ticker="OLD", ts_recv=now - HOUR), None)
    history.add_trade(Trade(TICKER, STRANGE, 4_800, 125_050, Side.YES, now, now))
    found = judge(situation(), profile())
    assert found.edge is not None
    small = msgspec.structs.replace(found.edge, best_edge=40_000)
    history.add_signal(msgspec.structs.replace(found, at=now))
    history.add_signal(msgspec.structs.replace(found, at=now - HOUR, edge=small))


def asked(
    folder: Path, environment: dict[str, str], *words: str
) -> subprocess.CompletedProcess[str]:
    done = karb("history", *words, folder=folder, **environment)
    assert (done.returncode, "Traceback" in done.stderr) == (ExitCode.OK, False), done.stderr
    return done


def test_the_newest_prices_are_a_table(tmp_path: Path, environment: dict[str, str]) -> None:
    lines = asked(tmp_path, environment, "latest").stdout.splitlines()
    assert lines[0].split("  ")[0] == "ticker"
    assert lines[2].split()[:7] == [TICKER, "47c", "48.5c", "51.5c", "53c", "-", "6,000"]
    assert lines[2].split()[-1].startswith("1m")
    assert len(lines) == 3


def test_since_reaches_further_back(tmp_path: Path, environment: dict[str, str]) -> None:
    done = asked(tmp_path, environment, "latest", "--since", "2h", "--json")
    body = document(done)
    assert body["schema"] == "karb.history.latest/1"
    assert [row["ticker"] for row in body["rows"]] == [TICKER, "OLD"]
    assert body["rows"][0]["yes_ask"] == 48.5
    assert body["rows"][0]["last_price"] is None
    assert body["rows"][0]["timestamp"].endswith("Z")
    assert body["more"] is False


def test_a_limit_says_that_there_is_more(tmp_path: Path, environment: dict[str, str]) -> None:
    done = asked(tmp_path, environment, "latest", "--since", "2h", "--limit", "1")
    assert "OLD" not in done.stdout
    assert done.stderr == "there are more than 1; --limit shows them\n"
    body = document(asked(tmp_path, environment, "latest", "--since", "2h", "--limit=1", "--json"))
    assert (len(body["rows"]), body["more"]) == (1, True)


def test_volume_is_by_sport(tmp_path: Path, environment: dict[str, str]) -> None:
    done = asked(tmp_path, environment, "volume", "--csv")
    assert done.stdout == "sport,total_contracts,trade_count\nnfl,1250.5,1\n"
    assert "1,250.5" in asked(tmp_path, environment, "volume").stdout


def test_signals_have_five_cents_or_what_was_asked_for(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    assert len(document(asked(tmp_path, environment, "signals", "--json"))["rows"]) == 1
    every = ("signals", "--min-edge", "4", "--json")
    assert len(document(asked(tmp_path, environment, *every))["rows"]) == 2
    assert len(document(asked(tmp_path, environment, *every, "--since=5m"))["rows"]) == 1
    row = asked(tmp_path, environment, "signals").stdout.splitlines()[2].split()
    assert row[2:] == [TICKER, "BUY_YES", "48c", "10", "7c", "5.3c", "55c", "HIGH", "TEST"]


def test_any_question_has_its_answer_in_three_forms(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    sql = "SELECT trade_id, count, null nothing FROM kalshi_trades;"
    table = asked(tmp_path, environment, "sql", sql).stdout.splitlines()
    assert table[2].split() == ["two", "lines,", '"quoted"', "1,250.5", "-"]
    body = document(asked(tmp_path, environment, "sql", sql, "--json"))
    assert body["columns"] == ["trade_id", "count", "nothing"]
    assert body["rows"] == [{"trade_id": STRANGE, "count": 1250.5, "nothing": None}]
    text = asked(tmp_path, environment, "sql", sql, "--csv").stdout
    assert list(csv.reader(io.StringIO(text)))[1] == [STRANGE, "1250.5", ""]


def test_nothing_found_is_said_aside_and_is_no_error(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    done = asked(tmp_path, environment, "latest", "--since", "1s")
    assert (done.stdout, done.stderr) == ("", "no market ticked within 1s\n")
    empty = asked(tmp_path, environment, "latest", "--since", "1s", "--csv").stdout
    assert empty.startswith("ticker,yes_bid")
    assert document(asked(tmp_path, environment, "latest", "--since=1s", "--json"))["rows"] == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DROP TABLE kalshi_trades", "DROP is no question"),
        ("WITH t AS (SELECT 1) INSERT INTO kalshi_trades SELECT * FROM t", "INSERT can change"),
        ("SELECT nobody FROM kalshi_trades", "Invalid column: nobody"),
    ],
)
def test_what_is_no_question_is_refused_and_changes_nothing(
    tmp_path: Path, environment: dict[str, str], sql: str, said: str
) -> None:
    done = karb("history", "sql", sql, folder=tmp_path, **environment)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    rows = document(asked(tmp_path, environment, "sql", "SELECT * FROM kalshi_trades", "--json"))
    assert len(rows["rows"]) == 1


def test_a_refused_statement_starts_no_store(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done = karb("history", "sql", "DROP TABLE t", folder=tmp_path, KARB_DATA_DIR=str(data))
    assert done.returncode == ExitCode.USAGE
    assert not data.exists()


@pytest.mark.parametrize("question", [["latest"], ["sql", "SELECT 1"]])
def test_a_questdb_that_is_down_is_exit_8_in_three_sentences(
    tmp_path: Path, question: list[str]
) -> None:
    down = {"QUESTDB_PG_HOST": "127.0.0.1", "QUESTDB_PG_PORT": "1"}
    done = karb("history", *question, folder=tmp_path, **down)
    assert (done.returncode, done.stdout) == (ExitCode.STORE_DOWN, "")
    assert done.stderr == (
        "karb: QuestDB does not answer: 127.0.0.1:1: connection refused; the question is not "
        "answered, and nothing was changed; start it (karb services status shows karb's own), or "
        "check QUESTDB_PG_HOST and ports\n"
    )
    told = json.loads(karb("history", *question, "--json", folder=tmp_path, **down).stderr)
    assert (told["exit_code"], told["retryable"]) == (8, True)


def test_a_wrong_password_is_a_setting_to_mend_and_is_not_repeated(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    wrong = environment | {"QUESTDB_PG_PASSWORD": "canary-of-a-password"}
    done = karb("history", "latest", "--debug", folder=tmp_path, **wrong)
    assert (done.returncode, done.stdout) == (ExitCode.CONFIG, "")
    assert "QUESTDB_PG_PASSWORD" in done.stderr
    assert "canary" not in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["latest", "--json", "--csv"], "do not go together"),
        (["latest", "--since", "yesterday"], "--since"),
        (["signals", "--limit", "0"], "--limit"),
        (["sql", ""], "no statement"),
    ],
)
def test_a_wrong_command_line_is_exit_2(tmp_path: Path, words: list[str], said: str) -> None:
    done = karb("history", *words, folder=tmp_path)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert said in done.stderr
