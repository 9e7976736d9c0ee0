"""Who plays and when, according to the exchange alone.

The markets of one event are read together, because each knows only its own team. Every
place that names a team must agree with every other: the text of the outcome, the code in
the ticker, the sibling market, the titles, the rules, the glued pair. A place that names
nobody is skipped; a place that names somebody else ends the reading. Odds are not looked
at here.
"""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from karb.domain.linking.links import Unlinked
from karb.domain.linking.teams import COLLEGES, SERIES_LEAGUES, Team, TeamTable
from karb.domain.linking.texts import (
    EASTERN,
    number_of,
    schedule_of_rules,
    sides_of_rules,
    sides_of_title,
)
from karb.domain.linking.tickers import Ticker, known_splits, opponent_codes
from karb.domain.market.messages import Event, Market


class MarketFacts(msgspec.Struct, frozen=True):
    """What linking needs of a market. `team` is the text of the outcome that YES pays on."""

    ticker: str
    event_ticker: str = ""
    title: str = ""
    team: str = ""
    event_title: str = ""
    rules: str = ""


def facts_of(market: Market, event: Event | None = None) -> MarketFacts:
    """A market as linking sees it: no price and no estimate of an end.

    The event, where it is at hand, has a title that some markets lack.
    """
    return MarketFacts(
        ticker=market.ticker,
        event_ticker=market.event_ticker,
        title=market.title,
        team=market.team,
        event_title=market.event_title or (event.title if event is not None else ""),
        rules=market.rules,
    )


class Miss(msgspec.Struct, frozen=True):
    """Why there is no link. `unknown` is the name that no table has, where that is why."""

    reason: Unlinked
    detail: str
    unknown: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """One market with its team, and how the team was found."""

    facts: MarketFacts
    ticker: Ticker
    team: Team
    how: str


class Game(msgspec.Struct, frozen=True):
    """One game as the exchange describes it: its one or two outcomes, the opponent, the time.

    `opponent` is the other team of the first outcome, None where the ticker names one team
    only. `clocks` are the stated starts, Eastern, none when only a date is known.
    """

    day: date
    clocks: tuple[datetime, ...]
    number: int | None
    outcomes: tuple[Outcome, ...]
    opponent: Team | None
    notes: tuple[str, ...]


def read_outcome(facts: MarketFacts, ticker: Ticker, table: TeamTable) -> Outcome | Miss:
    """The team that YES pays on, by the outcome's text and the ticker's code.

    Professional leagues: both must agree where both are known. Colleges: the text decides,
    because codes are reused. A code alone decides only where there is no text, or
    where the text is one that several teams share (`Los Angeles`) and the code's among them.
    """
    text = facts.team.strip()
    named, coded = table.by_exchange(text) if text else None, table.by_code(ticker.code)
    if named is not None:
        if coded is None or coded is named:
            also = f" and by code {ticker.code}" if coded else ""
            return Outcome(facts, ticker, named, f"{named.name} by name {text!r}{also}")
        if table.league in COLLEGES:
            how = f"{named.name} by name {text!r} (code {ticker.code} suggests {coded.name})"
            return Outcome(facts, ticker, named, how)
        return Miss(
            Unlinked.TEAM_CONFLICT,
            f"the market's text {text!r} is {named.name}, its code {ticker.code} is {coded.name}",
        )
    sharing = table.sharing(text)
    if coded is not None and (not text or (table.league not in COLLEGES and coded in sharing)):
        return Outcome(facts, ticker, coded, f"{coded.name} by code {ticker.code}")
    if sharing:
        names = ", ".join(team.name for team in sharing[:4])
        return Miss(Unlinked.AMBIGUOUS_TEAM, f"{text!r} can be {names}", text)
    return Miss(
        Unlinked.UNKNOWN_TEAM,
        f"no {table.league} team is called {text!r}"
        if text
        else f"the market names no team and no {table.league} team has the code {ticker.code!r}",
        text or ticker.code,
    )


def read_game(outcomes: Sequence[Outcome], table: TeamTable) -> Game | Miss:
    """Join the outcomes of one event into a game; all must agree on teams and time."""
    when = _when(outcomes)
    if isinstance(when, Miss):
        return when
    teams = _distinct(outcomes)
    if isinstance(teams, Miss):
        return teams
    opponents: list[Team | None] = []
    notes: list[str] = []
    for outcome in outcomes:
        found = _opponent(outcome, teams, table)
        if isinstance(found, Miss):
            return found
        opponents.append(found[0])
        notes.append(found[1])
    day, clocks, number = when
    if table.league not in SERIES_LEAGUES:
        number = None  # "(Game 1)" counts the games of a playoff series there.
    unique = tuple(dict.fromkeys(notes))
    return Game(day, clocks, number, tuple(outcomes), opponents[0], unique)


def _distinct(outcomes: Sequence[Outcome]) -> list[Team] | Miss:
    """The teams of the event's markets: one or two, each once."""
    teams = [outcome.team for outcome in outcomes]
    if len(set(teams)) < len(teams):
        twice = next(team for team in teams if teams.count(team) > 1)
        return Miss(Unlinked.SAME_TEAM_TWICE, f"two markets of this event pay on {twice.name}")
    if len(teams) > 2:
        names = ", ".join(team.name for team in teams)
        return Miss(Unlinked.TEAM_CONFLICT, f"the event's markets pay on more teams: {names}")
    return teams


def _when(
    outcomes: Sequence[Outcome],
) -> tuple[date, tuple[datetime, ...], int | None] | Miss:
    """Date, stated starts and doubleheader number, from tickers, titles and rules."""
    days: set[date] = set()
    clocks: set[datetime] = set()
    numbers: set[int] = set()
    for outcome in outcomes:
        facts, ticker = outcome.facts, outcome.ticker
        if ticker.day is not None:
            days.add(ticker.day)
            if ticker.clock is not None:
                clocks.add(datetime.combine(ticker.day, ticker.clock, tzinfo=EASTERN))
        if (stated := schedule_of_rules(facts.rules)) is not None:
            days.add(stated.day)
            clocks |= {stated.clock} if stated.clock is not None else set()
        told = (ticker.number, *map(number_of, (facts.title, facts.event_title, facts.rules)))
        numbers |= {number for number in told if number is not None}
    if len(days) != 1:
        stated_days = " and ".join(sorted(day.isoformat() for day in days))
        return Miss(Unlinked.OTHER_DATE, f"ticker and rules give different dates: {stated_days}")
    if len(numbers) > 1:
        return Miss(Unlinked.DOUBLEHEADER, "the texts call it both game 1 and game 2")
    return days.pop(), tuple(sorted(clocks)), next(iter(numbers), None)


def _opponent(
    outcome: Outcome, teams: Sequence[Team], table: TeamTable
) -> tuple[Team | None, str] | Miss:
    """The other team and where it is named; every place that names one must agree."""
    if not outcome.ticker.pair:
        return None, "the ticker names one team and a date"
    siblings = [team for team in teams if team is not outcome.team]
    sources = dict(zip(["the sibling market"], siblings, strict=False))
    strange: list[str] = []
    for place, sides in _sentences(outcome.facts):
        found = _other_side(sides, outcome.team, table)
        if isinstance(found, Team):
            sources[place] = found
        elif isinstance(found, str):
            strange.append(found)
        else:
            return Miss(
                Unlinked.TEAM_CONFLICT,
                f"YES pays on {outcome.team.name}, but {place} names {' and '.join(sides)}",
            )
    coded = _coded_opponent(outcome, table)
    if coded is not None and (table.league not in COLLEGES or not (sources or strange)):
        sources["the ticker"] = coded
    return _agreed(outcome, sources, strange)


def _sentences(facts: MarketFacts) -> list[tuple[str, tuple[str, str]]]:
    """The places that name two sides, with the sides."""
    places = (
        ("the title", sides_of_title(facts.title)),
        ("the event's title", sides_of_title(facts.event_title)),
        ("the rules", sides_of_rules(facts.rules)),
    )
    return [(place, sides) for place, sides in places if sides is not None]


def _other_side(sides: tuple[str, str], team: Team, table: TeamTable) -> Team | str | None:
    """The side that is not `team`; the text of an unknown side; None when `team` is neither."""
    known = [table.by_exchange(side) for side in sides]
    if team in known:
        other = 1 - known.index(team)
        return known[other] or sides[other]
    unknown = [side for side, found in zip(sides, known, strict=True) if found is None]
    return unknown[0] if unknown else None


def _coded_opponent(outcome: Outcome, table: TeamTable) -> Team | None:
    """The other half of the glued pair, when only one reading of it is possible."""

    def known(code: str) -> bool:
        return table.by_code(code) is not None

    ticker = outcome.ticker
    codes = opponent_codes(ticker.pair, ticker.code, known)
    if not codes:
        splits = known_splits(ticker.pair, known)
        teams = [{table.by_code(away), table.by_code(home)} for away, home in splits]
        if len(teams) == 1 and outcome.team in teams[0]:
            return next((team for team in teams[0] if team is not outcome.team), None)
        return None
    found = {table.by_code(code) for code in codes}
    return found.pop() if len(found) == 1 else None


def _agreed(
    outcome: Outcome, sources: dict[str, Team], strange: list[str]
) -> tuple[Team, str] | Miss:
    opponents = set(sources.values())
    if len(opponents) > 1:
        said = ", ".join(f"{place} names {team.name}" for place, team in sources.items())
        return Miss(Unlinked.TEAM_CONFLICT, f"the opponent of {outcome.team.name}: {said}")
    # A ticker is read by codes alone; against a name that no table has it proves nothing.
    if not opponents or (strange and set(sources) == {"the ticker"}):
        unknown = strange[0] if strange else ""
        detail = (
            f"no team is called {unknown!r}" if strange else "title, rules and ticker name none"
        )
        return Miss(
            Unlinked.UNKNOWN_OPPONENT, f"the opponent of {outcome.team.name}: {detail}", unknown
        )
    opponent = opponents.pop()
    if opponent is outcome.team:
        return Miss(Unlinked.SAME_TEAM_TWICE, f"{opponent.name} would play itself")
    return opponent, f"opponent by {', '.join(sources)}"
