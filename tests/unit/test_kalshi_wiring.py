"""From settings to a signer, a REST client and a stream."""

import asyncio
import os
from pathlib import Path

import pytest

from kalshi_exchange import Exchange
from kalshi_keys import KEY_ID, ed25519_key, pem_of
from kalshi_rest_server import Answer, RestServer
from kalshi_socket import Venue, until
from karb.adapters.kalshi.session import Session
from karb.adapters.kalshi.stream import Takers
from karb.config.settings import Settings
from karb.errors import ConfigError, KarbError
from karb.wiring.clock import boot_time
from karb.wiring.kalshi import kalshi_rest, kalshi_signer, kalshi_stream
from text_paths import text_path


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    path = tmp_path / "key.pem"
    path.write_bytes(pem_of(ed25519_key()))
    path.chmod(0o600)
    return path


def settings(**given: object) -> Settings:
    return Settings.of(given)


def test_a_signer_from_the_users_key(key_file: Path) -> None:
    signer = kalshi_signer(settings(kalshi_key_id=KEY_ID, kalshi_private_key_path=str(key_file)))
    assert signer.headers("GET", "/", 0)["KALSHI-ACCESS-KEY"] == KEY_ID


@pytest.mark.parametrize("given", [{}, {"kalshi_private_key_path": "/nowhere"}])
def test_no_key_says_what_to_set(given: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="KALSHI_KEY_ID is not set") as caught:
        kalshi_signer(settings(**given))
    assert "karb demo" in caught.value.do


def test_a_key_id_alone_is_not_enough() -> None:
    with pytest.raises(ConfigError, match="KALSHI_PRIVATE_KEY_PATH is not set"):
        kalshi_signer(settings(kalshi_key_id=KEY_ID))


def test_a_key_that_others_can_read_is_refused_before_it_is_read(key_file: Path) -> None:
    key_file.chmod(0o644)
    with pytest.raises(ConfigError, match="others may read it"):
        kalshi_signer(settings(kalshi_key_id=KEY_ID, kalshi_private_key_path=str(key_file)))


def test_the_file_is_opened_once(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was checked signs, though the name is gone by then."""
    checked = os.fstat

    def gone(handle: int) -> os.stat_result:
        key_file.unlink(missing_ok=True)
        return checked(handle)

    monkeypatch.setattr(os, "fstat", gone)
    signer = kalshi_signer(settings(kalshi_key_id=KEY_ID, kalshi_private_key_path=str(key_file)))
    assert signer.headers("GET", "/", 0)["KALSHI-ACCESS-KEY"] == KEY_ID


def test_a_path_below_a_home_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(kalshi_key_id=KEY_ID, kalshi_private_key_path="~nobody-of-that-name/key.pem")
    with pytest.raises(ConfigError, match="no home folder"):
        kalshi_signer(given)


def test_rest_asks_the_configured_address_with_the_key(key_file: Path) -> None:
    async def run() -> None:
        server = RestServer()
        server.answers["/portfolio/balance"] = Answer('{"balance_dollars":"1.0000"}')
        async with server.open():
            given = settings(
                kalshi_key_id=KEY_ID,
                kalshi_private_key_path=str(key_file),
                kalshi_base_url=server.url,
            )
            troubles: list[KarbError] = []
            async with kalshi_rest(given, kalshi_signer(given), troubles.append) as rest:
                assert await rest.balance() == 1_000_000
        assert server.asked[0].headers["kalshi-access-key"] == KEY_ID
        assert troubles == []

    asyncio.run(run())


def test_a_stream_connects_to_the_configured_address(key_file: Path) -> None:
    async def run() -> None:
        exchange = Exchange()
        async with Venue(exchange).open() as venue:
            given = settings(
                kalshi_key_id=KEY_ID,
                kalshi_private_key_path=str(key_file),
                karb_kalshi_ws_url=venue.url,
            )
            path, _ = text_path()
            stream = kalshi_stream(
                given,
                kalshi_signer(given),
                Session(path.books, drop=path.drop_book, heard=path.heard),
                Takers(path.on_text, path.on_text, path.lose, int, str),
            )
            running = asyncio.create_task(stream.run())
            await until(lambda: stream.counts.texts)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        assert venue.asked[0].headers["KALSHI-ACCESS-KEY"] == KEY_ID

    asyncio.run(run())


def test_the_clock_of_timers_only_goes_forward() -> None:
    assert boot_time() <= boot_time()
