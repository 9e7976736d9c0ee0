"""Which of the odds source's fixtures of the right teams is the game in question.

The exchange keeps a ticker when its game moves, the odds source moves the start of its
event; so a game is met through any start ever seen for it, and what was met only through
an earlier start is marked as moved. There is no "nearest game": a start must lie on the
ticker's Eastern date and, where a clock is stated, within 90 minutes of it; exactly one
fixture must remain, or one that was first set for just that date and clock while the others
came to it later. Baseball plays the same pair on consecutive days and twice a day, which
needs five more rules, each against a way to land on the wrong game. Football needs the
opposite: a pair with two ids within days is one game that changed its day, and the ticker
does not say which of the two is alive.

- A makeup game stands on a date that was not its first, mostly beside the game that was
  always there. Its ticker keeps the first date; alone on the later one it is refused,
  because the game that the ticker means may be the one that is missing.
- A start that fits the clock only because it was put off on its own day is refused too:
  the first game of a doubleheader, delayed by rain, comes to look like the second.
- A game put off again and again, before a day on which the pair plays twice, was perhaps
  called off: the odds source often gives its makeup a new id, and the old one just ends.
- With two fixtures on a date a clock must fit closely: a game that was rescheduled into a
  doubleheader is listed nowhere near the clock of its ticker.
- A game number needs both games: of one alone nobody knows which it is, unless a clock says.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from karb.domain.linking.fixtures import Fixture, clock_text
from karb.domain.linking.links import Unlinked
from karb.domain.linking.reading import Game, Miss
from karb.domain.linking.teams import SERIES_LEAGUES, WEEKLY_LEAGUES
from karb.domain.market.leagues import League

CLOCK_TOLERANCE = timedelta(minutes=90)
"""How far a start may lie from a stated clock."""

CLOSE_FIT = timedelta(minutes=30)
"""How far it may lie where the pair has two fixtures on the date."""

PUT_OFF = timedelta(minutes=30)
"""By how much a start must move on its day to show that the game waited, for rain mostly."""

REMATCH = timedelta(days=4)
"""Two fixtures of a football pair closer than this are one game: nobody plays again so soon."""

DOUBLEHEADER_GAP = timedelta(hours=1)
"""How far apart two fixtures start at least when they are the two games of a doubleheader."""


class Choice(msgspec.Struct, frozen=True):
    """The one fixture, whether only an earlier start of it fits, and why it was chosen."""

    fixture: Fixture
    moved: bool
    notes: tuple[str, ...]


def choose(league: League, game: Game, fixtures: Sequence[Fixture]) -> Choice | Miss:
    """The fixture that is this game, or why none or more than one can be."""
    if not fixtures:
        return Miss(Unlinked.NO_SUCH_FIXTURE, "the odds have no game of these teams")
    on_day = [fixture for fixture in fixtures if fixture.starts_on(game.day)]
    if not on_day:
        return Miss(Unlinked.OTHER_DATE, f"none on {game.day}; the odds have {_listed(fixtures)}")
    found = _by_clock(game, on_day) if game.clocks else _by_date(game, on_day)
    if isinstance(found, Miss):
        return found
    doubt: Miss | None = None
    if league in SERIES_LEAGUES:
        doubt = _doubt(game, found, fixtures, on_day)
    elif league in WEEKLY_LEAGUES:
        doubt = _listed_twice(found, fixtures)
    return doubt or _chosen(game, found, len(on_day))


def _listed_twice(found: Fixture, fixtures: Sequence[Fixture]) -> Miss | None:
    """Refuse a fixture that the odds list twice, under the id of its old day and of its new."""
    same = [fixture for fixture in fixtures if abs(fixture.start - found.start) < REMATCH]
    if len(same) == 1:
        return None
    return Miss(Unlinked.TWO_CANDIDATES, f"one game has two ids: {_listed(same)}")


def _doubt(
    game: Game, found: Fixture, fixtures: Sequence[Fixture], on_day: Sequence[Fixture]
) -> Miss | None:
    """Why a fixture of a pair that meets again and again may be another game than it seems."""
    first = found.starts[0]
    if first.date() != game.day and len(on_day) == 1:
        return Miss(
            Unlinked.OTHER_DATE,
            f"{found} was first set for {clock_text(first)}: the makeup of another game",
        )
    if game.clocks and _fit(game, found) > CLOSE_FIT and _distance(game, first) > CLOCK_TOLERANCE:
        return Miss(
            Unlinked.OTHER_TIME,
            f"{found} was first set for {clock_text(first)}: another game of that day, delayed",
        )
    if _perhaps_called_off(game, found, fixtures):
        return Miss(
            Unlinked.DOUBLEHEADER,
            f"{found} was put off, and the pair plays twice the day after: one of the two may "
            "be its makeup",
        )
    return None


def _perhaps_called_off(game: Game, found: Fixture, fixtures: Sequence[Fixture]) -> bool:
    """Whether the game waited, never began, and the pair has two games the day after.

    A start with seconds other than zero is the true first pitch: that game was played.
    """
    starts = found.starts_on(game.day)
    waited = len(starts) == len(found.starts) and starts[-1] - starts[0] >= PUT_OFF
    if not waited or any(start.second for start in starts):
        return False
    day_after = game.day + timedelta(days=1)
    return sum(fixture.starts[0].date() == day_after for fixture in fixtures) > 1


def _by_date(game: Game, on_day: Sequence[Fixture]) -> Fixture | Miss:
    """Choose without a clock: the only fixture of the date, or by doubleheader number."""
    if game.number is not None:
        return _numbered(game, on_day)
    own = [fixture for fixture in on_day if fixture.starts[0].date() == game.day]
    if len(on_day) == 1 or len(own) == 1:
        return own[0] if own else on_day[0]
    return Miss(
        Unlinked.TWO_CANDIDATES,
        f"{len(on_day)} on {game.day} and no clock in ticker or rules: {_listed(on_day)}",
    )


def _by_clock(game: Game, on_day: Sequence[Fixture]) -> Fixture | Miss:
    """Choose by the stated clock, and hold the doubleheader number against it."""
    near = [fixture for fixture in on_day if _fit(game, fixture) <= CLOCK_TOLERANCE]
    stated = " and ".join(map(clock_text, game.clocks))
    if not near:
        return Miss(
            Unlinked.OTHER_TIME, f"none within 90 minutes of {stated}; there is {_listed(on_day)}"
        )
    found = near[0] if len(near) == 1 else _first_set_there(game, near)
    if found is None:
        return Miss(Unlinked.TWO_CANDIDATES, f"near {stated} there is {_listed(near)}")
    if len(on_day) > 1 and _fit(game, found) > CLOSE_FIT:
        return Miss(
            Unlinked.DOUBLEHEADER,
            f"{len(on_day)} on {game.day}, none within 30 minutes of {stated}: {_listed(on_day)}",
        )
    return _confirmed(game, found, on_day)


def _first_set_there(game: Game, near: Sequence[Fixture]) -> Fixture | None:
    """The one that was first set for that clock, while the others came near it by moving.

    A makeup comes from another date, a delayed first game from an earlier clock. Where another
    fixture of that date fits closely too, nothing tells them apart.
    """
    close = [
        fixture
        for fixture in near
        if fixture.starts[0].date() == game.day and _fit(game, fixture) <= CLOSE_FIT
    ]
    if len(close) == 1 and _distance(game, close[0].starts[0]) <= CLOSE_FIT:
        return close[0]
    return None


def _confirmed(game: Game, fixture: Fixture, on_day: Sequence[Fixture]) -> Fixture | Miss:
    """Let a doubleheader number agree with what the clock chose."""
    if game.number is None:
        return fixture
    if len(on_day) == 1 and _distance(game, fixture.starts[0]) <= CLOCK_TOLERANCE:
        return fixture
    by_number = _numbered(game, on_day)
    if isinstance(by_number, Fixture) and by_number is not fixture:
        return Miss(
            Unlinked.DOUBLEHEADER,
            f"game {game.number} of {game.day} is {by_number}, its clock says {fixture}",
        )
    return by_number


def _numbered(game: Game, on_day: Sequence[Fixture]) -> Fixture | Miss:
    """The first or the second of exactly two fixtures that are clearly apart."""
    ordered = sorted(on_day, key=lambda fixture: fixture.starts_on(game.day))
    if len(ordered) == 2 and game.number is not None:
        first, second = (fixture.starts_on(game.day) for fixture in ordered)
        if second[0] - first[0] >= DOUBLEHEADER_GAP and second[-1] - first[-1] >= DOUBLEHEADER_GAP:
            return ordered[game.number - 1]
    return Miss(
        Unlinked.DOUBLEHEADER,
        f"game {game.number} of {game.day} needs two starts an hour apart; "
        f"there is {_listed(ordered)}",
    )


def _fit(game: Game, fixture: Fixture) -> timedelta:
    """How close the best start of the date comes to the stated clocks."""
    return min(_distance(game, start) for start in fixture.starts_on(game.day))


def _distance(game: Game, start: datetime) -> timedelta:
    """The distance to the farthest stated clock; all of them must fit."""
    return max(abs(start - clock) for clock in game.clocks)


def _chosen(game: Game, fixture: Fixture, of: int) -> Choice:
    """Say how the fixture fits, and whether only an earlier start of it does."""
    starts = fixture.starts_on(game.day)
    current = fixture.start in starts
    moved = not current or (bool(game.clocks) and _distance(game, fixture.start) > CLOCK_TOLERANCE)
    notes = [f"Eastern date {game.day}", f"{'the only one' if of == 1 else f'one of {of}'} there"]
    if game.number is not None:
        notes.append(f"game {game.number} of a doubleheader")
    if game.clocks:
        minutes = round(_fit(game, fixture).total_seconds() / 60)
        notes.append(f"a start {minutes} min from the stated {clock_text(game.clocks[0])}")
    if moved:
        notes.append(f"MOVED: fits by an earlier start only, now {clock_text(fixture.start)}")
    if fixture.event.preseason:
        notes.append("a preseason game")
    return Choice(fixture, moved, tuple(notes))


def _listed(fixtures: Sequence[Fixture]) -> str:
    """The first few fixtures in words."""
    shown = "; ".join(map(str, fixtures[:3]))
    return f"{shown} and {len(fixtures) - 3} more" if len(fixtures) > 3 else shown
