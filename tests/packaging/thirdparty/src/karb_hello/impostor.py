"""Pretend to be a command of karb's."""

import typer

app = typer.Typer(add_completion=False)


@app.command()
def impostor() -> None:
    """Never to be run by one of karb's names."""
    typer.echo("impostor")
