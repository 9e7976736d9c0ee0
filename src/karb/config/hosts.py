"""Kalshi's addresses by environment: demo money and real money never share one.

A key of one environment signs happily for the other, so the host is what tells them apart.
Source: the exchange's own list of servers, 2026.
"""

from typing import NamedTuple
from urllib.parse import urlsplit


class Hosts(NamedTuple):
    """Where one environment is reached; `names` are all host names that belong to it."""

    rest: str
    ws: str
    names: frozenset[str]


HOSTS = {
    "demo": Hosts(
        rest="https://external-api.demo.kalshi.co/trade-api/v2",
        ws="wss://external-api-ws.demo.kalshi.co/trade-api/ws/v2",
        names=frozenset(
            {"external-api.demo.kalshi.co", "external-api-ws.demo.kalshi.co", "demo-api.kalshi.co"}
        ),
    ),
    "prod": Hosts(
        rest="https://external-api.kalshi.com/trade-api/v2",
        ws="wss://external-api-ws.kalshi.com/trade-api/ws/v2",
        names=frozenset(
            {"external-api.kalshi.com", "external-api-ws.kalshi.com", "api.elections.kalshi.com"}
        ),
    ),
}


def host_of(url: str) -> str:
    """The host name in a URL, lower case; empty when there is none."""
    return urlsplit(url).hostname or ""


def environment_of(url: str) -> str:
    """`demo` or `prod`; empty for a host that is not Kalshi's, such as an offline venue.

    A host under kalshi.co is demo and one under kalshi.com prod, listed above or not.
    """
    host = host_of(url)
    for name, hosts in HOSTS.items():
        if host in hosts.names:
            return name
    for domain, name in (("kalshi.co", "demo"), ("kalshi.com", "prod")):
        if host == domain or host.endswith(f".{domain}"):
            return name
    return ""


def without_password(url: str) -> str:
    """A URL that can be shown: user and host; the password and any query are hidden."""
    parts = urlsplit(url)
    account, at, place = parts.netloc.rpartition("@")
    if not at and "@" in url:
        return "(hidden)"  # a password with / or # in it: the parts are not what they seem
    user, colon, _ = account.partition(":")
    shown = f"{user}{colon and ':****'}{at}{place}"
    return parts._replace(netloc=shown, query="****" if parts.query else "", fragment="").geturl()
