"""`karb ingest-odds`: one pass as a table, passes as lines, and what the credits are worth."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from karb.cli.options import distance_option
from karb.cli.output import document, emit, note, table
from karb.cli.screens.ingest_odds_json import busy_body, line, pass_body, plan_body
from karb.domain.edge.refusal import duration
from karb.domain.market.leagues import Kind
from karb.domain.units import SECOND, Nanos
from karb.errors import ExitCode, KarbError, UsageError

if TYPE_CHECKING:
    from karb.services.odds import Outcome
    from karb.services.odds_report import BookAge, PassReport, Season, SportReport
    from karb.tasks.credit_plan import Plan

BUSY = (
    "karb: another pass over the odds is at work on this machine; nothing was asked, no credit "
    "was spent, and its odds will serve"
)


def run(every: str | None, *, plan: bool, as_json: bool) -> ExitCode:
    """One pass, passes without end, or the plan."""
    if plan:
        if every is not None:
            raise UsageError("--plan asks for no odds", do="leave --every out")
        return _plan(as_json=as_json)
    if every is None:
        return _once(as_json=as_json)
    return _again(distance_option("--every", every), as_json=as_json)


def _once(*, as_json: bool) -> ExitCode:
    from karb.wiring.odds import one_pass

    report = one_pass(told)
    if report is None:
        note(BUSY)
        if as_json:
            document("karb.ingest-odds/1", busy_body())
        return ExitCode.OK
    if as_json:
        document("karb.ingest-odds/1", pass_body(report))
    else:
        show_pass(report)
    if report.stores:
        return ExitCode.STORE_DOWN
    return ExitCode.FINDINGS if report.failed else ExitCode.OK


def _again(every: Nanos, *, as_json: bool) -> ExitCode:
    from karb.wiring.odds import passes

    passes(every, Teller(every, as_json=as_json or not sys.stdout.isatty()), told)
    return ExitCode.OK


def told(error: KarbError) -> None:
    """Say what went wrong and is survived."""
    note(f"karb: {error}")


class Teller:
    """Tells of one pass after the other: a line each, and what is wrong when it begins to be."""

    def __init__(self, every: Nanos, *, as_json: bool) -> None:
        self._every, self._as_json = every, as_json
        self._wrong: frozenset[str] = frozenset()
        self._warned = False

    def __call__(self, outcome: "Outcome") -> None:
        """Take what came of a pass."""
        from karb.services.odds_report import PassReport

        if isinstance(outcome, PassReport):
            self._tell(outcome)
        elif outcome is None:
            note(BUSY)
            if self._as_json:
                emit(line(busy_body()))
        else:
            told(outcome)

    def _tell(self, outcome: "PassReport") -> None:
        emit(line(pass_body(outcome)) if self._as_json else _line(outcome))
        wrong = dict(problems(outcome))
        for what in wrong.keys() - self._wrong:
            note(f"karb: {wrong[what]}")
        self._wrong = frozenset(wrong)
        self._warn(outcome)

    def _warn(self, report: "PassReport") -> None:
        plan = _plan_after(report)
        if self._warned or plan is None or plan.lasts(self._every):
            return
        self._warned = True
        instead = "" if plan.every is None else f"; --every {duration(plan.every)} lasts"
        note(
            f"karb: {plan.remaining} credits are left, too few for a pass every "
            f"{duration(self._every)} until the 1st; karb goes on as you said, and waits for "
            f"new ones after the last{instead}"
        )


def _plan_after(report: "PassReport") -> "Plan | None":
    """What is left for passes like this one, where the source said what it cost."""
    from karb.tasks.credit_plan import Plan

    told = report.credits
    if told is None or told.remaining is None or not told.last:
        return None
    return Plan.of(told.remaining, told.used, cost=told.last, at=report.at)


def show_pass(report: "PassReport") -> None:
    """Print a pass."""
    table(
        ("league", "events", "priced", "books", "oldest", "remarks"),
        [_row(sport) for sport in report.sports if not _beside_the_point(sport)],
        right=("events", "priced", "books", "oldest"),
    )
    emit(_credits(report))
    for problem in report.stores:
        note(f"karb: {problem}; the other stores have this pass, and the next one is tried again")


def problems(report: "PassReport") -> Iterator[tuple[str, str]]:
    """What was wrong with a pass: a name that stays the same while it lasts, and a sentence."""
    for sport in report.sports:
        title = title_of(sport.season)
        if sport.failed:
            yield f"{title} {sport.failed}", f"{title}: {sport.failed}"
        for book in sport.late:
            yield f"{title} {book.book}", f"{title}: {_late(book)}"
    yield from ((store, store) for store in report.stores)


def title_of(season: "Season") -> str:
    """A sport for people: `NFL`, `NFL preseason`, `NFL title`."""
    if season.kind is Kind.CHAMPION:
        return f"{season.league} title"
    return f"{season.league} preseason" if season.preseason else f"{season.league}"


def _beside_the_point(sport: "SportReport") -> bool:
    """A preseason that is not on needs no row: it hardly ever is."""
    return sport.absent and sport.season.preseason


def _row(sport: "SportReport") -> tuple[str, ...]:
    title = title_of(sport.season)
    if sport.absent:
        return title, "-", "-", "-", "-", "out of season"
    if sport.failed:
        return title, "-", "-", "-", "-", f"not got: {sport.failed}"
    oldest = "-" if sport.oldest is None else duration(sport.oldest)
    counts = (str(sport.events), str(sport.priced), str(len(sport.books)))
    return title, *counts, oldest, "; ".join(map(_late, sport.late))


def _late(book: "BookAge") -> str:
    """A book whose newest quote of the whole league is too old to count."""
    return f"{book.book} stands still and is not counted, newest quote {duration(book.age)} old"


def _line(report: "PassReport") -> str:
    """One pass in one line."""
    clock = datetime.fromtimestamp(report.at // SECOND, UTC).strftime("%H:%M:%SZ")
    counts = [
        f"{title_of(sport.season)} {sport.priced}/{sport.events}"
        for sport in report.sports
        if not sport.absent and not sport.failed
    ]
    oldest = max((sport.oldest for sport in report.sports if sport.oldest is not None), default=0)
    return (
        f"{clock}  {', '.join(counts) or 'no odds'}  oldest {duration(oldest)}  {_credits(report)}"
    )


def _credits(report: "PassReport") -> str:
    told = report.credits
    if told is None or told.remaining is None:
        return "credits: the source did not say how many are left"
    cost = f"; this pass cost {told.last}" if told.last is not None else ""
    used = f", {told.used} used" if told.used is not None else ""
    return f"credits: {told.remaining} left{used}{cost}"


def _plan(*, as_json: bool) -> ExitCode:
    from karb.wiring.odds import planned

    found = planned()
    if as_json:
        document("karb.ingest-odds-plan/1", plan_body(found.plan, found.seasons))
    else:
        for sentence in sentences(found.plan, [title_of(season) for season in found.seasons]):
            emit(sentence)
    return ExitCode.OK


def sentences(plan: "Plan", leagues: list[str]) -> Iterator[str]:
    """A plan in words."""
    from karb.domain.fair.rules import DEFAULT_AGE

    until = datetime.fromtimestamp(plan.until // SECOND, UTC).strftime("%-d %B %H:%M UTC")
    used = f", {plan.used} are used" if plan.used is not None else ""
    yield (
        f"{plan.remaining} credits are left{used}; new ones come on {until}, "
        f"in {duration(plan.until - plan.at)}."
    )
    if not leagues:
        yield "No league of KARB_LEAGUES is in season: a pass costs nothing and brings nothing."
        return
    yield f"A pass over {', '.join(leagues)} costs {plan.cost}: {plan.passes} passes until then."
    if plan.every is None:
        yield "That is not enough for one pass: name fewer leagues in KARB_LEAGUES, or wait."
        return
    minutes = plan.tradable // (60 * SECOND)
    yield (
        f"Odds count as fresh for {duration(DEFAULT_AGE)}, so that is at most "
        f"{minutes} tradable minutes a day."
    )
    yield f"Evenly spread:     karb ingest-odds --every {duration(plan.every)}{_bound(plan)}"
    if plan.every > DEFAULT_AGE:
        yield (
            f"Or in one piece:   karb ingest-odds --every {duration(DEFAULT_AGE)}, "
            f"for {minutes} minutes a day before the games you trade"
        )


def _bound(plan: "Plan") -> str:
    """Why credits in plenty are not spent faster."""
    if not plan.plenty:
        return ""
    return " (the source reads the books once a minute; more often buys the same prices again)"
