"""The six leagues karb knows, by the short names that people and keys use."""

from enum import StrEnum


class League(StrEnum):
    """A league; `sport` is its name in cache keys and history rows."""

    NFL = "NFL"
    NCAAF = "NCAAF"
    NBA = "NBA"
    NCAAB = "NCAAB"
    MLB = "MLB"
    NHL = "NHL"

    @property
    def sport(self) -> str:
        """Lower case, as in `odds:nfl:...`."""
        return self.value.lower()


class Kind(StrEnum):
    """What a contract pays on: one game, or a season's championship."""

    GAME = "game"
    CHAMPION = "champion"
