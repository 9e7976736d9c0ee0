"""Link Kalshi markets to games, show why, and measure it."""

from typing import Annotated

import typer

from karb.cli.groups import group_with
from karb.cli.output import AsJson
from karb.cli.watch import Watch, Watched, watched

app = typer.Typer(cls=group_with("link"), add_completion=False, rich_markup_mode=None)

Kalshi = Annotated[
    list[str] | None,
    typer.Option("--kalshi", metavar="PATH", help="Kalshi markets: a file or a folder."),
]
Odds = Annotated[
    list[str] | None,
    typer.Option("--odds", metavar="PATH", help="Odds events: a file or a folder."),
]
Truth = Annotated[
    str, typer.Option("--truth", metavar="FILE", help="The right odds event of each Kalshi event.")
]


Ticker = Annotated[str, typer.Argument(metavar="TICKER", help="A listed market, in any case.")]
Event = Annotated[str, typer.Argument(metavar="ODDS_EVENT", help="The odds source's id.")]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why, for whoever reads it later.")
]


@app.callback()
def _group() -> None:
    """Link Kalshi markets to the sportsbooks' games, show why, and measure it against a truth.

    Without a command it is link. What `karb stream` and `karb ingest-odds` left in the cache is
    linked; answers are kept in PostgreSQL, a version a change, and told to the others. audit
    works on files, explain on either.

    Ends with 1 when the cache holds no markets or no odds, 2 for a ticker, event or outcome
    that is not there, 7 when something is left to look at, 8 when a store is down.
    """


@app.command()
def link(
    every: Annotated[
        str | None, typer.Option(metavar="TIME", help="Go on, a pass each TIME (60s, 5m).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Link every market of the cache once.

    Prints each link with its evidence and each other market with its reason. With --every: a
    line a pass and what changed, JSON lines when piped.
    """
    from karb.cli.screens.mapping import link_markets

    raise typer.Exit(link_markets(every, as_json=as_json))


@app.command(cls=Watched)
def unmapped(watch: Watch = None, as_json: AsJson = False) -> None:
    """List the markets without a link.

    Each with its reason, and with the nearest known names where a name is unknown.
    """
    from karb.cli.screens.mapping import unmapped_markets

    raise typer.Exit(watched(lambda: unmapped_markets(as_json=as_json), watch, as_json=as_json))


@app.command(cls=Watched)
def review(watch: Watch = None, as_json: AsJson = False) -> None:
    """List what a person has to decide.

    Markets without a link that may have a game, rejected ones, links of games that were moved,
    and games whose two markets are priced like different ones.
    """
    from karb.cli.screens.mapping import review_markets

    raise typer.Exit(watched(lambda: review_markets(as_json=as_json), watch, as_json=as_json))


@app.command()
def accept(
    ticker: Ticker,
    event: Event,
    outcome: Annotated[
        str, typer.Argument(metavar="OUTCOME", help="The team YES pays on, as the odds have it.")
    ],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Link a market by hand.

    This goes before karb's own answer and replaces a rejection; it is in force at once.
    Rejecting the same event takes it back.
    """
    from karb.cli.screens.mapping import accept_link

    raise typer.Exit(accept_link(ticker, event, outcome, reason, as_json=as_json))


@app.command()
def reject(ticker: Ticker, event: Event, reason: Reason, as_json: AsJson = False) -> None:
    """Never link a market to this odds event.

    Nor its siblings: they are the same game. Without a link by hand karb's own answer stands.
    Accepting the market takes that back.
    """
    from karb.cli.screens.mapping import reject_link

    raise typer.Exit(reject_link(ticker, event, reason, as_json=as_json))


_FILES = """Reads what karb detect reads (answers of the exchange and of The Odds API) and tables
with these columns, as CSV, JSON or JSON lines, plain or gzip; columns in brackets may be missing:

\b
  --kalshi  ticker, event_ticker, [yes_sub_title], [title], [event_title],
            [rules_primary]
  --odds    event_id, sport_key, home_team, away_team, commence_time,
            [commence_times_seen: times with ; between them]"""
_TRUTH = """
  --truth   kalshi_event_ticker, odds_event_id (empty or NONE: no such game),
            [league], [kind: only match is counted]"""


@app.command(epilog=_FILES + _TRUTH)
def audit(truth: Truth, kalshi: Kalshi = None, odds: Odds = None, as_json: AsJson = False) -> None:
    """Compare karb's links with known right ones.

    Tells wrong links, and every miss with its reason. Ends with 0 when nothing is wrong, missed
    or left out, with 7 otherwise.
    """
    from karb.cli.screens.linking import audit_mapping

    raise typer.Exit(audit_mapping(kalshi or [], odds or [], truth, as_json=as_json))


@app.command(epilog=_FILES)
def explain(
    ticker: Annotated[
        str,
        typer.Argument(metavar="TICKER", help="A market's or an event's ticker, in any case."),
    ],
    kalshi: Kalshi = None,
    odds: Odds = None,
    example: Annotated[
        bool, typer.Option("--example", help="Use the invented example that ships with karb.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show step by step how a market was linked.

    Or why it was not, and what comes near. Without files it is what the processes share, as a
    pass would link it now. Ends with 0 when it is linked, with 7 otherwise.
    """
    from karb.cli.screens.linking import explain_mapping

    raise typer.Exit(
        explain_mapping(ticker, kalshi or [], odds or [], example=example, as_json=as_json)
    )
