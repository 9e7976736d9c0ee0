"""Stream Kalshi's prices into Redis and QuestDB."""

import typer

from karb.cli.output import AsJson

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def stream(as_json: AsJson = False) -> None:
    """Follow every open market of KARB_LEAGUES on one connection, and keep their books.

    Prices go to Redis (`kalshi:m:TICKER`, `kalshi:markets`) and to every `karb detect`; every
    tick and trade goes to QuestDB. A missed message is noticed by its number; the books it may
    have touched are not decided on until they were sent anew.

    On a terminal a table that moves; piped, JSON lines of prices and trades. Runs until Ctrl-C.
    Ends with 3 without a key, with 4 when Kalshi refuses it; all else is waited for.
    """
    from karb.cli.screens.stream import run

    run(as_json=as_json)
