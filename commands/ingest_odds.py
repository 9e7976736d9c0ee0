"""Get the sportsbooks' odds and make fair prices of them."""

from typing import Annotated

import typer

from karb.cli.output import AsJson

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def ingest_odds(
    every: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Go on, a pass each TIME (30s, 15m, 2h)."),
    ] = None,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Only count what the credits are worth; costs none."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask The Odds API once for every league of KARB_LEAGUES, and end: made for cron.

    A league out of season costs nothing, any other one credit, whichever the number of games: six
    leagues every 10m are 864 credits a day, every 30s 17,280; a free key has 500 a month. Season
    titles are asked for, and cost as much again, where the profile's markets have "champion".

    Never two passes at once on one machine: a second one says so and ends with 0. Ends with 3
    without a key, 4 when the key is refused, 5 when no odds came (or no credits are left), 7
    when some leagues failed, 8 when a store did not take them. With --every: a line a pass,
    JSON lines when piped.
    """
    from karb.cli.screens.ingest_odds import run

    raise typer.Exit(run(every, plan=plan, as_json=as_json))
