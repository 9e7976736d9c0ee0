"""A million messages of a venue that does something wrong each second, through karb's stream."""

import asyncio
from importlib.util import find_spec

from soak.record import Outcome
from stream_chaos import Chaos, chaos

RATE, ROUNDS = 5_000.0, 10
LIVE, AGAIN = 0.95, 2.0
"""The share of the run that every market is live at least, and in how many seconds again."""


def streaming(seed: int, texts: int) -> Outcome:
    """Stream, and judge every book and how long it stood."""
    through = "picows" if find_spec("picows") else "websockets"
    went = asyncio.run(chaos(texts, seed=seed, rate=RATE, rounds=ROUNDS, through=through))
    counts = {
        "texts": went.texts,
        "faults": went.struck.total(),
        "compared": went.compared,
        "least_live": round(went.least_live, 4),
        "longest_dead_s": round(went.longest_dead, 2),
        "through": through,
    }
    return Outcome(counts, _wrong(went))


def _wrong(went: Chaos) -> list[str]:
    wrong = [f"the book of {ticker} was not the venue's" for ticker in went.wrong]
    if went.least_live < LIVE:
        wrong.append(f"a market was live {went.least_live:.1%} of the run")
    if went.longest_dead > AGAIN:
        wrong.append(f"a market was not live for {went.longest_dead:.1f} s")
    return wrong
