"""Start, stop and look at karb's own stores."""

import typer

from karb.cli.output import AsJson
from karb.cli.watch import Watch, Watched, watched

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _services() -> None:
    """Start, stop and look at Redis, PostgreSQL and QuestDB.

    Without REDIS_URL, DATABASE_URL or QUESTDB_PG_HOST karb runs servers of its own in
    KARB_DATA_DIR. Every command that needs one starts it; they are shared by all karb processes
    that use this folder and go on until they are stopped here. A server of the settings is
    looked at and left alone.
    """


@app.command()
def start(as_json: AsJson = False) -> None:
    """Start what is not running, and say where each store is.

    Ends with 0 when all three answer, with 8 when one does not.
    """
    from karb.cli.screens.services import start as screen

    raise typer.Exit(screen(as_json=as_json))


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Stop karb's own stores cleanly; what they hold stays.

    Ends with 0, also when nothing ran; with 7 when processes that use them are running, which
    start them again; with 8 when one does not stop.
    """
    from karb.cli.screens.services import stop as screen

    raise typer.Exit(screen(as_json=as_json))


@app.command(cls=Watched)
def status(watch: Watch = None, as_json: AsJson = False) -> None:
    """Show each store's state and address, and how to look inside.

    Ends with 0 when all three run, with 7 when one does not. Starts nothing.
    """
    from karb.cli.screens.services import status as screen

    raise typer.Exit(watched(lambda: screen(as_json=as_json), watch, as_json=as_json))
