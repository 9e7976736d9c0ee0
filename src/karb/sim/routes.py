"""A path of the exchange's REST API, and who may ask for it."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from aiohttp import web

Answer = Mapping[str, object]
Handler = Callable[[web.Request], object]
"""Answers what becomes the JSON body, or raises `RefusedError`."""


class Route(NamedTuple):
    """A path under the API's root; a `signed` one is for the account's key only."""

    path: str
    handler: Handler
    signed: bool = False


def nothing(name: str) -> Handler:
    """A list that has nothing in it."""

    def handler(_: web.Request) -> Answer:
        return {name: [], "cursor": ""}

    return handler
