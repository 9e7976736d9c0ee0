"""Greet from another package."""

import typer

app = typer.Typer(add_completion=False)


@app.command()
def hello(name: str = "you") -> None:
    """Greet somebody."""
    typer.echo(f"hello {name}")
