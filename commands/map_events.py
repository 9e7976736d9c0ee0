"""Link Kalshi markets to the sportsbooks' games, show why, and measure it against a truth."""

from pathlib import Path
from typing import Annotated

import typer

from karb.cli.output import AsJson

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)

Kalshi = Annotated[
    Path, typer.Option("--kalshi", metavar="FILE", help="Kalshi markets: CSV, JSON or JSON lines.")
]
Odds = Annotated[
    Path, typer.Option("--odds", metavar="FILE", help="Odds events: CSV, JSON or JSON lines.")
]
Truth = Annotated[
    Path, typer.Option("--truth", metavar="FILE", help="The right odds event of each Kalshi event.")
]


@app.callback()
def _group() -> None:
    """Link Kalshi markets to the sportsbooks' games, show why, and measure it against a truth."""


@app.command()
def audit(kalshi: Kalshi, odds: Odds, truth: Truth, as_json: AsJson = False) -> None:
    """Compare karb's links with known right ones: wrong links, and every miss with its reason.

    Ends with 0 when nothing is wrong or missed, with 7 otherwise.
    """
    from karb.cli.screens.linking import audit_mapping

    raise typer.Exit(audit_mapping(kalshi, odds, truth, as_json=as_json))


@app.command()
def explain(
    ticker: Annotated[str, typer.Argument(help="A market's or an event's ticker.")],
    kalshi: Kalshi,
    odds: Odds,
    as_json: AsJson = False,
) -> None:
    """Show how a market was linked, step by step, or why it was not and what comes near.

    Ends with 0 when it is linked, with 7 otherwise.
    """
    from karb.cli.screens.linking import explain_mapping

    raise typer.Exit(explain_mapping(ticker, kalshi, odds, as_json=as_json))
