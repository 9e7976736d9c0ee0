"""Check this machine, the settings and the keys."""

from typing import Annotated

import typer

from karb.cli.output import AsJson

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def doctor(
    profile: Annotated[
        str | None,
        typer.Option("--profile", help="A profile's name or file, instead of the setting."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check this machine, the settings and the keys, without a network.

    Exit code 0 when every check passes or warns, 7 when one fails, wrong settings among them:
    the doctor's job is the list. `karb config check` ends with 3 instead.
    """
    from karb.cli.screens.checks import show_checks
    from karb.tasks.doctor import verdict
    from karb.wiring.checks import doctor as examined

    rows = examined(profile)
    show_checks("karb.doctor/1", rows, as_json=as_json)
    raise typer.Exit(verdict(rows))
