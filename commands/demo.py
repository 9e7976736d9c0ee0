"""See karb at work on an invented exchange; it needs nothing."""

from typing import Annotated

import typer

from karb.cli.options import Speed
from karb.cli.output import AsJson, profile_option

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def demo(
    profile: Annotated[str | None, profile_option("STANDARD")] = None,
    seed: Annotated[int, typer.Option(help="The same seed plays the same games and edges.")] = 1,
    speed: Speed = 1.0,
    as_json: AsJson = False,
) -> None:
    """Run karb against an exchange and an odds source of its own, on this machine.

    Invented prices of real teams, by the real protocols: signed connections, order books with
    numbered changes, sportsbooks with their margin, of which karb asks for nine as it does at The
    Odds API. Every few seconds a price is wrong by 6 to 9 cents; watch karb find it, and refuse
    the rest.

    Of your settings it reads KARB_DATA_DIR and KARB_QUESTDB_JAR. Stores of its own start with it
    and stop with it; what they hold stays in KARB_DATA_DIR/demo. Runs until Ctrl-C.
    """
    from karb.cli.screens.demo import run

    run(profile, seed=seed, speed=speed, as_json=as_json)
