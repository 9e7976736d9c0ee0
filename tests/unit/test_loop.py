"""The event loop of a running command: what was asked to stop has not failed."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from threading import Timer

import pytest

from karb.errors import UnreachableError
from karb.wiring import loop
from karb.wiring.loop import run_until_stopped

REQUESTS = [signal.SIGTERM, signal.SIGHUP, signal.SIGINT]


@pytest.fixture(autouse=True, params=["asyncio", "uvloop"])
def _either_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signals reach the two loops by ways of their own."""
    if request.param == "asyncio":
        monkeypatch.setattr(loop, "find_spec", lambda _: None)
    else:
        pytest.importorskip("uvloop")


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """What a process that ends does with signals is not for the tests after it."""
    before = {request: signal.getsignal(request) for request in REQUESTS}
    yield
    for request, handler in before.items():
        signal.signal(request, handler)


def asked(request: signal.Signals) -> None:
    os.kill(os.getpid(), request)


def cleaning(clean: Callable[[], Awaitable[object]], request: signal.Signals) -> "loop.Main":
    """Work that is asked to stop, and what it does then."""

    async def work() -> None:
        try:
            asked(request)
            await asyncio.sleep(60)
        finally:
            await clean()

    return work


@pytest.mark.parametrize("request_", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_cleans_up_and_is_no_failure(request_: signal.Signals) -> None:
    cleaned: list[str] = []

    async def clean() -> None:
        cleaned.append("yes")

    run_until_stopped(cleaning(clean, request_))
    assert cleaned == ["yes"]


@pytest.mark.parametrize("again", REQUESTS)
@pytest.mark.parametrize("first", REQUESTS)
def test_more_requests_do_not_cut_the_clean_up(
    first: signal.Signals, again: signal.Signals
) -> None:
    """Nor what comes after the loop; the exit code is that of the first."""
    cleaned: list[str] = []

    async def clean() -> None:
        for _ in range(3):
            asked(again)
            await asyncio.sleep(0.01)
        cleaned.append("loop")

    def afterwards() -> None:
        asked(again)
        cleaned.append("afterwards")

    interrupted = pytest.raises(KeyboardInterrupt) if first is signal.SIGINT else nullcontext()
    with interrupted:
        run_until_stopped(
            cleaning(clean, first), asked=lambda: cleaned.append("asked"), afterwards=afterwards
        )
    assert cleaned == ["asked", "loop", "afterwards"]


def test_a_request_from_outside_wakes_a_loop_that_waits() -> None:
    timer = Timer(0.05, asked, [signal.SIGTERM])

    async def work() -> None:
        timer.start()
        await asyncio.sleep(60)

    run_until_stopped(work)
    timer.join()


def test_what_comes_afterwards_comes_after_a_failure_too() -> None:
    cleaned: list[str] = []

    async def work() -> None:
        raise UnreachableError("away")

    with pytest.raises(UnreachableError, match="away"):
        run_until_stopped(work, afterwards=lambda: cleaned.append("yes"))
    assert cleaned == ["yes"]


def test_a_request_in_the_last_moments_of_the_process_does_not_change_how_it_ends() -> None:
    async def clean() -> None:
        return

    run_until_stopped(cleaning(clean, signal.SIGTERM))
    for request in REQUESTS:
        asked(request)


def test_where_nobody_asked_signals_mean_what_they_meant_before() -> None:
    async def work() -> None:
        await asyncio.sleep(0)

    before = [signal.getsignal(request) for request in REQUESTS]
    run_until_stopped(work)
    assert [signal.getsignal(request) for request in REQUESTS] == before


def test_work_that_cancels_itself_is_not_taken_for_a_request() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_until_stopped(work)
