"""Find markets whose edge over the fair price beats the costs."""

from typing import Annotated

import typer

from karb.cli.output import AsJson, Explain, ProfileName

app = typer.Typer(add_completion=False, rich_markup_mode=None)


Paths = list[str] | None
Kalshi = Annotated[
    Paths, typer.Option("--kalshi", metavar="PATH", help="Recorded markets: a file or a folder.")
]
Odds = Annotated[
    Paths, typer.Option("--odds", metavar="PATH", help="Recorded odds: a file or a folder.")
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
    max_skew: Annotated[
        str, typer.Option(metavar="TIME", help="How far apart captures of both sides may be.")
    ] = "10m",
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
    from karb.cli.screens.detect import Request, run

    request = Request(
        once=once,
        kalshi=tuple(kalshi or ()),
        odds=tuple(odds or ()),
        example=example,
        profile=profile,
        max_skew=max_skew,
        max_odds_age=max_odds_age,
        as_of=as_of,
        notify=notify,
    )
    raise typer.Exit(run(request, explain=explain, as_json=as_json))
