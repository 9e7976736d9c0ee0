"""Settings: which source wins, what is refused, and that no secret is ever told."""

from pathlib import Path
from typing import Any

import pytest

from karb.config.hosts import environment_of, without_password
from karb.config.load import Loaded, is_secret, load_places, load_settings
from karb.config.settings import Settings
from karb.config.show import rows
from karb.errors import ConfigError, ExitCode

CANARY = "canary-4f1d"


def load(
    folder: Path,
    *,
    flags: Any = None,
    toml: str = "",
    dotenv: str = "",
    **env: str,
) -> Loaded:
    if toml:
        (folder / "karb.toml").write_text(toml, encoding="utf-8")
    if dotenv:
        (folder / ".env").write_text(dotenv, encoding="utf-8")
    return load_settings(flags, environment=env, folder=folder)


def refusal(folder: Path, **given: str) -> str:
    """The whole message of the ConfigError that these settings end in."""
    with pytest.raises(ConfigError) as refused:
        load(folder, **given)
    assert refused.value.exit_code is ExitCode.CONFIG
    return str(refused.value)


def test_defaults_need_nothing(tmp_path: Path) -> None:
    settings = load(tmp_path).settings
    assert settings.kalshi_env == "demo"
    assert (settings.live_trading, settings.paper_trading) == (False, True)
    assert settings.trading_profile == "STANDARD"
    assert settings.trading_bankroll == 10_000_000_000
    assert settings.max_daily_loss == 100_000_000
    assert settings.karb_risk_per_trade == 5_000_000


def test_each_source_wins_over_the_next(tmp_path: Path) -> None:
    toml = (
        'log_level = "ERROR"\ntrading_profile = "SCALP"\nmax_open_orders = 4\nmax_position_size = 7'
    )
    dotenv = "LOG_LEVEL=WARNING\nTRADING_PROFILE=AGGRESSIVE\nMAX_OPEN_ORDERS=3\n"
    loaded = load(
        tmp_path,
        flags={"trading_profile": "conservative"},
        toml=toml,
        dotenv=dotenv,
        LOG_LEVEL="debug",
        TRADING_PROFILE="any_edge",
    )
    settings, found = loaded.settings, loaded.found
    assert (settings.trading_profile, found["trading_profile"].source) == ("CONSERVATIVE", "flag")
    assert (settings.log_level, found["log_level"].source) == ("DEBUG", "environment")
    assert (settings.max_open_orders, found["max_open_orders"].source) == (3, ".env")
    assert (settings.max_position_size, found["max_position_size"].source) == (7, "karb.toml")
    assert "max_daily_loss" not in found


def test_karb_toml_takes_names_flat_or_split_at_an_underscore(tmp_path: Path) -> None:
    loaded = load(tmp_path, toml='[kalshi]\nenv = "prod"\n[max]\ndaily_loss = 12.5\n')
    assert loaded.settings.kalshi_env == "prod"
    assert loaded.settings.max_daily_loss == 12_500_000
    assert loaded.found["kalshi_env"].place.endswith("karb.toml: [kalshi] env")


def test_a_setting_written_twice_in_karb_toml_is_refused(tmp_path: Path) -> None:
    assert "set twice" in refusal(tmp_path, toml='kalshi_env = "demo"\n[kalshi]\nenv = "prod"\n')


@pytest.mark.parametrize(
    ("given", "near"),
    [
        ({"toml": "max_dayly_loss = 5"}, "MAX_DAILY_LOSS"),
        ({"toml": '[kalshi]\nenvironment = "demo"'}, "KALSHI_ENV"),
        ({"dotenv": "KARB_RISK_PER_TRAD=5"}, "KARB_RISK_PER_TRADE"),
        ({"dotenv": "MAX_DAILY_LOS=5"}, "MAX_DAILY_LOSS"),
        ({"KARB_DATA_DIRR": "elsewhere"}, "KARB_DATA_DIR"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(
    tmp_path: Path, given: dict[str, str], near: str
) -> None:
    message = refusal(tmp_path, **given)
    assert "there is no setting" in message
    assert near in message


def test_other_programs_variables_are_not_ours(tmp_path: Path) -> None:
    loaded = load(
        tmp_path, dotenv="POSTGRES_PASSWORD=x\nCOMPOSE_PROJECT=y\n", HOME="/", EDITOR="vi"
    )
    assert loaded.found == {}
    assert loaded.doubts == []


def test_a_variable_that_is_almost_ours_is_doubted(tmp_path: Path) -> None:
    assert load(tmp_path, KALSHI_KEYID="x").doubts == [
        "KALSHI_KEYID is not read; did you mean KALSHI_KEY_ID?"
    ]


def test_an_empty_value_sets_nothing(tmp_path: Path) -> None:
    loaded = load(tmp_path, dotenv="ODDS_API_KEY=\n", KALSHI_KEY_ID="", REDIS_URL="  ")
    assert loaded.found == {}


def test_a_password_in_dotenv_keeps_its_dollar_signs(tmp_path: Path) -> None:
    settings = load(tmp_path, dotenv="QUESTDB_PG_PASSWORD=a${HOME}b\n").settings
    assert settings.questdb_pg_password is not None
    assert settings.questdb_pg_password.get_secret_value() == "a${HOME}b"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("MAX_DAILY_LOSS", "a lot", "amount of dollars"),
        ("MAX_DAILY_LOSS", "0", "positive amount"),
        ("MAX_DAILY_LOSS", "-5", "positive amount"),
        ("MAX_DAILY_LOSS", "5.001", "whole cents"),
        ("MAX_DAILY_LOSS", "nan", "amount of dollars"),
        ("MAX_POSITION_SIZE", "1.5", "whole number"),
        ("MAX_POSITION_SIZE", "0", "above 0"),
        ("QUESTDB_PG_PORT", "70000", "port"),
        ("KALSHI_ENV", "production", "'demo' or 'prod'"),
        ("SPORTSBOOK_PROVIDER", "pinnacle", "odds_api"),
        ("LIVE_TRADING", "perhaps", "neither true nor false"),
        ("LOG_LEVEL", "LOUD", "INFO"),
        ("KALSHI_BASE_URL", "ftp://kalshi.com", "https://"),
        ("KALSHI_BASE_URL", "https://", "names no host"),
        ("DATABASE_URL", "mysql://x", "postgresql://"),
        ("ODDS_API_KEY", "<your-odds-api-key>", "placeholder"),
        ("ODDS_API_KEY", "abc\ndef", "line break"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(
    tmp_path: Path, name: str, value: str, problem: str
) -> None:
    message = refusal(tmp_path, **{name: value})
    assert message.startswith(f"the environment: {name}")
    assert problem in message


def test_the_file_and_line_at_fault_are_named(tmp_path: Path) -> None:
    assert ".env line 2" in refusal(tmp_path, dotenv="LOG_LEVEL=INFO\nMAX_OPEN_ORDERS=ten\n")
    (tmp_path / ".env").unlink()
    assert "karb.toml: max_open_orders" in refusal(tmp_path, toml="max_open_orders = true\n")


@pytest.mark.parametrize(
    "given",
    [
        {"dotenv": "this is prose\n"},
        {"toml": "kalshi_env = \n"},
        {"toml": "x = " + "[" * 5000},
        {"toml": "max_open_orders = " + "9" * 6000},
        {"toml": "#" * (1 << 20) + "\n"},
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, given: dict[str, str]) -> None:
    message = refusal(tmp_path, **given)
    assert ".env" in message or "karb.toml" in message
    assert "\n" not in message


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "karb.toml").write_bytes('log_level = "INFO"'.encode("utf-16"))
    assert "not UTF-8" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("toml", "dotenv"),
    [
        ("max_daily_loss_cents = 2500", ""),
        ("", "MAX_DAILY_LOSS_CENTS=2500"),
        ("max_daily_loss = 25", ""),
    ],
)
def test_both_spellings_of_the_daily_loss_are_read(tmp_path: Path, toml: str, dotenv: str) -> None:
    assert load(tmp_path, toml=toml, dotenv=dotenv).settings.max_daily_loss == 25_000_000


def test_two_spellings_in_one_place_must_agree(tmp_path: Path) -> None:
    agreeing = load(tmp_path, MAX_DAILY_LOSS="25.00", MAX_DAILY_LOSS_CENTS="2500")
    assert agreeing.settings.max_daily_loss == 25_000_000
    assert "contradicts" in refusal(tmp_path, MAX_DAILY_LOSS="25", MAX_DAILY_LOSS_CENTS="25")


def test_kalshi_env_sets_the_hosts(tmp_path: Path) -> None:
    for env in ("demo", "PROD"):
        settings = load(tmp_path, KALSHI_ENV=env).settings
        assert environment_of(settings.rest_url) == environment_of(settings.ws_url) == env.lower()


@pytest.mark.parametrize(
    ("env", "name", "url"),
    [
        ("prod", "KALSHI_BASE_URL", "https://demo-api.kalshi.co/trade-api/v2"),
        ("demo", "KALSHI_BASE_URL", "https://API.elections.kalshi.com/trade-api/v2"),
        ("demo", "KALSHI_BASE_URL", "https://trading-api.kalshi.com/trade-api/v2"),
        ("demo", "KARB_KALSHI_WS_URL", "wss://external-api-ws.kalshi.com/trade-api/ws/v2"),
    ],
)
def test_an_address_of_the_other_environment_is_refused(
    tmp_path: Path, env: str, name: str, url: str
) -> None:
    assert "KALSHI_ENV" in refusal(tmp_path, KALSHI_ENV=env, **{name: url})


def test_an_offline_venue_is_an_address_like_another(tmp_path: Path) -> None:
    settings = load(tmp_path, KALSHI_BASE_URL="http://127.0.0.1:8099/trade-api/v2").settings
    assert settings.rest_url == "http://127.0.0.1:8099/trade-api/v2"


LIVE = {"LIVE_TRADING": "true", "PAPER_TRADING": "false"}


def test_real_money_is_never_guessed(tmp_path: Path) -> None:
    assert "both true" in refusal(tmp_path, LIVE_TRADING="true")
    assert "not one of Kalshi's hosts" in refusal(
        tmp_path, **LIVE, KALSHI_BASE_URL="https://kalshi.example/trade-api/v2"
    )
    assert load(tmp_path, **LIVE).settings.live_trading


SECRETS = {
    "KALSHI_KEY_ID": CANARY,
    "ODDS_API_KEY": CANARY,
    "QUESTDB_PG_PASSWORD": CANARY,
    "KARB_NOTIFY_URL": CANARY,
    "DATABASE_URL": f"postgresql+psycopg://karb:{CANARY}@db:5432/karb",
    "REDIS_URL": f"redis://:{CANARY}@cache:6379/0",
}


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    loaded = load(tmp_path, **SECRETS)
    shown = {row.name: row.value for row in rows(loaded)}
    assert CANARY not in str(shown)
    assert CANARY not in repr(loaded.settings)
    assert shown["DATABASE_URL"] == "postgresql+psycopg://karb:****@db:5432/karb"
    assert shown["ODDS_API_KEY"] == "(hidden)"
    assert {name.lower() for name in SECRETS} == {n for n in Settings.model_fields if is_secret(n)}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_refused_is_not_told(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, **{name: f"<{CANARY}\x07"})
    assert name in message
    assert CANARY not in message


@pytest.mark.parametrize("password", ["p/w", "p#w", "p?w", "p@w", "p:w"])
def test_a_password_with_odd_characters_stays_hidden(password: str) -> None:
    shown = without_password(f"postgresql://karb:{password}@db/karb")
    assert "p" not in shown.replace("postgresql", "").replace("karb", "")
    assert "w" not in shown


def test_every_setting_is_shown_with_its_source(tmp_path: Path) -> None:
    shown = {row.name: row for row in rows(load(tmp_path, dotenv="KALSHI_ENV=prod\n"))}
    assert list(shown) == [name.upper() for name in Settings.model_fields]
    assert shown["KALSHI_ENV"].source == ".env"
    assert shown["KALSHI_BASE_URL"].source == "KALSHI_ENV"
    assert shown["TRADING_BANKROLL"].value == "$10,000.00"
    assert "unused" in shown["QUESTDB_ILP_PORT"].note


def test_the_example_file_names_every_setting_and_says_the_defaults(tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    text = example.read_text(encoding="utf-8")
    names = [line.partition("=")[0] for line in text.splitlines() if "=" in line and line[0] != "#"]
    assert sorted(names) == sorted(name.upper() for name in Settings.model_fields)
    assert (
        load(tmp_path, dotenv=text).settings
        == load_settings(environment={}, folder=Path("/")).settings
    )


@pytest.mark.parametrize("name", ["KARB_RISK_PER_TRADE", "MAX_DAILY_LOSS"])
def test_a_limit_above_the_bankroll_is_refused(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, TRADING_BANKROLL="100", **{name: "100.01"})
    assert name in message
    assert "TRADING_BANKROLL ($100.00)" in message
    allowed = load(tmp_path, TRADING_BANKROLL="100", **{name: "100"}).settings
    assert allowed.trading_bankroll == 100_000_000


def test_a_bankroll_below_a_default_limit_is_refused_where_it_was_set(tmp_path: Path) -> None:
    message = refusal(tmp_path, dotenv="TRADING_BANKROLL=50\n")
    assert ".env line 1: MAX_DAILY_LOSS ($100.00)" in message


@pytest.mark.parametrize("second", ["LOG_LEVEL=DEBUG", "log_level=INFO", "LOG_LEVEL="])
def test_a_setting_written_twice_in_dotenv_is_refused(tmp_path: Path, second: str) -> None:
    message = refusal(tmp_path, dotenv=f"LOG_LEVEL=INFO\nKALSHI_ENV=demo\n{second}\n")
    assert ".env line 3" in message
    assert "LOG_LEVEL" in message.upper()
    assert "set twice; first in" in message


def test_another_programs_variable_may_stand_twice_in_dotenv(tmp_path: Path) -> None:
    assert load(tmp_path, dotenv="POSTGRES_USER=a\nPOSTGRES_USER=b\n").found == {}


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("KALSHI_BASE_URL", "http://external-api.demo.kalshi.co/trade-api/v2"),
        ("KARB_KALSHI_WS_URL", "ws://example.org/trade-api/ws/v2"),
    ],
)
def test_only_this_machine_may_be_reached_in_the_open(tmp_path: Path, name: str, url: str) -> None:
    assert "not encrypted" in refusal(tmp_path, **{name: url})


def test_a_variable_in_two_spellings_is_refused(tmp_path: Path) -> None:
    assert "set twice" in refusal(tmp_path, LIVE_TRADING="false", live_trading="true")


@pytest.mark.parametrize("name", ["KALSHI_KEY_ID", "ODDS_API_KEY"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_told(tmp_path: Path, name: str) -> None:
    message = refusal(tmp_path, **{name: "schlüssel"})
    assert "holds a letter that no key has" in message
    assert "schl" not in message


def test_places_are_read_and_nothing_else_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("KARB_QUESTDB_JAR=/opt/questdb.jar\nMAX_DAILY_LOSS=much\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KARB_DATA_DIR", "/srv/karb")
    monkeypatch.setenv("TRADING_PROFILE", "SCALP")
    monkeypatch.setenv("LIVE_TRADING", "perhaps")
    places = {"karb_data_dir": "/srv/karb", "karb_questdb_jar": "/opt/questdb.jar"}
    assert load_places() == Settings.of(places)
