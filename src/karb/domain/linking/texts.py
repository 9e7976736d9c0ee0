"""What the exchange's sentences say about a game: who plays, when, and which of two games.

Wordings seen over two seasons:

    title          Baltimore at Green Bay Winner? / Chicago WS vs Miami Winner? / Vegas wins
    event title    Atlanta vs Green Bay / Boston vs New York Y: Game 2
    rules          If Green Bay wins the Baltimore at Green Bay professional football game
                   originally scheduled for Dec 27, 2025, then ...
                   ... wins the Game 6: Carolina at Vegas professional hockey game scheduled for ...
                   ... professional baseball game (Game 1) originally scheduled for Aug 12, 2026
                   at 7:07 PM EDT, then ...
                   ... wins the ATL Falcons vs NO Saints Pro Football game originally ...

A sentence of another wording says nothing; it is never guessed at. The order of the two
teams means nothing either: it is not reliably away and home.
"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

EASTERN = ZoneInfo("America/New_York")
"""The zone of every date and clock that the exchange writes for these leagues."""

_ZONES = {
    "E": EASTERN,
    "C": ZoneInfo("America/Chicago"),
    "M": ZoneInfo("America/Denver"),
    "P": ZoneInfo("America/Los_Angeles"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# One school has the separator in its name: `University at Albany at Iowa`.
_TITLE = re.compile(
    r"(?:Game \d+: )?(?P<one>(?:University at )?.+?) (?:at|vs\.?|@) (?P<two>.+?)"
    r"(?: \(Game \d\)|: Game \d)?(?: Winner)?\??"
)
_RULES = re.compile(
    r"\bwins? the (?:Game \d+: )?(?P<one>(?:University at )?.+?) (?:at|vs\.?|@) (?P<two>.+?) "
    r"(?:\(Game \d\) )?(?:[Pp]rofessional|[Pp]ro|college|College (?=Football|Basketball)"
    r"|[Mm]en['\u2019]s|NFL|NBA|MLB|NHL|NCAA|football|basketball|baseball|hockey|game)\b"
)
_SCHEDULED = re.compile(
    r"scheduled for (?P<month>[A-Z][a-z]{2})[a-z]*\.? (?P<day>\d{1,2}), (?P<year>\d{4})"
    r"(?: at (?P<hour>\d{1,2}):(?P<minute>\d\d) ?(?P<half>[AP])M (?P<zone>[ECMP])[DS]?T\b)?"
)
_NUMBER = re.compile(r"\(Game ([12])\)")


class Schedule(msgspec.Struct, frozen=True):
    """The date a text gives for a game, and its clock (Eastern) when it gives one."""

    day: date
    clock: datetime | None


def sides_of_title(title: str) -> tuple[str, str] | None:
    """The two names in a market's or event's title, or None when it does not name two."""
    return _sides(_TITLE.fullmatch(title.strip()))


def sides_of_rules(rules: str) -> tuple[str, str] | None:
    """The two names in the rules, or None when they are worded otherwise."""
    return _sides(_RULES.search(rules))


def _sides(found: re.Match[str] | None) -> tuple[str, str] | None:
    return (found["one"].strip(), found["two"].strip()) if found else None


def schedule_of_rules(rules: str) -> Schedule | None:
    """When the rules say that the game was first to be played; None when they do not."""
    found = _SCHEDULED.search(rules)
    if found is None or found["month"] not in _MONTHS:
        return None
    try:
        day = date(int(found["year"]), _MONTHS.index(found["month"]) + 1, int(found["day"]))
        return Schedule(day, _clock(found, day) if found["zone"] else None)
    except ValueError:
        return None


def _clock(found: re.Match[str], day: date) -> datetime:
    if not 1 <= int(found["hour"]) <= 12:
        raise ValueError("not a clock of twelve hours")
    hour = int(found["hour"]) % 12 + (12 if found["half"] == "P" else 0)
    zone = _ZONES[found["zone"]]
    local = datetime(day.year, day.month, day.day, hour, int(found["minute"]), tzinfo=zone)
    return local.astimezone(EASTERN)


def number_of(text: str) -> int | None:
    """Which game of a doubleheader a text says it is: 1, 2 or None."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else None
