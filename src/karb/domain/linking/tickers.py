"""What a ticker says by itself, and no more than it says.

| shape                 | example                              | pays on                          |
|-----------------------|--------------------------------------|----------------------------------|
| game                  | `KXNFLGAME-25DEC27BALGB-GB`          | one game                         |
| game with clock       | `KXMLBGAME-26AUG121907BOSTOR-BOS`    | the game of 19:07 Eastern        |
| doubleheader          | `KXMLBGAME-25AUG09MIAATLG2-MIA`      | the second game of that day      |
| hyphens inside codes  | `KXNCAAFGAME-25DEC27M-OHFRES-M-OH`   | one game, team M-OH              |
| champion              | `KXNHL-27-WSH`                       | the title decided in 2027        |
| dated team            | `KXNFL-26JAN11-BUF`                  | that team's game of that day     |

Dates and clocks are US Eastern. The two codes of a game stand glued together and are never
cut by length: `LACAR` is LA and CAR, or LAC and AR. Only known codes cut them
(`opponent_codes`). A series counts when it equals one of the twelve here; spreads, totals
and parlays share their beginnings (`KXNFLSPREAD`, `KXMVENFLSINGLEGAME`) and mean other things.
"""

import re
from collections.abc import Callable, Container, Iterable
from datetime import date, time
from types import MappingProxyType

import msgspec

from karb.domain.market.leagues import Kind, League

GAME_SERIES = MappingProxyType(
    {
        "KXNFLGAME": League.NFL,
        "KXNCAAFGAME": League.NCAAF,
        "KXNBAGAME": League.NBA,
        "KXNCAAMBGAME": League.NCAAB,
        "KXMLBGAME": League.MLB,
        "KXNHLGAME": League.NHL,
    }
)
"""Series of game winners."""

BARE_SERIES = MappingProxyType({f"KX{league}": league for league in League})
"""Series of season champions; with a date behind them, shorthand for a team's game."""

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DATED = re.compile(r"(\d\d)([A-Z]{3})(\d\d)(.*)", re.ASCII)
_CLOCK = re.compile(r"(\d\d)(\d\d)(.*)", re.ASCII)
_GLUED = re.compile(r"[A-Z][A-Z0-9&-]*", re.ASCII)
_SEASON = re.compile(r"\d\d", re.ASCII)


class Ticker(msgspec.Struct, frozen=True, kw_only=True):
    """A ticker taken apart. `code` is the team YES pays on.

    A game has a `day`, and a `clock` and `number` (1 or 2, of a doubleheader) where the
    ticker has them; `pair` is the two codes as they stand, empty for a dated team. A
    champion has a `season`: the year the title is decided in.
    """

    series: str
    league: League
    kind: Kind
    code: str
    day: date | None = None
    clock: time | None = None
    number: int | None = None
    pair: str = ""
    season: int | None = None


def series_of(ticker: str) -> str:
    """The part before the first hyphen."""
    return ticker.partition("-")[0]


def is_supported(series: str) -> bool:
    """Whether karb links markets of this series at all."""
    return series in GAME_SERIES or series in BARE_SERIES


def series_for(leagues: Iterable[League], kinds: Container[Kind]) -> tuple[str, ...]:
    """The series that hold these leagues' games, titles, or both."""
    wanted = frozenset(leagues)
    games = [series for series, league in GAME_SERIES.items() if league in wanted]
    titles = [series for series, league in BARE_SERIES.items() if league in wanted]
    return (
        *(games if Kind.GAME in kinds else ()),
        *(titles if Kind.CHAMPION in kinds else ()),
    )


def league_and_kind(series: str) -> tuple[League, Kind] | None:
    """What a series is about; None when karb does not link it.

    A bare series is a champion's, though a dated ticker in it (`KXNFL-26JAN11-BUF`) is a game.
    """
    if series in GAME_SERIES:
        return GAME_SERIES[series], Kind.GAME
    return (BARE_SERIES[series], Kind.CHAMPION) if series in BARE_SERIES else None


def parse_ticker(ticker: str, event_ticker: str = "") -> Ticker | None:
    """Take a ticker apart; None when its series is unsupported or its shape unknown.

    With the event's ticker the code is what follows it, hyphens and all. Without, the code
    is what the glued pair begins or ends with, else what follows the last hyphen.
    """
    series, _, rest = ticker.partition("-")
    if event_ticker and not ticker.startswith(f"{event_ticker}-"):
        return None
    if series in GAME_SERIES:
        return _game(series, rest, ticker[len(event_ticker) + 1 :] if event_ticker else "")
    if series in BARE_SERIES:
        return _bare(series, rest)
    return None


def _game(series: str, rest: str, code: str) -> Ticker | None:
    dated = _day(rest)
    if dated is None:
        return None
    day, body = dated
    clock: time | None = None
    if body[:1].isdigit():
        timed = _time(body)
        if timed is None:
            return None
        clock, body = timed
    return next(
        (
            Ticker(
                series=series,
                league=GAME_SERIES[series],
                kind=Kind.GAME,
                code=suffix,
                day=day,
                clock=clock,
                number=number,
                pair=pair,
            )
            for pair, number, suffix in _cuts(body, code)
        ),
        None,
    )


def _bare(series: str, rest: str) -> Ticker | None:
    when, _, code = rest.partition("-")
    if not _GLUED.fullmatch(code):
        return None
    league = BARE_SERIES[series]
    if _SEASON.fullmatch(when):
        return Ticker(
            series=series, league=league, kind=Kind.CHAMPION, code=code, season=2000 + int(when)
        )
    dated = _day(when)
    if dated is None or dated[1]:
        return None
    return Ticker(series=series, league=league, kind=Kind.GAME, code=code, day=dated[0])


def _day(text: str) -> tuple[date, str] | None:
    """The date that a text begins with, and what follows it."""
    found = _DATED.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    try:
        day = date(2000 + int(found[1]), _MONTHS.index(found[2]) + 1, int(found[3]))
    except ValueError:
        return None
    return day, found[4]


def _time(text: str) -> tuple[time, str] | None:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    return time(int(found[1]), int(found[2])), found[3]


def _cuts(body: str, code: str) -> list[tuple[str, int | None, str]]:
    """Pair, game number and code; one answer, or none when several or none make sense."""
    if code:
        cuts = [(body[: -len(code) - 1], code)]
    else:
        hyphens = [at for at, ch in enumerate(body) if ch == "-"]
        cuts = [(body[:at], body[at + 1 :]) for at in hyphens]
    read = [
        (*_numbered(pair, suffix), suffix)
        for pair, suffix in cuts
        if _GLUED.fullmatch(pair) and _GLUED.fullmatch(suffix)
    ]
    sure = [cut for cut in read if cut[0].startswith(cut[2]) or cut[0].endswith(cut[2])]
    return sure if len(sure) == 1 else read[-1:] if not sure else []


def _numbered(pair: str, code: str) -> tuple[str, int | None]:
    """Take G1 or G2 off the glued pair, unless a team's own code ends so."""
    if pair[-2:] in ("G1", "G2") and len(pair) > 2 and not pair.endswith(code):
        return pair[:-2], int(pair[-1])
    return pair, None


def opponent_codes(pair: str, code: str, known: Callable[[str], bool]) -> frozenset[str]:
    """Every code that can be the other half of a glued pair; one element means certainty.

    The market's own code, at either end, cuts the pair. Where it stands at neither (the
    exchange writes `CSULCHI` beside the code `IL`) nothing is certain, and the set is empty.
    """
    halves = set()
    if pair.startswith(code):
        halves.add(pair[len(code) :])
    if pair.endswith(code):
        halves.add(pair[: -len(code)])
    return frozenset(half for half in halves if half and known(half))


def known_splits(pair: str, known: Callable[[str], bool]) -> list[tuple[str, str]]:
    """Every way to cut a glued pair into two known codes."""
    cuts = [(pair[:at], pair[at:]) for at in range(1, len(pair))]
    return [(away, home) for away, home in cuts if known(away) and known(home)]
