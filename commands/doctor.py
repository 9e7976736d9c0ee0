"""Check this machine, the settings, keys, stores and sources."""

from typing import Annotated

import typer

from karb.cli.output import AsJson, ProfileName

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(
    profile: ProfileName = None,
    offline: Annotated[bool, typer.Option("--offline", help="Only what needs no network.")] = False,
    stores: Annotated[
        bool, typer.Option("--stores", help="Only the stores, for health checks.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check this machine, the settings, keys, stores, Kalshi and the odds source.

    Each row says what was found and what to type. Whoever is far is asked for a few seconds,
    and only where a key is set; no credit is spent, nothing is started.

    Ends with 0 when every check passes or warns, with 7 when one fails, wrong settings among
    them. With --stores, for health checks: 8 when a store does not answer, 3 when the settings
    are wrong. A store of karb's own that is stopped passes, as the next command starts it.
    """
    from karb.cli.screens.checks import show_doctor

    raise typer.Exit(show_doctor(profile, offline=offline, stores=stores, as_json=as_json))
