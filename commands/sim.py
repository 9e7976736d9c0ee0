"""Open an offline Kalshi and Odds API on this machine."""

from typing import Annotated

import typer

from karb.cli.options import Speed
from karb.cli.output import AsJson

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _faults() -> list[str]:
    from karb.wiring.sim import FAULTS

    return list(FAULTS)


@app.command()
def sim(
    port: Annotated[int, typer.Option(help="The port of loopback; 0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed plays the same games and edges.")] = 1,
    speed: Speed = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="NAME",
            help="Let this go wrong once a second, or from the start; may be given again.",
            autocompletion=_faults,
        ),
    ] = None,
    static: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="Serve recorded answers, a file or a folder, instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Open a venue in the box: Kalshi's REST API and WebSocket, and The Odds API v4.

    It speaks the real protocols on 127.0.0.1, signatures included: real teams, order books that
    move, sportsbooks that follow the same true chances, and now and then a price that is wrong by
    6 to 9 cents. No money, no account, no network. Prints what to type to use it, and runs until
    Ctrl-C.

    --fault takes random (something else each second), gap, reorder, duplicate, delay, cut,
    overflow, channel-error, malformed, truncated, oversized, unknown, http-500, http-502,
    http-429, http-html, http-timeout, the same with odds- for The Odds API; and, for the whole
    run, maintenance, basic-tier (20 reads a second instead of 400), frozen-book and no-credits.

    --static takes what the two venues answered, as JSON or JSON lines, plain or gzip. REST serves
    it as it is. A subscription over the WebSocket opens with the recorded book, or with the best
    prices as a book of one level a side (of the least size, 0.01, where none was recorded), and
    with the recorded ticker where that is asked for; nothing comes after that.
    """
    from karb.cli.screens.sim import run

    raise typer.Exit(
        run(
            port=port,
            seed=seed,
            speed=speed,
            faults=fault or (),
            static=static,
            as_json=as_json,
        )
    )
