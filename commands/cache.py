"""Look into Redis: its keys, and what is behind one."""

from typing import Annotated

import typer

from karb.cli.output import AsJson
from karb.cli.watch import Watch, Watched, watched

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _cache() -> None:
    """Look into Redis without its command line; nothing is changed.

    \b
    kalshi:m:TICKER               a market's newest prices, in cents
    kalshi:markets                the markets that are active
    odds:consensus:EVENT:TEAM     the fair price, in cents
    odds:SPORT:EVENT:TEAM         each book's price
    odds:events:SPORT             the events that are offered
    karb:*                        what karb's own processes share
    """


@app.command(cls=Watched)
def get(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A key, in its own case.")],
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """Show what is behind a key, and how long it lives.

    Of a stream the newest hundred entries. Ends with 2 where there is no such key, with 8
    when Redis does not answer.
    """
    from karb.cli.screens.cache import show_value

    watched(lambda: show_value(key, as_json=as_json), watch, as_json=as_json)


@app.command(cls=Watched)
def keys(
    pattern: Annotated[
        str, typer.Argument(metavar="[PATTERN]", help="Like a file name's; in quotes.")
    ] = "*",
    watch: Watch = None,
    as_json: AsJson = False,
) -> None:
    """List keys with their type, size and life.

    \b
      karb cache keys 'kalshi:*'
      karb cache keys 'odds:nfl:*'
    """
    from karb.cli.screens.cache import show_keys

    watched(lambda: show_keys(pattern, as_json=as_json), watch, as_json=as_json)
