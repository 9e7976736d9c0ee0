"""Show the trading profiles: side by side, or one in full."""

from typing import Annotated

import typer

from karb.cli.output import AsJson

app = typer.Typer(add_completion=False, rich_markup_mode=None)


def _names() -> list[str]:
    from karb.config.profiles import profile_names

    return list(profile_names())


@app.command()
def profiles(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A profile in any case, or a .toml file; without it all six.",
            autocompletion=_names,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the trading profiles: what each asks of an edge before it becomes a signal.

    Without a name the six stand side by side, reduced to what differs. With a name every key
    is shown with its unit; a file of your own is checked on the way.
    """
    from karb.cli.screens.profiles import show_profiles

    show_profiles(name, as_json=as_json)
