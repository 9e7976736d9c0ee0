"""JSON documents: one shape whatever happened, times as text that every program reads."""

import json
from typing import Any

import msgspec

from karb.cli.screens.detect_json import body as detected_body
from karb.cli.screens.ingest_odds_json import busy_body, pass_body
from karb.cli.screens.mapping_json import pass_body as mapped_body
from karb.cli.screens.mapping_json import pass_line
from karb.domain.market.leagues import League
from karb.services.odds_report import PassReport
from karb.tasks.detect_report import Report, Tally
from karb.wiring.mapping import Mapped
from offers import BUF, link
from situations import CAPS, NOW, profile

AT = "2026-11-18T11:06:40.000+00:00"
MAPPED = Mapped(at=NOW, answers={BUF: link()}, new=1)


def read(body: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(msgspec.json.encode(body))
    return told


def test_a_pass_over_markets_has_its_times_as_text() -> None:
    body = read(mapped_body(MAPPED, [link()], []))
    assert body["at"] == AT
    assert body["links"][0]["start"] == "2026-11-19T07:06:40.000+00:00"
    told = json.loads(pass_line(MAPPED, 1, [link()]))
    assert told["at"] == AT
    assert told["changed"][0]["start"] == body["links"][0]["start"]


def test_a_pass_over_odds_has_one_shape_also_when_another_was_at_work() -> None:
    report = PassReport(at=NOW, sports=(), credits=None, lasting=None, gone=0, stores=())
    body = read(pass_body(report))
    assert (body["busy"], body["at"]) == (False, AT)
    assert read(busy_body()).keys() == body.keys()
    assert busy_body()["busy"]


def test_every_league_of_a_summary_has_one_shape() -> None:
    report = Report(
        profile=profile(),
        judged=[],
        unjudged=[],
        tallies={
            League.NFL: Tally(markets=4, asks=3, with_odds=True),
            League.NBA: Tally(markets=2),
            League.NHL: Tally(markets=2, without_time=2),
        },
        funnel={},
        links={},
        caps=CAPS,
    )
    summary = read(detected_body(report, []))["summary"]
    assert len({tuple(counts) for counts in summary.values()}) == 1
    assert (summary["NFL"]["asks"], summary["NFL"]["no_odds"]) == (3, None)
    assert (summary["NBA"]["asks"], summary["NBA"]["no_odds"]) == (
        None,
        "none near these captures",
    )
    assert summary["NHL"]["no_odds"] == "no capture time"
