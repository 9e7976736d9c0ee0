"""`karb map-events` over the stores: links with evidence, markets without, what to decide."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from karb.cli.options import distance_option
from karb.cli.output import document, emit, note, table
from karb.domain.linking.links import Link, NoLink
from karb.domain.units import SECOND
from karb.errors import ExitCode

if TYPE_CHECKING:
    from karb.errors import KarbError
    from karb.tasks.review import Pending
    from karb.wiring.mapping import Mapped

Answer = Link | NoLink


def link_markets(every: str | None, *, as_json: bool) -> ExitCode:
    """One pass over every market, or passes without end; FINDINGS when one has no link."""
    distance = None if every is None else distance_option("--every", every)
    from karb.wiring.mapping import one_pass, passes

    if distance is not None:
        passes(distance, Teller(as_json=as_json or not sys.stdout.isatty()), told)
        return ExitCode.OK
    found = one_pass(told)
    linked, unlinked = _parted(found.answers)
    unlinked = _with_names(unlinked)
    if as_json:
        from karb.cli.screens.mapping_json import pass_body

        document("karb.map-events/1", pass_body(found, linked, unlinked))
    else:
        _show_links(linked)
        _show_unlinked(unlinked)
        emit(_counted(found))
    return _code(unlinked)


def unmapped_markets(*, as_json: bool) -> ExitCode:
    """The markets without a link, as a pass would find them now."""
    from karb.wiring.mapping import looked

    _, unlinked = _parted(looked(told).answers)
    unlinked = _with_names(unlinked)
    if as_json:
        from karb.cli.screens.mapping_json import plain

        document("karb.unmapped/1", {"unlinked": plain(unlinked)})
    else:
        _show_unlinked(unlinked)
        emit(f"markets without a link: {len(unlinked)}")
    return _code(unlinked)


def review_markets(*, as_json: bool) -> ExitCode:
    """What waits for a person; FINDINGS when anything does."""
    from karb.wiring.mapping import reviewed

    waiting = reviewed(told)
    if as_json:
        import msgspec

        document("karb.review/1", {"waiting": msgspec.to_builtins(waiting)})
    elif waiting:
        _show_review(waiting)
    else:
        emit("nothing waits for a decision")
    return ExitCode.FINDINGS if waiting else ExitCode.OK


def accept_link(ticker: str, event: str, outcome: str, reason: str, *, as_json: bool) -> ExitCode:
    """Link a market by hand, and show what came of it."""
    from karb.wiring.mapping_words import accepted

    return _shown(accepted(ticker, event, outcome, reason, told), as_json=as_json)


def reject_link(ticker: str, event: str, reason: str, *, as_json: bool) -> ExitCode:
    """Never link a market to an odds event, and show what came of it."""
    from karb.wiring.mapping_words import rejected

    return _shown(rejected(ticker, event, reason, told), as_json=as_json)


def _shown(answers: Sequence[Answer], *, as_json: bool) -> ExitCode:
    linked, unlinked = _parted({answer.ticker: answer for answer in answers})
    if as_json:
        from karb.cli.screens.mapping_json import plain

        document("karb.decision/1", {"links": plain(linked), "unlinked": plain(unlinked)})
    else:
        _show_links(linked)
        _show_unlinked(unlinked)
    return ExitCode.OK


class Teller:
    """Tells of one pass after the other: a line each, and every answer that is another now."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._before: Mapping[str, Answer] | None = None

    def __call__(self, outcome: "Mapped") -> None:
        """Take what came of a pass."""
        changed = self._changed(outcome.answers)
        self._before = outcome.answers
        if self._as_json:
            from karb.cli.screens.mapping_json import pass_line

            emit(pass_line(outcome, len(_parted(outcome.answers)[0]), changed))
            return
        clock = datetime.fromtimestamp(outcome.at // SECOND, UTC).strftime("%H:%M:%SZ")
        emit(f"{clock}  {_counted(outcome)}")
        for answer in changed:
            emit(f"  {answer.ticker}  {_what(answer)}")

    def _changed(self, answers: Mapping[str, Answer]) -> list[Answer]:
        """What is another since the last pass; nothing after the first one."""
        if self._before is None:
            return []
        before = self._before
        return [each for ticker, each in answers.items() if before.get(ticker) != each]


def told(error: "KarbError") -> None:
    """Say what went wrong and is survived."""
    note(f"karb: {error}")


def _parted(answers: Mapping[str, Answer]) -> tuple[list[Link], list[NoLink]]:
    """Links and markets without, both by ticker."""
    ordered = [answers[ticker] for ticker in sorted(answers)]
    return (
        [answer for answer in ordered if isinstance(answer, Link)],
        [answer for answer in ordered if isinstance(answer, NoLink)],
    )


def _with_names(unlinked: Sequence[NoLink]) -> list[NoLink]:
    """The same with the nearest known names for one that is unknown."""
    from karb.wiring.linking import propose

    return [propose(each) for each in unlinked]


def _code(unlinked: Sequence[NoLink]) -> ExitCode:
    return ExitCode.FINDINGS if unlinked else ExitCode.OK


def _show_links(links: Sequence[Link]) -> None:
    if links:
        table(
            ["linked", "YES pays on", "against", "odds event", "evidence"],
            [
                [
                    link.ticker,
                    link.outcome,
                    link.opponent or "the field",
                    link.odds_event_id,
                    _evidence(link),
                ]
                for link in links
            ],
        )


def _evidence(link: Link) -> str:
    moved = ("MOVED, nothing is traded on it",) if link.moved else ()
    return "; ".join((*moved, *link.evidence))


def _show_unlinked(unlinked: Sequence[NoLink]) -> None:
    if unlinked:
        table(
            ["not linked", "reason", "detail"],
            [[each.ticker, each.reason.value, _detail(each)] for each in unlinked],
        )


def _show_review(waiting: "Sequence[Pending]") -> None:
    table(
        ["to decide", "reason", "detail"],
        [[each.ticker, each.reason, _detail(each)] for each in waiting],
    )
    near = {(each.event_ticker, game.odds_event_id): game for each in waiting for game in each.near}
    if near:
        table(
            ["near games of", "odds event", "away", "home", "start (ET)"],
            [
                [event, game.odds_event_id, game.away, game.home, game.start]
                for (event, _), game in near.items()
            ],
        )
    emit("karb map-events accept TICKER ODDS_EVENT OUTCOME --reason TEXT   links one")
    emit("karb map-events reject TICKER ODDS_EVENT --reason TEXT           takes a link away")


def _detail(each: "NoLink | Pending") -> str:
    if not each.proposals:
        return each.detail
    return f"{each.detail}; perhaps {' or '.join(each.proposals)}"


def _what(answer: Answer) -> str:
    if isinstance(answer, Link):
        return f"linked to {answer.odds_event_id}: {answer.outcome}"
    return f"not linked: {answer.reason}: {answer.detail}"


def _counted(found: "Mapped") -> str:
    linked, unlinked = _parted(found.answers)
    return (
        f"{len(found.answers)} markets: {len(linked)} linked, {len(unlinked)} not; "
        f"new answers: {found.new}"
    )
