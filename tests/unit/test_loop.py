"""The event loop of a running command: what was asked to stop has not failed."""

import asyncio
import os
import signal

import pytest

from karb.errors import UnreachableError
from karb.wiring.loop import run_until_stopped


@pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_cleans_up_and_is_no_failure(request_: signal.Signals) -> None:
    cleaned: list[str] = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), request_)
            await asyncio.sleep(60)
        finally:
            cleaned.append("yes")

    run_until_stopped(work)
    assert cleaned == ["yes"]


def test_an_interruption_stays_one() -> None:
    async def work() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        run_until_stopped(work)


def test_an_error_comes_out_as_it_is() -> None:
    async def work() -> None:
        raise UnreachableError("away")

    with pytest.raises(UnreachableError, match="away"):
        run_until_stopped(work)
