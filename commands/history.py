"""Ask what was recorded: prices, trades, signals, anything."""

from typing import Annotated

import typer

from karb.cli.output import AsJson
from karb.cli.watch import Watch, Watched, watched

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)

Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Rows at most.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV, headings first.")]
_ENDS = "Ends with 0, with 8 when QuestDB does not answer."


@app.callback()
def _history() -> None:
    """Ask QuestDB what was recorded: prices, trades, signals, or anything in SQL.

    Prices and edges are cents, counts are contracts, times are UTC. Tables: kalshi_ticks,
    kalshi_trades, arb_opportunities, sportsbook_odds.
    """


@app.command(cls=Watched, epilog=_ENDS)
def latest(
    since: Annotated[str, typer.Option("--since", metavar="AGE", help="How far back.")] = "5m",
    limit: Limit = 100,
    as_csv: AsCsv = False,
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """Show each market's newest prices, the newest first."""
    from karb.cli.screens.history import Form, latest

    form = Form.of(as_json=as_json, as_csv=as_csv)
    watched(lambda: latest(since, limit, form), watch, as_json=as_json)


@app.command(cls=Watched, epilog=_ENDS)
def volume(
    since: Annotated[str, typer.Option("--since", metavar="AGE", help="How far back.")] = "24h",
    limit: Limit = 100,
    as_csv: AsCsv = False,
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """Show what was traded in each sport."""
    from karb.cli.screens.history import Form, volume

    form = Form.of(as_json=as_json, as_csv=as_csv)
    watched(lambda: volume(since, limit, form), watch, as_json=as_json)


@app.command(cls=Watched, epilog=_ENDS)
def signals(
    since: Annotated[
        str | None, typer.Option("--since", metavar="AGE", help="How far back; default: all.")
    ] = None,
    min_edge: Annotated[
        float, typer.Option("--min-edge", metavar="CENTS", help="Gross edge at least.")
    ] = 5,
    limit: Limit = 100,
    as_csv: AsCsv = False,
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """Show the signals to trade, the newest first."""
    from karb.cli.screens.history import Form, signals

    form = Form.of(as_json=as_json, as_csv=as_csv)
    watched(lambda: signals(since, min_edge, limit, form), watch, as_json=as_json)


@app.command(cls=Watched, epilog=_ENDS)
def sql(
    question: Annotated[
        str, typer.Argument(metavar="SQL", help="One SELECT, WITH, SHOW or EXPLAIN.")
    ],
    limit: Limit = 1_000,
    as_csv: AsCsv = False,
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """Ask anything that changes nothing, in QuestDB's SQL.

    \b
      karb history sql "SELECT ticker, count() FROM kalshi_ticks"
      karb history sql "SELECT timestamp, avg(yes_ask) FROM kalshi_ticks
        WHERE ticker = 'KXNFLGAME-26NOV26BUFHOU-BUF' SAMPLE BY 1m"
    """
    from karb.cli.screens.history import Form, sql

    form = Form.of(as_json=as_json, as_csv=as_csv)
    watched(lambda: sql(question, limit, form), watch, as_json=as_json)
