"""Measure linking against a truth: wrong links, misses with their reasons, by league.

Counted per exchange event, whatever number of markets it has. A link is wrong when the
truth names another id, says NONE, or does not know the event; an event whose markets went to
two ids is wrong too. Recall asks how many of the events with an id were linked rightly;
an event of the truth that is not among the markets is a miss. Rows of a kind other than
`match` take their event out of the count on both sides.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.tickers import GAME_SERIES, series_of
from karb.domain.linking.truth import MATCH, TruthRow
from karb.errors import DataError

ABSENT = "not_among_the_markets"


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of events. `expected` have an id in the truth, `linked` were linked by karb.

    `precision` is right / linked and `recall` right / expected; 1 where nothing was there
    to get wrong.
    """

    expected: int
    linked: int
    right: int
    wrong: int
    missed: int
    precision: float
    recall: float


class Wrong(msgspec.Struct, frozen=True):
    """An event that went to another game than the truth says."""

    event_ticker: str
    league: str
    expected: str
    linked_to: tuple[str, ...]
    evidence: tuple[str, ...]


class Miss(msgspec.Struct, frozen=True):
    """An event that should have been linked, and why it was not."""

    event_ticker: str
    league: str
    expected: str
    reason: str
    detail: str
    proposals: tuple[str, ...] = ()


class Audit(msgspec.Struct, frozen=True):
    """The whole result; `leagues` maps a league to its score."""

    summary: Score
    leagues: dict[str, Score]
    wrong: tuple[Wrong, ...]
    misses: tuple[Miss, ...]

    @property
    def clean(self) -> bool:
        """Nothing wrong and nothing missed."""
        return not self.wrong and not self.misses


def audit(
    answers: Iterable[Link | NoLink],
    truth: Sequence[TruthRow],
    propose: Callable[[NoLink], NoLink],
) -> Audit:
    """Score answers against the truth. Raises DataError when the truth contradicts itself."""
    rows = _by_event(truth)
    excluded = {row.event_ticker for row in truth if row.kind != MATCH} - rows.keys()
    found: defaultdict[str, list[Link | NoLink]] = defaultdict(list)
    for answer in answers:
        if answer.event_ticker not in excluded:
            found[answer.event_ticker].append(answer)
    wrong: list[Wrong] = []
    misses: list[Miss] = []
    right: Counter[str] = Counter()
    for event_ticker in dict.fromkeys((*rows, *found)):
        row = rows.get(event_ticker) or _unknown(event_ticker)
        judged = _judge(row, found.get(event_ticker, []), propose)
        if isinstance(judged, Wrong):
            wrong.append(judged)
        elif isinstance(judged, Miss):
            misses.append(judged)
        elif judged:
            right[row.league] += 1
    return _counted(rows, right, wrong, misses)


def _by_event(truth: Sequence[TruthRow]) -> dict[str, TruthRow]:
    rows: dict[str, TruthRow] = {}
    for row in truth:
        if row.kind != MATCH:
            continue
        before = rows.setdefault(row.event_ticker, row)
        if before.odds_event_id != row.odds_event_id:
            raise DataError(
                f"the truth gives {row.event_ticker} two answers: "
                f"{before.odds_event_id or 'NONE'} and {row.odds_event_id or 'NONE'}",
                means="nothing can be scored against it",
                do="leave one row for each event",
            )
    return rows


def _unknown(event_ticker: str) -> TruthRow:
    """What the truth says of an event that it does not list: no link may be made."""
    return TruthRow(event_ticker, None, str(GAME_SERIES.get(series_of(event_ticker), "other")))


def _judge(
    row: TruthRow, answers: Sequence[Link | NoLink], propose: Callable[[NoLink], NoLink]
) -> Wrong | Miss | bool:
    """Wrong, missed, rightly linked (True), or rightly left alone (False)."""
    links = [answer for answer in answers if isinstance(answer, Link)]
    ids = tuple(dict.fromkeys(link.odds_event_id for link in links))
    if ids and ids != (row.odds_event_id,):
        expected = row.odds_event_id or "NONE"
        return Wrong(row.event_ticker, row.league, expected, ids, links[0].evidence)
    if ids or row.odds_event_id is None:
        return bool(ids)
    unlinked = [answer for answer in answers if isinstance(answer, NoLink)]
    if not unlinked:
        detail = "the markets given hold none of this event"
        return Miss(row.event_ticker, row.league, row.odds_event_id, ABSENT, detail)
    cause = propose(_first_cause(unlinked))
    return Miss(
        row.event_ticker,
        row.league,
        row.odds_event_id,
        str(cause.reason),
        cause.detail,
        cause.proposals,
    )


def _first_cause(unlinked: Sequence[NoLink]) -> NoLink:
    """The market that failed by itself rather than by its sibling."""
    own = (one for one in unlinked if one.reason is not Unlinked.UNKNOWN_OPPONENT)
    return next(own, unlinked[0])


def _counted(
    rows: Mapping[str, TruthRow],
    right: Counter[str],
    wrong: Sequence[Wrong],
    misses: Sequence[Miss],
) -> Audit:
    expected = Counter(row.league for row in rows.values() if row.odds_event_id is not None)
    lost = Counter(one.league for one in wrong)
    missed = Counter(one.league for one in misses)
    leagues = {
        name: _score(expected[name], right[name], lost[name], missed[name])
        for name in sorted({*expected, *right, *lost, *missed})
    }
    total = _score(sum(expected.values()), sum(right.values()), len(wrong), len(misses))
    return Audit(total, leagues, tuple(wrong), tuple(misses))


def _score(expected: int, right: int, wrong: int, missed: int) -> Score:
    linked = right + wrong
    return Score(
        expected=expected,
        linked=linked,
        right=right,
        wrong=wrong,
        missed=missed,
        precision=right / linked if linked else 1.0,
        recall=right / expected if expected else 1.0,
    )
