"""`karb config show` and `karb config check`: what is in force, and whether it works."""

from pathlib import Path

import pytest

from karb.errors import ExitCode
from karb_process import document, karb

CANARY = "canary-77aa"


def test_show_tells_every_value_and_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_DAILY_LOSS=50\n", encoding="utf-8")
    (tmp_path / "karb.toml").write_text("[log]\nlevel = 'error'\n", encoding="utf-8")
    done = karb(
        "config", "show", "--json", "--profile", "scalp", folder=tmp_path, KALSHI_ENV="prod"
    )
    settings = {row["name"]: row for row in document(done)["settings"]}
    found = {name: (row["value"], row["source"]) for name, row in settings.items()}
    assert found["TRADING_PROFILE"] == ("SCALP", "flag")
    assert found["KALSHI_ENV"] == ("prod", "environment")
    assert found["MAX_DAILY_LOSS"] == ("$50.00", ".env")
    assert found["LOG_LEVEL"] == ("ERROR", "karb.toml")
    assert found["MAX_OPEN_ORDERS"] == ("10", "default")
    assert settings["MAX_DAILY_LOSS"]["place"] == ".env line 1"


def test_values_are_as_a_person_writes_them(tmp_path: Path) -> None:
    done = karb("config", "show", "--json", folder=tmp_path)
    values = {row["name"]: row["value"] for row in document(done)["settings"]}
    assert values["KARB_LEAGUES"] == "NFL,NCAAF,NBA,NCAAB,MLB,NHL"
    assert not any(mark in value for value in values.values() for mark in "(<'[{")


def test_origin_adds_a_column(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MAX_DAILY_LOSS=50\n", encoding="utf-8")
    without = karb("config", "show", folder=tmp_path).stdout
    origins = karb("config", "show", "--origin", folder=tmp_path).stdout
    row = next(line for line in origins.splitlines() if line.startswith("MAX_DAILY_LOSS"))
    assert ".env line 1" in row
    assert ".env line 1" not in without


def test_the_ilp_port_is_said_to_be_unused_and_why(tmp_path: Path) -> None:
    text = karb("config", "show", folder=tmp_path, QUESTDB_ILP_PORT="9010").stdout
    row = next(line for line in text.splitlines() if line.startswith("QUESTDB_ILP_PORT"))
    assert "9010" in row
    assert "unused" in row
    assert "lost" in row


def test_the_log_level_is_said_to_have_no_effect_yet(tmp_path: Path) -> None:
    text = karb("config", "show", folder=tmp_path, LOG_LEVEL="debug").stdout
    row = next(line for line in text.splitlines() if line.startswith("LOG_LEVEL"))
    assert "DEBUG" in row
    assert "no effect yet" in row


@pytest.mark.parametrize(
    "command", [["config", "show"], ["config", "check"], ["doctor", "--offline"]]
)
@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_no_secret_is_ever_printed(tmp_path: Path, command: list[str], flags: list[str]) -> None:
    (tmp_path / ".env").write_text(
        f"ODDS_API_KEY={CANARY}\nKALSHI_KEY_ID={CANARY}\nREDIS_URL=redis://:{CANARY}@h/0\n"
        f"DATABASE_URL=postgresql://u:{CANARY}@h/d\nQUESTDB_PG_PASSWORD={CANARY}\n",
        encoding="utf-8",
    )
    done = karb(*command, *flags, folder=tmp_path)
    assert done.stdout
    assert CANARY not in done.stdout + done.stderr


def test_check_says_what_is_fine(tmp_path: Path) -> None:
    done = karb("config", "check", "--json", folder=tmp_path)
    body = document(done)
    assert (done.returncode, body["verdict"]) == (ExitCode.OK, "pass")
    assert {row["check"] for row in body["checks"]} == {
        "settings",
        "trading",
        "profile",
        "secrets",
        "team tables",
        "fee schedule",
    }


@pytest.mark.parametrize(
    ("variable", "value", "check"),
    [
        ("MAX_DAILY_LOSS", "much", "settings"),
        ("KARB_WHATEVER", "1", "settings"),
        ("SPORTSBOOK_PROVIDER", "betfair", "settings"),
        ("TRADING_PROFILE", "./none.toml", "profile"),
        ("TRADING_PROFILE", "reckless", "profile"),
    ],
)
def test_check_ends_with_3_and_names_what_to_mend(
    tmp_path: Path, variable: str, value: str, check: str
) -> None:
    done = karb("config", "check", "--json", folder=tmp_path, **{variable: value})
    failed = [row for row in document(done)["checks"] if row["state"] == "fail"]
    assert done.returncode == ExitCode.CONFIG
    assert [row["check"] for row in failed] == [check]
    assert failed[0]["do"]


@pytest.mark.parametrize(("profile", "name"), [("any-edge", "ANY_EDGE"), ("./mine.toml", "MINE")])
def test_live_refuses_a_profile_that_may_not(tmp_path: Path, profile: str, name: str) -> None:
    (tmp_path / "mine.toml").write_text('inherits = "ANY_EDGE"\n', encoding="utf-8")
    live = {"LIVE_TRADING": "true", "PAPER_TRADING": "false", "TRADING_PROFILE": profile}
    done = karb("config", "check", folder=tmp_path, **live)
    assert done.returncode == ExitCode.CONFIG
    assert f"live trading refuses the profile {name}" in done.stdout


def test_a_file_with_secrets_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("ODDS_API_KEY=abc\n", encoding="utf-8")
    for mode, state in ((0o644, "warn"), (0o600, "pass")):
        dotenv.chmod(mode)
        done = karb("config", "check", "--json", folder=tmp_path)
        assert done.returncode == ExitCode.OK
        assert {r["check"]: r["state"] for r in document(done)["checks"]}["secrets"] == state


@pytest.mark.parametrize(
    ("live", "paper", "state", "said"),
    [
        ("false", "true", "pass", "paper"),
        ("false", "false", "pass", "no trading"),
        ("true", "false", "warn", "places no orders at all"),
    ],
)
def test_check_says_what_this_version_trades(
    tmp_path: Path, live: str, paper: str, state: str, said: str
) -> None:
    given = {"LIVE_TRADING": live, "PAPER_TRADING": paper}
    for command in (("config", "check"), ("doctor",)):
        body = document(karb(*command, "--json", folder=tmp_path, **given))
        row = next(row for row in body["checks"] if row["check"] == "trading")
        assert row["state"] == state
        assert said in row["found"]
