"""karb: the difference between Kalshi's sports markets and the sportsbooks' fair price."""

__version__ = "0.1.0"
