"""Link Kalshi markets to games, show why, and measure it."""

from typing import Annotated

import typer

from karb.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

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


@app.callback()
def _group() -> None:
    """Link Kalshi markets to the sportsbooks' games, show why, and measure it against a truth."""


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

    Or why it was not, and what comes near. Ends with 0 when it is linked, with 7 otherwise.
    """
    from karb.cli.screens.linking import explain_mapping

    raise typer.Exit(
        explain_mapping(ticker, kalshi or [], odds or [], example=example, as_json=as_json)
    )
