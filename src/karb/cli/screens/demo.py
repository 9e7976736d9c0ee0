"""`karb demo`: what is about to be seen, and the screen of `karb run`."""

from karb.cli.output import note
from karb.cli.screens.running import shown

ABOUT = (
    "karb demo: an invented exchange and nine invented sportsbooks on this machine. "
    "Nothing is traded; Ctrl-C ends it."
)


def run(profile: str | None, *, seed: int, speed: float, as_json: bool) -> None:
    """Run the demo, and show it."""
    note(ABOUT)
    from karb.wiring.demo import DemoWanted, demo

    demo(DemoWanted(profile, seed, speed), shown(as_json=as_json))
