"""Where Redis is, read once from its URL as redis-py reads it."""

import re
import ssl
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from redis.asyncio.connection import SSLConnection, parse_url

from karb.errors import ConfigError

_PLACE = frozenset({"host", "port", "path", "db", "username", "password", "connection_class"})
_KNOWN = _PLACE | {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"}
_DATABASE = re.compile(r"/?|/[0-9]+")
PORT = 6379


class Address(NamedTuple):
    """A unix socket where `path` is set, else a host; never shown, it may hold a password."""

    path: str | None
    host: str
    port: int
    username: str | None
    password: str | None
    db: int
    tls: ssl.SSLContext | None

    def __repr__(self) -> str:
        return f"Address(db={self.db})"


def address_of(url: str) -> Address:
    """Read `redis://`, `rediss://` or `unix://`; raises `ConfigError`, which does not show it."""
    try:
        parts: dict[str, Any] = dict(parse_url(url))
    except ValueError:
        raise _unreadable("cannot be read") from None
    if "path" not in parts and not _DATABASE.fullmatch(urlsplit(url).path):
        # redis-py would take database 0.
        raise _unreadable("ends in something that is no number of a database")
    if parts.keys() - _KNOWN:
        # Not named: it may be what follows an unquoted & in a password.
        raise _unreadable("has an option that karb does not know")
    secure = parts.get("connection_class") is SSLConnection
    return Address(
        path=parts.get("path"),
        host=parts.get("host") or "localhost",
        port=parts.get("port") or PORT,
        username=parts.get("username"),
        password=parts.get("password"),
        db=parts.get("db") or 0,
        tls=_tls(parts) if secure else None,
    )


def _tls(parts: dict[str, Any]) -> ssl.SSLContext:
    """Verified, always: by the system's authorities or those of the URL."""
    try:
        context = ssl.create_default_context(cafile=parts.get("ssl_ca_certs"))
        if "ssl_certfile" in parts:
            context.load_cert_chain(parts["ssl_certfile"], parts.get("ssl_keyfile"))
    except (OSError, ssl.SSLError) as error:
        raise _unreadable(f"names a certificate that cannot be used: {error.strerror}") from None
    return context


def _unreadable(reason: str) -> ConfigError:
    return ConfigError(
        f"REDIS_URL {reason}",
        means="nothing was started",
        do="write it as redis://user:password@host:6379/0, with %40 for an @ in the password",
    )
