"""Hand over something that is no Typer app."""


def app() -> None:
    """Run by nobody."""
