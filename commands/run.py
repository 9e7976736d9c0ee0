"""Run everything in one process: prices, odds, links, edges."""

from typing import Annotated

import typer

from karb.cli.output import AsJson, ProfileName

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def run(
    profile: ProfileName = None,
    every: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Ask for odds so often, a credit for each league; else as the credits last.",
        ),
    ] = None,
    notify: Annotated[
        bool, typer.Option("--notify", help="Tell a person of signals, by KARB_NOTIFY_URL.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Stream Kalshi's markets, follow the sportsbooks, link both, and show every edge.

    On a terminal a screen that moves; piped, JSON lines: a signal the moment it is sent, and
    the status every ten seconds. Runs until Ctrl-C. Nothing here places an order.

    Ends with 3 when keys or settings are missing, with 4 when Kalshi or The Odds API refuse a
    key. What comes back by itself (a network, a store, the exchange's maintenance) is waited for.
    """
    from karb.cli.screens.running import run as screen

    screen(profile, every, notify=notify, as_json=as_json)
