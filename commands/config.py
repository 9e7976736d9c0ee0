"""Show the settings and where each came from, or check them."""

from typing import Annotated

import typer

from karb.cli.output import AsJson, ProfileName

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _config() -> None:
    """Show the settings and where each came from, or check them.

    Flags win over the environment, then .env, then karb.toml (both in the current folder), then
    the defaults.
    """


@app.command()
def show(
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value came from.")
    ] = False,
    profile: ProfileName = None,
    as_json: AsJson = False,
) -> None:
    """Print every setting; secrets are hidden."""
    from karb.cli.screens.settings import show_settings
    from karb.wiring.settings import shown

    rows, doubts = shown(profile)
    show_settings(rows, doubts, origin=origin, as_json=as_json)


@app.command()
def check(profile: ProfileName = None, as_json: AsJson = False) -> None:
    """Check settings, profile and data files.

    Ends with 0 when all of them can be used, with 3 otherwise.
    """
    from karb.cli.screens.checks import show_checks
    from karb.errors import ExitCode
    from karb.tasks.doctor import verdict
    from karb.wiring.checks import check_config

    rows = check_config(profile)
    show_checks("karb.config.check/1", rows, as_json=as_json)
    raise typer.Exit(verdict(rows, ExitCode.CONFIG))
