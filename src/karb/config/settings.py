"""Every setting of karb: the specification's variables under their own names, and `KARB_` ones.

A field is a variable in lower case. The values come from `load`, which knows where each was
found; here stand types, units, defaults and what a value may be. Importing this module
imports pydantic, which doubles the start, so it happens inside the commands that need it.
"""

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from karb.config.hosts import HOSTS
from karb.config.profiles import canonical, is_path
from karb.domain.market.leagues import League
from karb.domain.units import CASH_PER_CENT, Cash, parse_cash
from karb.errors import KarbError


def _dollars(raw: object) -> Cash:
    """Dollars and whole cents, as micro-dollars; exact, and above zero."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError("is not an amount of dollars")  # noqa: TRY004 - pydantic wants this one
    try:
        cash = parse_cash(str(raw).replace("_", "").strip())
    except KarbError:
        raise ValueError("is not an amount of dollars such as 100 or 99.50") from None
    if cash <= 0 or cash % CASH_PER_CENT:
        raise ValueError("is not a positive amount in dollars and whole cents")
    return cash


def _whole(raw: object) -> int:
    """A whole number above zero."""
    if isinstance(raw, bool) or not isinstance(raw, int | str):
        raise ValueError("is not a whole number")  # noqa: TRY004 - as above
    digits = str(raw).strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12 and int(digits)):
        raise ValueError("is not a whole number above 0")
    return int(digits)


def _port(raw: object) -> int:
    port = _whole(raw)
    if port > 65_535:
        raise ValueError("is not a port number (1 to 65535)")
    return port


def _lower(raw: object) -> object:
    return raw.strip().lower() if isinstance(raw, str) else raw


def _upper(raw: object) -> object:
    return raw.strip().upper() if isinstance(raw, str) else raw


def _secret(raw: object) -> object:
    """A secret that has been filled in, on one line."""
    if isinstance(raw, str) and raw.startswith("<"):
        raise ValueError("is still the placeholder of the example")
    if isinstance(raw, str) and not raw.isprintable():
        raise ValueError("holds a line break or a control character")
    return raw


def _key(raw: object) -> object:
    """A secret that can stand in a header."""
    if isinstance(raw, str) and not raw.isascii():
        raise ValueError("holds a letter that no key has")
    return _secret(raw)


def _leagues(raw: object) -> object:
    """League names with commas between them, in any case."""
    if not isinstance(raw, str):
        return raw
    names = [name.strip().upper() for name in raw.split(",") if name.strip()]
    unknown = [name for name in names if name not in list(League)]
    if unknown or not names:
        known = ", ".join(League)
        raise ValueError(f"names {unknown[0]!r}; karb knows {known}" if unknown else "is empty")
    return tuple(League(name) for name in dict.fromkeys(names))


def _profile(raw: object) -> object:
    """A profile's name as it is written everywhere; a path stays as it is."""
    return canonical(raw) if isinstance(raw, str) and not is_path(raw) else raw


def _address(*schemes: str, host: bool = False) -> Any:
    """A URL with one of these schemes, and with a host where it needs one."""

    def check(raw: object) -> object:
        if not isinstance(raw, str):
            return raw
        try:
            parts = urlsplit(raw)
        except ValueError:  # its text repeats pieces of the address, which may be a password's
            raise ValueError("cannot be read as an address") from None
        if parts.scheme not in schemes:
            raise ValueError(f"does not begin with {' or '.join(f'{s}://' for s in schemes)}")
        if host and not parts.hostname:
            raise ValueError("names no host")
        return _secret(raw)

    return BeforeValidator(check)


Dollars = Annotated[int, BeforeValidator(_dollars)]
Whole = Annotated[int, BeforeValidator(_whole)]
Port = Annotated[int, BeforeValidator(_port)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
Key = Annotated[SecretStr, BeforeValidator(_key)]
Web = Annotated[str, _address("https", "http", host=True)]
Socket = Annotated[str, _address("wss", "ws", host=True)]
Postgres = Annotated[SecretStr, _address("postgresql", "postgres", "postgresql+psycopg")]
Redis = Annotated[SecretStr, _address("redis", "rediss", "unix")]
Environment = Annotated[Literal["demo", "prod"], BeforeValidator(_lower)]
Provider = Annotated[Literal["odds_api"], BeforeValidator(_lower)]
Salt = Annotated[Literal["digest", "max"], BeforeValidator(_lower)]
Leagues = Annotated[tuple[League, ...], BeforeValidator(_leagues)]
Level = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)]

Profile = Annotated[str, BeforeValidator(_profile)]

MONEY = frozenset({"trading_bankroll", "max_daily_loss", "karb_risk_per_trade"})
"""Settings in dollars; here they are `Cash`."""


class Settings(BaseSettings):
    """What karb was told, checked. Money is `Cash`; secrets show themselves only when asked."""

    # The defaults are values already; read again, $100 would become 100 million.
    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=False
    )

    kalshi_env: Environment = Field("demo", description="demo or prod; sets Kalshi's hosts")
    kalshi_base_url: Web | None = Field(None, description="Kalshi's REST address")
    karb_kalshi_ws_url: Socket | None = Field(None, description="Kalshi's WebSocket address")
    karb_kalshi_salt: Salt = Field(
        "digest", description="digest or max; digest is what Kalshi wants"
    )
    kalshi_key_id: Key | None = Field(None, description="the API key's id")
    kalshi_private_key_path: str | None = Field(None, description="PEM file, mode 0600")

    odds_api_key: Key | None = Field(None, description="key of The Odds API")
    sportsbook_provider: Provider = Field("odds_api", description="only odds_api")
    karb_odds_api_url: Web = Field("https://api.the-odds-api.com", description="The Odds API")
    karb_leagues: Leagues = Field(tuple(League), description="leagues to follow, with commas")

    database_url: Postgres | None = Field(None, description="PostgreSQL")
    redis_url: Redis | None = Field(None, description="Redis or Valkey")
    questdb_ilp_host: str | None = Field(None, description="QuestDB, for writing")
    questdb_ilp_port: Port = Field(
        9009,
        description="unused: karb writes over HTTP; over TCP lost rows are reported as written",
    )
    questdb_http_port: Port = Field(9000, description="QuestDB's HTTP port, for writing")
    questdb_pg_host: str | None = Field(None, description="QuestDB, for reading")
    questdb_pg_port: Port = Field(8812, description="QuestDB's PostgreSQL port")
    questdb_pg_user: str = Field("admin", description="QuestDB's user")
    questdb_pg_password: Secret | None = Field(None, description="QuestDB's password")

    live_trading: bool = Field(False, description="real money, with everything else that needs")
    paper_trading: bool = Field(True, description="the same path against a simulated exchange")
    trading_profile: Profile = Field("STANDARD", description="a name, or the path of a .toml file")
    trading_bankroll: Dollars = Field(10_000_000_000, description="dollars")

    max_position_size: Whole = Field(100, description="contracts in one market")
    max_daily_loss: Dollars = Field(100_000_000, description="dollars")
    max_open_orders: Whole = Field(10, description="orders")
    circuit_breaker_threshold: Whole | None = Field(None, description="losses in a row")
    karb_risk_per_trade: Dollars = Field(5_000_000, description="dollars, the fee included")

    karb_data_dir: str = Field("~/.local/share/karb", description="what karb keeps")
    karb_questdb_jar: str | None = Field(
        None, description="QuestDB's Java archive, where it is here"
    )
    karb_history_days: Whole = Field(30, description="days that history is kept")
    karb_spool_mb: Whole = Field(256, description="disk for history while QuestDB is away, MB")
    karb_notify_url: Secret | None = Field(None, description="where --notify sends, an Apprise URL")
    log_level: Level = Field(
        "INFO", description="no effect yet: karb writes no log, what it has to tell goes to stderr"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands over: it reads every source, to know where a value is from."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Check raw values; raises pydantic's `ValidationError`."""
        return cls(**values)

    @property
    def rest_url(self) -> str:
        """Kalshi's REST address: as set, else the environment's."""
        return self.kalshi_base_url or HOSTS[self.kalshi_env].rest

    @property
    def ws_url(self) -> str:
        """Kalshi's WebSocket address: as set, else the environment's."""
        return self.karb_kalshi_ws_url or HOSTS[self.kalshi_env].ws
