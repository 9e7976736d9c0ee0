"""An offline Kalshi exchange and The Odds API on loopback; imports nothing of karb."""
