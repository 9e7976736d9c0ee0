"""Where the example that ships with karb lies: invented markets and odds of six leagues."""

from importlib.resources import files
from pathlib import Path


def example_paths() -> tuple[Path, Path]:
    """The folder of Kalshi's markets and the folder of the sportsbooks' odds.

    karb is installed as files, never run from a zip, so a package's data are paths.
    """
    root = Path(str(files("karb"))) / "data" / "example"
    return root / "kalshi", root / "odds"
