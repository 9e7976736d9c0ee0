"""How links, misses and audits look on the terminal and as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from karb.cli.options import path_options
from karb.cli.output import document, note, table
from karb.cli.screens.mapping import told
from karb.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from karb.domain.linking.links import Link, NoLink
    from karb.tasks.audit import Audit
    from karb.tasks.explain_link import Explanation


def audit_mapping(
    kalshi: Sequence[str], odds: Sequence[str], truth: str, *, as_json: bool
) -> ExitCode:
    """Run and show an audit; FINDINGS when anything is wrong, missed or left out."""
    markets, offers = path_options("--kalshi", kalshi), path_options("--odds", odds)
    (expected,) = path_options("--truth", [truth])
    from karb.wiring.link_files import audit_files

    result, left_out = audit_files(markets, offers, expected)
    if as_json:
        import msgspec

        document("karb.audit/1", {**msgspec.to_builtins(result), "left_out": left_out})
    else:
        _show_audit(result)
        _note_left_out(left_out)
    return ExitCode.OK if result.clean and not left_out else ExitCode.FINDINGS


def explain_mapping(
    ticker: str, kalshi: Sequence[str], odds: Sequence[str], *, example: bool, as_json: bool
) -> ExitCode:
    """Explain and show one market's link; FINDINGS when there is none or records were left out.

    Without files it is the link of what the processes share.
    """
    left_out: Sequence[str] = ()
    if kalshi or odds or example:
        from karb.wiring.link_files import explain_files

        result, left_out = explain_files(ticker, *_paths(kalshi, odds, example=example))
    else:
        from karb.wiring.link_shared import explain_shared

        result = explain_shared(ticker, told)
    if as_json:
        document("karb.link/1", {**_explanation(result), "left_out": left_out})
    else:
        _show_explanation(result)
        _note_left_out(left_out)
    return ExitCode.OK if result.linked and not left_out else ExitCode.FINDINGS


def _paths(
    kalshi: Sequence[str], odds: Sequence[str], *, example: bool
) -> tuple[list[Path], list[Path]]:
    """The files to read; the example brings its own."""
    if not example:
        return path_options("--kalshi", kalshi), path_options("--odds", odds)
    if kalshi or odds:
        raise UsageError("--example brings its own files", do="leave --kalshi and --odds out")
    from karb.config.example import example_paths

    markets, offers = example_paths()
    return [markets], [offers]


def _note_left_out(left_out: Sequence[str]) -> None:
    for sentence in left_out:
        note(f"karb: left out: {sentence}")


def _show_audit(result: "Audit") -> None:
    scores = [*result.leagues.items(), ("all", result.summary)]
    table(
        ["league", "events", "linked", "right", "wrong", "missed", "precision", "recall"],
        [
            [
                name,
                *map(str, (one.expected, one.linked, one.right, one.wrong, one.missed)),
                f"{one.precision:.4f}",
                f"{one.recall:.4f}",
            ]
            for name, one in scores
        ],
        right=["events", "linked", "right", "wrong", "missed", "precision", "recall"],
        style=["" for _ in result.leagues] + ["bold"],
    )
    if result.wrong:
        table(
            ["wrong link", "league", "truth", "linked to", "evidence"],
            [
                [
                    one.event_ticker,
                    one.league,
                    one.expected,
                    ", ".join(one.linked_to),
                    "; ".join(one.evidence),
                ]
                for one in result.wrong
            ],
        )
    if result.misses:
        table(
            ["missed", "league", "truth", "reason", "detail"],
            [
                [
                    one.event_ticker,
                    one.league,
                    one.expected,
                    one.reason,
                    _with_proposals(one.detail, one.proposals),
                ]
                for one in result.misses
            ],
        )


def _show_explanation(result: "Explanation") -> None:
    if not result.known:
        note(f"none of these markets is {result.asked}; what follows is read from the ticker alone")
    for answer in result.answers:
        table(["market", answer.ticker], _lines(answer))
    if result.near:
        table(
            ["near games", "away", "home", "start (ET)"],
            [[one.odds_event_id, one.away, one.home, one.start] for one in result.near],
        )


def _lines(answer: "Link | NoLink") -> list[list[str]]:
    from karb.domain.linking.links import Link

    if isinstance(answer, Link):
        steps = [["because" if i == 0 else "", step] for i, step in enumerate(answer.evidence)]
        return [["linked to", f"{answer.odds_event_id}: {answer.outcome}"], *steps]
    return [
        ["not linked", answer.reason.value],
        ["because", _with_proposals(answer.detail, answer.proposals)],
    ]


def _with_proposals(detail: str, proposals: tuple[str, ...]) -> str:
    return f"{detail}; perhaps {' or '.join(proposals)}" if proposals else detail


def _explanation(result: "Explanation") -> dict[str, Any]:
    import msgspec

    from karb.cli.screens.mapping_json import plain

    return {
        "asked": result.asked,
        "known": result.known,
        "answers": plain(result.answers),
        "near": msgspec.to_builtins(result.near),
    }
