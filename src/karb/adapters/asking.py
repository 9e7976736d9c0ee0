"""One question over HTTP, bounded in time and size, and the patience to ask again.

httpx's own errors end here: they hold the request, with the headers or the key that signed
it. What comes out instead is karb's error in the words of whoever asks (`Asked`). Asking
again is for questions alone: what changes something at the other end is sent once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple, TypeVar

import httpx

from karb.errors import ConfigError, DecodeError, KarbError, UnreachableError

Sleep = Callable[[float], Awaitable[None]]
"""Seconds, as `asyncio.sleep` takes them."""
T = TypeVar("T")

_SHOWN = 200

# At DEBUG it writes the headers of every request and answer, keys and signatures among them.
logging.getLogger("httpcore").setLevel(logging.INFO)


class Asked(NamedTuple):
    """Who is asked, what it means when nothing comes of it, and what to type then.

    An answer takes `seconds` at most and has at most so many bytes; no honest one has more.
    `hide` takes out of a text what must not be shown.
    """

    source: str
    means: str
    do: str
    seconds: float
    most_bytes: int
    hide: Callable[[str], str] = str

    def silent(self, what: str) -> UnreachableError:
        """Nothing came back."""
        return UnreachableError(f"{self.source} {what}", means=self.means, do=self.do)

    def garbage(self, what: str) -> DecodeError:
        """Something came back that is no answer."""
        return DecodeError(
            f"{self.source}: {what}", means="nothing of it is used; " + self.means, do=self.do
        )


class PassingError(Exception):
    """What may be over a moment later; `error` is what it is if it is not."""

    def __init__(self, error: KarbError) -> None:
        super().__init__()
        self.error = error


class Answer(NamedTuple):
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def ask(client: httpx.AsyncClient, request: httpx.Request, asked: Asked) -> Answer:
    """Send a request once. Raises `DecodeError`, and `PassingError` where nothing came back."""
    try:
        async with asyncio.timeout(asked.seconds):
            response = await client.send(request, stream=True)
            try:
                body = await _body(response, asked)
            finally:
                await response.aclose()
    except (TimeoutError, httpx.TimeoutException):
        raise PassingError(asked.silent("did not answer in time")) from None
    except httpx.DecodingError:
        raise asked.garbage("its answer is not compressed as it says") from None
    except httpx.HTTPError as error:
        why = asked.hide(str(error))[:_SHOWN]
        raise PassingError(asked.silent(f"cannot be reached: {why}")) from None
    return Answer(response.status_code, response.headers, body)


async def patiently(
    once: Callable[[], Awaitable[T]],
    *,
    retries: int,
    pause: Callable[[KarbError, int], float],
    sleep: Sleep,
) -> T:
    """Ask until an answer comes, or an error that asking again at once does not mend.

    `once` raises `PassingError` for what may pass. `pause` gives the seconds to wait after
    an error and so many failures before it.
    """
    failures = 0
    while True:
        try:
            return await once()
        except PassingError as passing:
            if failures == retries:
                raise passing.error from None
            wait = pause(passing.error, failures)
        await sleep(wait)
        failures += 1


def proxy_unusable(means: str) -> ConfigError:
    """httpx refused the environment's proxy; its own words repeat pieces of the password."""
    return ConfigError(
        "the proxy that the environment names cannot be used",
        means=means,
        do="write HTTPS_PROXY or ALL_PROXY as http://user:password@host:port, "
        "with %40 for an @ in the password",
    )


async def _body(response: httpx.Response, asked: Asked) -> bytes:
    chunks, size = [], 0
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        if size > asked.most_bytes:
            raise asked.garbage(f"its answer is larger than {asked.most_bytes >> 20} MB")
        chunks.append(chunk)
    return b"".join(chunks)
