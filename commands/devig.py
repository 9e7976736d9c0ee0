"""Take the bookmaker's margin out of odds.

Prints every method's fair price. Odds may be American (-110, +130), decimal
(1.91) or fractional (10/11), mixed as you like, one for each outcome. A whole
number of 100 and more, or of -100 and less, is American; write 130.0 for
decimal odds of 130.

\b
  karb devig -150 +130
  karb devig 1.91 1.91
  karb devig 5/2 11/10 3.2
"""

from typing import Annotated

import typer

from karb.cli.output import AsJson, document

app = typer.Typer(add_completion=False, rich_markup_mode=None)


# Without ignore_unknown_options a favourite's -150 would be taken for an option.
@app.command(help=__doc__, context_settings={"ignore_unknown_options": True})
def devig(
    odds: Annotated[
        list[str], typer.Argument(metavar="ODDS...", help="The odds of every outcome.")
    ],
    as_json: AsJson = False,
) -> None:
    """Print every method's probabilities, fair odds, margin and hold."""
    from karb.tasks.devig import calculate

    answer = calculate(odds)
    if as_json:
        from msgspec.structs import asdict

        document("karb.devig/1", asdict(answer))
    else:
        from karb.cli.screens.devig import show

        show(answer)
