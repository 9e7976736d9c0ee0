"""Find the markets whose price differs from the fair price by more than it costs to trade."""

from pathlib import Path
from typing import Annotated

import typer

from karb.cli.output import AsJson, Explain

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _names() -> list[str]:
    from karb.config.profiles import profile_names

    return list(profile_names())


@app.command()
def detect(
    once: Annotated[
        bool, typer.Option("--once", help="Judge recorded files once, and end.")
    ] = False,
    kalshi: Annotated[
        list[Path] | None,
        typer.Option(
            "--kalshi", metavar="PATH", readable=False, help="Recorded markets: a file or a folder."
        ),
    ] = None,
    odds: Annotated[
        list[Path] | None,
        typer.Option(
            "--odds", metavar="PATH", readable=False, help="Recorded odds: a file or a folder."
        ),
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="Use the invented example that ships with karb.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            metavar="NAME",
            help="A trading profile or a .toml file; default TRADING_PROFILE.",
            autocompletion=_names,
        ),
    ] = None,
    max_skew: Annotated[
        str, typer.Option(metavar="TIME", help="How far apart captures of both sides may be.")
    ] = "10m",
    max_odds_age: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Replaces every book's own age limit."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Judge at this time (ISO 8601, UTC), not at capture."),
    ] = None,
    explain: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Find the markets whose price differs from the fair price by more than it costs to trade.

    Every market stands at its own capture time and meets the odds captured nearest to it.
    --kalshi and --odds may be given several times; plain or gzip. Ends with 7 when records
    had to be left out.
    """
    from karb.cli.screens.detect import Request, run

    request = Request(
        once=once,
        kalshi=tuple(kalshi or ()),
        odds=tuple(odds or ()),
        example=example,
        profile=profile,
        max_skew=max_skew,
        max_odds_age=max_odds_age,
        as_of=as_of,
    )
    raise typer.Exit(run(request, explain=explain, as_json=as_json))
