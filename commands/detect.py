"""Find markets whose edge over the fair price beats the costs."""

from typing import Annotated

import typer

from karb.cli.options import refuse_unused
from karb.cli.output import AsJson, Explain, ProfileName

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_SKEW = "10m"

Paths = list[str] | None
Kalshi = Annotated[
    Paths, typer.Option("--kalshi", metavar="PATH", help="Recorded markets: a file or a folder.")
]
Odds = Annotated[
    Paths, typer.Option("--odds", metavar="PATH", help="Recorded odds: a file or a folder.")
]
MaxSkew = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help=f"How far apart captures of both sides may be; default {_SKEW}."
    ),
]
MaxAge = Annotated[
    str | None, typer.Option(metavar="TIME", help="Replaces every book's own age limit.")
]
AsOf = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="One time to judge at (ISO 8601), also for the odds' age."),
]


@app.command()
def detect(
    once: Annotated[
        bool, typer.Option("--once", help="Judge files, or the cache, once, and end.")
    ] = False,
    kalshi: Kalshi = None,
    odds: Odds = None,
    example: Annotated[
        bool, typer.Option("--example", help="Use the invented example that ships with karb.")
    ] = False,
    profile: ProfileName = None,
    max_skew: MaxSkew = None,
    max_odds_age: MaxAge = None,
    as_of: AsOf = None,
    explain: Explain = False,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell a person of signals, by KARB_NOTIFY_URL.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the markets whose price differs from the fair price by more than it costs to trade.

    Alone it follows what `karb stream`, `karb ingest-odds` and `karb map-events` publish in Redis,
    and shows every edge as it comes, until Ctrl-C; --once judges all of that once. With files it
    judges recordings:

    --kalshi takes answers of Kalshi's REST API, JSON lines of them, or CSV; --odds answers of The
    Odds API v4. Both may be given several times, as files or folders, plain or gzip.

    A market stands at its own capture time (captured_at, synced_at, seen_at or fetched_at beside
    it), else at the UTC time in its file's name (markets_20261128T170452Z.json), and meets the
    odds captured nearest to it. Ends with 7 when something given could not be judged.
    """
    if kalshi or odds or example:
        why = "tells of signals as they come, and a recording has none"
        refuse_unused({"--notify": notify}, why, do="leave it out")
    else:
        recorded = {"--max-skew": max_skew, "--max-odds-age": max_odds_age, "--as-of": as_of}
        _refuse_on_live(recorded, once=once, explain=explain, notify=notify)
    from karb.cli.screens.detect import Request, run

    request = Request(
        once=once,
        kalshi=tuple(kalshi or ()),
        odds=tuple(odds or ()),
        example=example,
        profile=profile,
        max_skew=_SKEW if max_skew is None else max_skew,
        max_odds_age=max_odds_age,
        as_of=as_of,
        notify=notify,
    )
    raise typer.Exit(run(request, explain=explain, as_json=as_json))


def _refuse_on_live(
    recorded: dict[str, str | None], *, once: bool, explain: bool, notify: bool
) -> None:
    """Options that say nothing about prices of now, or not in this form of the answer."""
    refuse_unused(
        recorded, "is for recordings", do="add --kalshi PATH --odds PATH, or leave it out"
    )
    if once:
        refuse_unused({"--notify": notify}, "tells of signals as they come", do="leave out --once")
    else:
        why = "is for one answer, and this goes on"
        refuse_unused({"--explain": explain}, why, do="add --once, or leave it out")
