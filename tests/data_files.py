"""Where recorded data lies; tests that need it skip with a reason where it does not."""

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("KARB_DATA") or Path(__file__).parents[2] / "shared" / "data")


def recorded(relative: str) -> Path:
    """A recorded file or folder under `KARB_DATA`, or a skip that says what is missing."""
    path = ROOT / relative
    if not path.exists():
        pytest.skip(f"recorded data {relative} is not under {ROOT}; set KARB_DATA")
    return path
