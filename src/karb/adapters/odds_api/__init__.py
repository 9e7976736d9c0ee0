"""The Odds API v4: its answers as karb's values."""
