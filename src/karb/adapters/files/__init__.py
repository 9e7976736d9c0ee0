"""Recorded markets and odds from files: what `detect --once` and `map-events audit` read."""
