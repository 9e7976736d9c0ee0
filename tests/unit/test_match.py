"""Which game a market is: the hard cases, each as small as it can be."""

import msgspec
import pytest

from karb.domain.fair.odds import OddsEvent
from karb.domain.linking.links import Link, NoLink, Unlinked
from karb.domain.linking.match import MarketFacts
from karb.domain.market.leagues import Kind, League
from linking_cases import at, game, ids, link, outright, pair

NFL, NBA, MLB, NHL = League.NFL, League.NBA, League.MLB, League.NHL
NCAAF, NCAAB = League.NCAAF, League.NCAAB

KC_AT_DEN = pair(
    "KXNFLGAME-25NOV16KCDEN",
    ("KC", "Kansas City"),
    ("DEN", "Denver"),
    title="Kansas City at Denver Winner?",
)
KC_DEN = game("a", NFL, "Kansas City Chiefs", "Denver Broncos", "2025-11-16 16:25")

BOS_AT_TOR = "KXMLBGAME-26AUG121907BOSTOR"
BOS_TOR = (("BOS", "Boston"), ("TOR", "Toronto"))
RED_SOX, BLUE_JAYS = "Boston Red Sox", "Toronto Blue Jays"

MIA_AT_ATL = "KXMLBGAME-25AUG09MIAATL"
MIA_ATL = (("MIA", "Miami"), ("ATL", "Atlanta"))
MARLINS, BRAVES = "Miami Marlins", "Atlanta Braves"


def mlb(id: str, start: str, *seen: str, away: str = MARLINS, home: str = BRAVES) -> OddsEvent:  # noqa: A002
    return game(id, MLB, away, home, start, *seen)


# The plain case


def test_both_markets_of_a_game_link_each_to_its_own_team() -> None:
    kc, den = link(KC_AT_DEN, KC_DEN)
    assert isinstance(kc, Link)
    assert isinstance(den, Link)
    assert (kc.odds_event_id, kc.outcome, kc.opponent) == (
        "a",
        "Kansas City Chiefs",
        "Denver Broncos",
    )
    assert (den.odds_event_id, den.outcome, den.opponent) == (
        "a",
        "Denver Broncos",
        "Kansas City Chiefs",
    )
    assert kc.start == KC_DEN.start
    assert not kc.moved
    assert kc.kind is Kind.GAME
    assert any("Kansas City" in fact and "KC" in fact for fact in kc.evidence)
    assert any("2025-11-16" in fact for fact in kc.evidence)


def test_home_and_away_may_be_flipped_at_a_neutral_site() -> None:
    flipped = game("a", NFL, "Denver Broncos", "Kansas City Chiefs", "2025-11-16 16:25")
    kc, _ = link(KC_AT_DEN, flipped)
    assert isinstance(kc, Link)
    assert kc.outcome == "Kansas City Chiefs"


def test_repeated_tickers_are_one_market_in_the_order_they_first_came() -> None:
    answers = link([*KC_AT_DEN, *KC_AT_DEN], KC_DEN)
    assert [answer.ticker for answer in answers] == [one.ticker for one in KC_AT_DEN]
    assert all(isinstance(answer, Link) for answer in answers)


def test_one_id_in_two_polls_is_one_candidate() -> None:
    flipped = game("a", NFL, "Denver Broncos", "Kansas City Chiefs", "2025-11-16 16:25")
    assert ids(KC_AT_DEN, KC_DEN, flipped) == ["a", "a"]


def test_two_kalshi_events_may_share_an_odds_event() -> None:
    odds = game("m", NCAAF, "Ball State Cardinals", "Miami (OH) RedHawks", "2025-11-29 12:00")
    sides = (("BALL", "Ball St."),)
    one = pair("KXNCAAFGAME-25NOV29BALLM-OH", *sides, ("M-OH", "Miami (OH)"))
    other = pair("KXNCAAFGAME-25NOV29BALLMOH", *sides, ("MOH", "Miami (OH)"))
    assert ids([*one, *other], odds) == ["m"] * 4


@pytest.mark.parametrize("start", ["2025-11-16 16:25", "2025-11-16 16:28"])
def test_a_started_game_links_all_the_same(start: str) -> None:
    assert ids(KC_AT_DEN, game("a", NFL, "Kansas City Chiefs", "Denver Broncos", start)) == [
        "a",
        "a",
    ]


# Names and codes


@pytest.mark.parametrize(
    ("series", "code", "text", "other", "outcome"),
    [
        ("KXNFLGAME", "KC", "KC Chiefs", ("DEN", "DEN Broncos"), "Kansas City Chiefs"),
        ("KXNFLGAME", "LA", "Los Angeles R", ("SEA", "Seattle"), "Los Angeles Rams"),
        ("KXNFLGAME", "LAR", "Los Angeles R", ("SEA", "Seattle"), "Los Angeles Rams"),
        ("KXNFLGAME", "LAR", "Los Angeles", ("SEA", "Seattle"), "Los Angeles Rams"),
        ("KXNHLGAME", "BOS", "BOS Bruins", ("MTL", "MTL Canadiens"), "Boston Bruins"),
        ("KXMLBGAME", "ATH", "A's", ("TEX", "Texas"), "Athletics"),
        ("KXNCAAFGAME", "MOH", "Miami (OH)", ("BUFF", "Buffalo"), "Miami (OH) RedHawks"),
        ("KXNCAAFGAME", "MIA", "Miami (FL)", ("FLA", "Florida"), "Miami Hurricanes"),
    ],
)
def test_names_and_codes_find_the_team(
    series: str, code: str, text: str, other: tuple[str, str], outcome: str
) -> None:
    teams = {
        "Denver Broncos": NFL, "Seattle Seahawks": NFL, "Montréal Canadiens": NHL,
        "Texas Rangers": MLB, "Buffalo Bulls": NCAAF, "Florida Gators": NCAAF,
    }  # fmt: skip
    markets = pair(f"{series}-25NOV16{code}{other[0]}", (code, text), other)
    events = [
        game(f"e{i}", league, outcome, name, "2025-11-16 16:00")
        for i, (name, league) in enumerate(teams.items())
    ]
    first = link(markets, *events)[0]
    assert isinstance(first, Link)
    assert first.outcome == outcome


def test_a_professional_name_against_its_code_is_a_conflict() -> None:
    wrong = pair("KXNFLGAME-25NOV16KCDEN", ("KC", "Las Vegas"), ("DEN", "Denver"))
    assert ids(wrong, KC_DEN) == [Unlinked.TEAM_CONFLICT, Unlinked.UNKNOWN_OPPONENT]


def test_a_college_name_decides_against_its_code_and_the_evidence_says_so() -> None:
    odds = game("s", NCAAF, "South Carolina Gamecocks", "Georgia Bulldogs", "2025-11-15 12:00")
    markets = pair("KXNCAAFGAME-25NOV15USCUGA", ("USC", "South Carolina"), ("UGA", "Georgia"))
    answer = link(markets, odds)[0]
    assert isinstance(answer, Link)
    assert answer.outcome == "South Carolina Gamecocks"
    assert any("USC Trojans" in fact for fact in answer.evidence)


def test_an_unknown_name_is_not_saved_by_a_known_code() -> None:
    markets = pair("KXNFLGAME-25NOV16KCDEN", ("KC", "Gotham"), ("DEN", "Denver"))
    answer = link(markets, KC_DEN)[0]
    assert isinstance(answer, NoLink)
    assert (answer.reason, answer.unknown) == (Unlinked.UNKNOWN_TEAM, "Gotham")


def test_a_name_that_several_teams_share_is_ambiguous() -> None:
    markets = pair("KXNFLGAME-25NOV16NYDEN", ("NY", "New York"), ("DEN", "Denver"))
    answer = link(markets, KC_DEN)[0]
    assert isinstance(answer, NoLink)
    assert answer.reason is Unlinked.AMBIGUOUS_TEAM
    assert "New York Giants" in answer.detail
    assert "New York Jets" in answer.detail


@pytest.mark.parametrize(
    ("code", "text"), [("NLLS", "National League"), ("ALLS", "American League")]
)
def test_an_all_star_team_is_unknown(code: str, text: str) -> None:
    markets = pair("KXMLBGAME-26JUL142000NLLSALLS", (code, text))
    assert ids(markets, mlb("x", "2026-07-14 20:00")) == [Unlinked.UNKNOWN_TEAM]


def test_one_team_on_two_markets_is_refused() -> None:
    markets = pair("KXNFLGAME-25NOV16LARLA", ("LAR", "Los Angeles R"), ("LA", "Los Angeles R"))
    assert ids(markets, KC_DEN) == [Unlinked.SAME_TEAM_TWICE] * 2


def test_three_teams_in_one_event_are_refused() -> None:
    markets = [*KC_AT_DEN, *pair("KXNFLGAME-25NOV16KCDEN", ("SEA", "Seattle"))]
    assert ids(markets, KC_DEN) == [Unlinked.TEAM_CONFLICT] * 3


# The opponent


@pytest.mark.parametrize(
    ("title", "event_title", "rules"),
    [
        ("Kansas City at Denver Winner?", "", ""),
        ("Denver vs Kansas City Winner?", "", ""),
        ("Kansas City wins", "Kansas City vs Denver", ""),
        ("Kansas City wins", "Kansas City vs Denver: Game 2", ""),
        (
            "Kansas City wins",
            "",
            "If Kansas City wins the Kansas City at Denver professional football game originally "
            "scheduled for Nov 16, 2025, then the market resolves to Yes.",
        ),
        (
            "",
            "",
            "If Kansas City wins the Game 6: Kansas City at Denver professional football game "
            "scheduled for Nov 16, 2025, then the market resolves to Yes.",
        ),
        (
            "Kansas City wins",
            "",
            "If Kansas City wins the KC Chiefs vs DEN Broncos Pro Football game originally "
            "scheduled for Nov 16, 2025, then the market resolves to Yes.",
        ),
        ("Kansas City wins", "", ""),
    ],
)
def test_one_market_alone_finds_its_opponent(title: str, event_title: str, rules: str) -> None:
    event = "KXNFLGAME-25NOV16KCDEN"
    market = MarketFacts(f"{event}-KC", event, title, "Kansas City", event_title, rules)
    assert ids([market], KC_DEN) == ["a"]


@pytest.mark.parametrize("title", ["University at Albany at Iowa", "Iowa vs University at Albany"])
def test_a_school_whose_name_holds_the_word_between_two_teams_is_read_whole(title: str) -> None:
    odds = game("i", NCAAF, "Albany", "Iowa Hawkeyes", "2025-08-30 18:00")
    rules = f"If Iowa wins the {title} college football game originally scheduled for Aug 30, 2025"
    for texts in ({"title": f"{title} Winner?"}, {"rules": rules}):
        assert ids(pair("KXNCAAFGAME-25AUG30ALBYIOWA", ("IOWA", "Iowa"), **texts), odds) == ["i"]


def test_sources_that_name_different_opponents_are_refused() -> None:
    event = "KXNFLGAME-25NOV16KCDEN"
    market = MarketFacts(f"{event}-KC", event, "Kansas City at Las Vegas Winner?", "Kansas City")
    assert ids([market], KC_DEN) == [Unlinked.TEAM_CONFLICT]


def test_a_title_about_other_teams_is_refused() -> None:
    markets = [msgspec.structs.replace(one, title="Dallas at Miami Winner?") for one in KC_AT_DEN]
    assert ids(markets, KC_DEN) == [Unlinked.TEAM_CONFLICT] * 2


def test_an_opponent_that_no_table_has_is_not_replaced_by_a_code() -> None:
    event = "KXNFLGAME-25NOV16KCDEN"
    market = MarketFacts(f"{event}-KC", event, "Kansas City at Gotham Winner?", "Kansas City")
    assert ids([market], KC_DEN) == [Unlinked.UNKNOWN_OPPONENT]


def test_a_pair_of_unknown_codes_names_nobody() -> None:
    event = "KXNCAAFGAME-25NOV16XXYY"
    market = MarketFacts(f"{event}-ZZ", event, "Texas wins", "Texas")
    assert ids(
        [market], game("t", NCAAF, "Texas Longhorns", "Georgia Bulldogs", "2025-11-16 12:00")
    ) == [Unlinked.UNKNOWN_OPPONENT]


# Leagues, dates, fixtures


def test_cities_do_not_cross_leagues() -> None:
    nba = game("b", NBA, "Denver Nuggets", "Minnesota Timberwolves", "2025-11-16 16:25")
    assert ids(KC_AT_DEN, nba) == [Unlinked.NO_ODDS_FOR_LEAGUE] * 2


def test_teams_that_do_not_meet_in_the_odds_have_no_fixture() -> None:
    other = game("b", NFL, "Denver Broncos", "Las Vegas Raiders", "2025-11-16 16:25")
    assert ids(KC_AT_DEN, other) == [Unlinked.NO_SUCH_FIXTURE] * 2


def test_unknown_names_in_the_odds_are_pointed_to() -> None:
    other = game("b", NFL, "Gotham Knights", "Denver Broncos", "2025-11-16 16:25")
    answer = link(KC_AT_DEN, other)[0]
    assert isinstance(answer, NoLink)
    assert "Gotham Knights" in answer.detail


@pytest.mark.parametrize("start", ["2025-11-15 23:59", "2025-11-17 00:00", "2025-12-25 16:25"])
def test_another_eastern_date_is_another_game(start: str) -> None:
    other = game("b", NFL, "Kansas City Chiefs", "Denver Broncos", start)
    answers = link(KC_AT_DEN, other)
    assert [a.reason for a in answers if isinstance(a, NoLink)] == [Unlinked.OTHER_DATE] * 2
    assert "(b)" in answers[0].detail  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("day", "start"),
    [
        ("25NOV01", "2025-11-01 23:30"),  # 03:30 UTC on the 2nd, daylight time
        ("25NOV02", "2025-11-02 22:30"),  # 03:30 UTC on the 3rd, standard time
        ("26MAR07", "2026-03-07 23:30"),  # 04:30 UTC on the 8th, standard time
        ("26MAR08", "2026-03-08 22:30"),  # 02:30 UTC on the 9th, daylight time
    ],
)
def test_a_late_western_start_keeps_its_eastern_date(day: str, start: str) -> None:
    event = f"KXNBAGAME-{day}DENPOR"
    markets = pair(event, ("DEN", "Denver"), ("POR", "Portland"))
    assert (
        ids(markets, game("l", NBA, "Denver Nuggets", "Portland Trail Blazers", start)) == ["l"] * 2
    )


def test_a_preseason_game_links_by_its_date() -> None:
    markets = pair("KXNFLGAME-26AUG15SEADAL", ("SEA", "Seattle"), ("DAL", "Dallas"))
    early = game("p", NFL, "Seattle Seahawks", "Dallas Cowboys", "2026-08-15 19:00", preseason=True)
    regular = game("r", NFL, "Seattle Seahawks", "Dallas Cowboys", "2026-10-18 16:25")
    assert ids(markets, early, regular) == ["p", "p"]


def test_ticker_and_rules_of_different_dates_are_refused() -> None:
    rules = "wins the Kansas City at Denver professional football game scheduled for Nov 17, 2025"
    markets = [msgspec.structs.replace(one, rules=rules) for one in KC_AT_DEN]
    assert ids(markets, KC_DEN) == [Unlinked.OTHER_DATE] * 2


def test_two_ids_for_one_game_are_refused() -> None:
    phantom = game("b", NFL, "Kansas City Chiefs", "Denver Broncos", "2025-11-16 16:25")
    assert ids(KC_AT_DEN, KC_DEN, phantom) == [Unlinked.TWO_CANDIDATES] * 2


@pytest.mark.parametrize("day", ["05", "06"])
def test_a_football_game_listed_under_two_ids_within_days_is_refused(day: str) -> None:
    """A game that changes its day can get a new id; nobody knows which of the two is alive."""
    ids_of_one_game = [
        game(f"d{d}", NCAAF, "Ole Miss Rebels", "Louisville Cardinals", f"2026-09-{d} 15:30")
        for d in ("05", "06")
    ]
    markets = pair(f"KXNCAAFGAME-26SEP{day}MISSLOU", ("MISS", "Ole Miss"), ("LOU", "Louisville"))
    assert ids(markets, *ids_of_one_game) == [Unlinked.TWO_CANDIDATES] * 2


def test_a_football_rematch_a_week_later_is_another_game() -> None:
    later = game("b", NFL, "Denver Broncos", "Kansas City Chiefs", "2025-11-22 13:00")
    assert ids(KC_AT_DEN, KC_DEN, later) == ["a", "a"]


def test_the_dated_team_is_shorthand_for_its_game() -> None:
    assert ids([MarketFacts("KXNFL-25NOV16-KC")], KC_DEN) == ["a"]
    assert ids([MarketFacts("KXNFL-25NOV17-KC")], KC_DEN) == [Unlinked.OTHER_DATE]


# Clocks


@pytest.mark.parametrize("start", ["2026-08-12 19:08", "2026-08-12 17:37", "2026-08-12 20:37"])
def test_a_start_within_90_minutes_of_the_tickers_clock_links(start: str) -> None:
    odds = game("c", MLB, RED_SOX, BLUE_JAYS, start)
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), odds) == ["c", "c"]


@pytest.mark.parametrize("start", ["2026-08-12 17:36", "2026-08-12 20:38", "2026-08-12 13:07"])
def test_a_start_farther_from_the_tickers_clock_does_not(start: str) -> None:
    odds = game("c", MLB, RED_SOX, BLUE_JAYS, start)
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), odds) == [Unlinked.OTHER_TIME] * 2


@pytest.mark.parametrize(
    ("clock", "answer"),
    [
        ("7:07 PM EDT", "c"),
        ("4:07 PM PDT", "c"),
        ("6:07 PM CT", "c"),
        ("1:07 PM EDT", Unlinked.OTHER_TIME),
        ("7:07 AM EDT", Unlinked.OTHER_TIME),
    ],
)
def test_a_clock_in_the_rules_counts_like_one_in_the_ticker(
    clock: str, answer: str | Unlinked
) -> None:
    rules = (
        "If Boston wins the Boston vs Toronto professional baseball game originally scheduled for "
        f"Aug 12, 2026 at {clock}, then the market resolves to Yes."
    )
    markets = pair("KXMLBGAME-26AUG12BOSTOR", *BOS_TOR, rules=rules)
    odds = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 19:08")
    assert ids(markets, odds) == [answer] * 2


def test_the_clock_tells_the_games_of_a_doubleheader_apart() -> None:
    day = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 13:10")
    night = game("n", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 19:08")
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), day, night) == ["n", "n"]
    matinee = pair("KXMLBGAME-26AUG121310BOSTOR", *BOS_TOR)
    assert ids(matinee, day, night) == ["d", "d"]


def test_with_two_games_that_day_a_loose_fit_is_not_enough() -> None:
    day = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 13:10")
    evening = game("n", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 18:10")
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), day, evening) == [Unlinked.DOUBLEHEADER] * 2


def test_a_series_on_consecutive_days_goes_by_its_date() -> None:
    days = [game(f"d{d}", MLB, RED_SOX, BLUE_JAYS, f"2026-08-{d} 19:07") for d in (11, 12, 13)]
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), *days) == ["d12", "d12"]
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), days[0], days[2]) == [Unlinked.OTHER_DATE] * 2


# Doubleheaders by number


@pytest.mark.parametrize(("number", "answer"), [(1, "one"), (2, "two")])
def test_a_number_in_the_ticker_picks_the_first_or_second_start(number: int, answer: str) -> None:
    markets = pair(f"{MIA_AT_ATL}G{number}", *MIA_ATL)
    assert (
        ids(markets, mlb("two", "2025-08-09 18:40"), mlb("one", "2025-08-09 13:05")) == [answer] * 2
    )


@pytest.mark.parametrize(("number", "answer"), [(1, "one"), (2, "two")])
def test_a_number_in_the_rules_does_the_same(number: int, answer: str) -> None:
    rules = (
        f"If Miami wins the Miami vs Atlanta (Game {number}) professional baseball game "
        "originally scheduled for Aug 9, 2025, then the market resolves to Yes."
    )
    markets = pair(MIA_AT_ATL, *MIA_ATL, rules=rules)
    assert (
        ids(markets, mlb("one", "2025-08-09 13:05"), mlb("two", "2025-08-09 18:40")) == [answer] * 2
    )


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize(
    "starts",
    [
        ["2025-08-09 13:05"],
        ["2025-08-09 13:05", "2025-08-09 13:40"],
        ["2025-08-09 13:05", "2025-08-09 16:00", "2025-08-09 19:00"],
    ],
)
def test_a_number_needs_exactly_two_starts_an_hour_apart(number: int, starts: list[str]) -> None:
    markets = pair(f"{MIA_AT_ATL}G{number}", *MIA_ATL)
    events = [mlb(f"x{i}", start) for i, start in enumerate(starts)]
    assert ids(markets, *events) == [Unlinked.DOUBLEHEADER] * 2


def test_two_games_without_clock_and_number_are_two_candidates() -> None:
    markets = pair(MIA_AT_ATL, *MIA_ATL)
    assert (
        ids(markets, mlb("one", "2025-08-09 13:05"), mlb("two", "2025-08-09 18:40"))
        == [Unlinked.TWO_CANDIDATES] * 2
    )


def test_number_and_clock_must_agree() -> None:
    one, two = mlb("one", "2025-08-09 13:05"), mlb("two", "2025-08-09 18:40")
    right = pair("KXMLBGAME-25AUG091840MIAATLG2", *MIA_ATL)
    wrong = pair("KXMLBGAME-25AUG091840MIAATLG1", *MIA_ATL)
    assert ids(right, one, two) == ["two", "two"]
    assert ids(wrong, one, two) == [Unlinked.DOUBLEHEADER] * 2


def test_a_clock_lets_a_numbered_game_stand_alone_unless_it_came_there_by_a_delay() -> None:
    """The first game leaves the odds when it ends; delayed, it can look like the second."""
    markets = pair("KXMLBGAME-25AUG091840MIAATLG2", *MIA_ATL)
    assert ids(markets, mlb("two", "2025-08-09 18:41")) == ["two", "two"]
    second = mlb("two", "2025-08-09 20:45", "2025-08-09 18:41")
    assert ids(markets, second) == ["two", "two"]
    delayed = mlb("one", "2025-08-09 17:30", "2025-08-09 13:05")
    assert ids(markets, delayed) == [Unlinked.DOUBLEHEADER] * 2


def test_a_game_number_outside_baseball_counts_a_playoff_series() -> None:
    markets = pair(
        "KXNBAGAME-26MAY05BOSNYK",
        *(("BOS", "Boston"), ("NYK", "New York")),
        title="Boston vs New York (Game 1) Winner?",
    )
    odds = game("p", NBA, "Boston Celtics", "New York Knicks", "2026-05-05 19:00")
    assert ids(markets, odds) == ["p", "p"]


# Games that move


def test_a_flexed_game_links_by_its_earlier_date_and_is_marked_moved() -> None:
    moved = game(
        "a", NFL, "Kansas City Chiefs", "Denver Broncos", "2025-11-17 20:15", "2025-11-16 16:25"
    )
    for answer in link(KC_AT_DEN, moved):
        assert isinstance(answer, Link)
        assert answer.odds_event_id == "a"
        assert answer.moved
        assert answer.start == at("2025-11-17 20:15")
        assert any("MOVED" in fact for fact in answer.evidence)


def test_a_rain_delay_links_by_its_earlier_clock_and_is_marked_moved() -> None:
    delayed = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 21:55", "2026-08-12 19:07")
    answer = link(pair(BOS_AT_TOR, *BOS_TOR), delayed)[0]
    assert isinstance(answer, Link)
    assert answer.moved


def test_a_postponed_game_without_history_is_on_another_date() -> None:
    postponed = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05")
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), postponed) == [Unlinked.OTHER_DATE] * 2


def test_a_postponed_game_and_the_next_days_game_stay_apart() -> None:
    """The game of the 12th becomes the matinee of the 13th; each ticker keeps its own game."""
    makeup = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05", "2026-08-12 19:07")
    own = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 19:07")
    first = pair(BOS_AT_TOR, *BOS_TOR)
    second = pair("KXMLBGAME-26AUG131907BOSTOR", *BOS_TOR)
    assert ids([*first, *second], makeup, own) == ["c", "c", "d", "d"]


@pytest.mark.parametrize("clock", ["", "1305"])
def test_a_makeup_game_is_not_taken_for_the_game_of_its_new_date(clock: str) -> None:
    makeup = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05", "2026-08-12 19:07")
    markets = pair(f"KXMLBGAME-26AUG13{clock}BOSTOR", *BOS_TOR)
    assert ids(markets, makeup) == [Unlinked.OTHER_DATE] * 2


def test_a_makeup_game_listed_anew_links_by_its_clock_beside_the_days_own_game() -> None:
    makeup = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05", "2026-08-12 19:07")
    own = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 19:07")
    markets = pair("KXMLBGAME-26AUG131305BOSTOR", *BOS_TOR)
    assert ids(markets, makeup, own) == ["c", "c"]


def test_two_games_whose_starts_were_swapped_are_two_candidates() -> None:
    one = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 13:05", "2026-08-12 19:07")
    two = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 19:07")
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), one, two) == [Unlinked.TWO_CANDIDATES] * 2


def test_a_makeup_game_in_the_slot_of_the_days_own_game_does_not_take_its_place() -> None:
    """The makeup gets the matinee of the 13th, whose own game moves to the evening."""
    makeup = game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05", "2026-08-12 19:07")
    own = game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 16:35", "2026-08-13 13:05")
    for clock in ("", "1305"):
        markets = pair(f"KXMLBGAME-26AUG13{clock}BOSTOR", *BOS_TOR)
        assert ids(markets, makeup, own) == ["d", "d"]


def test_a_first_game_delayed_towards_the_second_is_not_taken_for_it() -> None:
    first = game(
        "1", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 18:25", "2026-08-12 16:10", "2026-08-12 17:40"
    )
    second = game("2", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 19:07")
    night = pair(BOS_AT_TOR, *BOS_TOR)
    assert ids(night, first, second) == ["2", "2"]
    assert ids(night, first) == [Unlinked.OTHER_TIME] * 2


@pytest.mark.parametrize(
    ("seen", "answer"),
    [("2025-11-07 22:30", Unlinked.OTHER_DATE), ("2025-11-07 13:00", "late")],
    ids=["waited-past-midnight", "moved-to-the-next-day"],
)
def test_a_start_that_only_waited_past_midnight_is_none_of_the_new_day(
    seen: str, answer: str | Unlinked
) -> None:
    late = game("late", NHL, "Boston Bruins", "Buffalo Sabres", "2025-11-08 00:04", seen)
    sides = (("BOS", "Boston"), ("BUF", "Buffalo"))
    assert ids(pair("KXNHLGAME-25NOV07BOSBUF", *sides), late) == ["late", "late"]
    assert ids(pair("KXNHLGAME-25NOV08BOSBUF", *sides), late) == [answer] * 2


@pytest.mark.parametrize("seen", [("13:10", "19:07"), ("19:07", "13:10"), ("19:07", "22:30")])
def test_a_game_moved_within_its_day_links_by_the_start_that_its_ticker_states(
    seen: tuple[str, str],
) -> None:
    """Some records keep the starts of a game in the order of the clock, not of time."""
    moved = game("c", MLB, RED_SOX, BLUE_JAYS, f"2026-08-12 {seen[1]}", f"2026-08-12 {seen[0]}")
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), moved) == ["c", "c"]


DELAYED = ("2026-08-12 19:07", "2026-08-12 19:40", "2026-08-12 20:15")


@pytest.mark.parametrize(
    ("last", "next_day", "answer"),
    [
        ("2026-08-12 20:15", ["2026-08-13 13:05", "2026-08-13 19:07"], Unlinked.DOUBLEHEADER),
        ("2026-08-12 20:15:41", ["2026-08-13 13:05", "2026-08-13 19:07"], "c"),
        ("2026-08-12 20:15", ["2026-08-13 19:07"], "c"),
        ("2026-08-12 20:15", ["2026-08-14 13:05", "2026-08-14 19:07"], "c"),
    ],
    ids=["two-games-next-day", "it-began", "one-game-next-day", "two-games-later"],
)
def test_a_game_put_off_before_two_games_the_day_after_may_have_come_back_as_one_of_them(
    last: str, next_day: list[str], answer: str | Unlinked
) -> None:
    """The odds source often gives a makeup a new id, and the old one lingers, delayed."""
    put_off = game("c", MLB, RED_SOX, BLUE_JAYS, last, *DELAYED)
    others = [game(f"n{i}", MLB, RED_SOX, BLUE_JAYS, at) for i, at in enumerate(next_day)]
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), put_off, *others) == [answer] * 2


def test_a_game_off_without_delay_links_by_the_start_its_ticker_states() -> None:
    events = [
        game("c", MLB, RED_SOX, BLUE_JAYS, "2026-08-12 19:07"),
        game("m", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 13:05"),
        game("d", MLB, RED_SOX, BLUE_JAYS, "2026-08-13 19:07"),
    ]
    assert ids(pair(BOS_AT_TOR, *BOS_TOR), *events) == ["c", "c"]


# Champions

CAPITALS = [MarketFacts("KXNHL-27-WSH", "KXNHL-27", "Will Washington win?", "Washington")]
FIELD = ("Washington Capitals", "Vegas Golden Knights", "Some New Team")


@pytest.mark.parametrize("start", ["2026-10-06 19:00", "2027-06-20 20:00"])
def test_a_champion_links_to_its_seasons_outright(start: str) -> None:
    (answer,) = link(CAPITALS, outright("o", NHL, start, *FIELD))
    assert isinstance(answer, Link)
    assert (answer.odds_event_id, answer.outcome, answer.opponent) == (
        "o",
        "Washington Capitals",
        "",
    )
    assert answer.kind is Kind.CHAMPION


@pytest.mark.parametrize("start", ["2026-06-20 20:00", "2027-10-05 19:00"])
def test_another_seasons_outright_is_none(start: str) -> None:
    assert ids(CAPITALS, outright("o", NHL, start, *FIELD)) == [Unlinked.NO_OUTRIGHT]


def test_a_team_outside_the_field_is_not_linked() -> None:
    odds = outright("o", NHL, "2026-10-06 19:00", *FIELD[1:])
    assert ids(CAPITALS, odds) == [Unlinked.NOT_IN_FIELD]


def test_a_game_is_never_a_champions_market_nor_the_reverse() -> None:
    assert ids(
        CAPITALS, game("g", NHL, "Washington Capitals", "New Jersey Devils", "2027-01-02 19:00")
    ) == [Unlinked.NO_OUTRIGHT]
    assert (
        ids(KC_AT_DEN, outright("o", NFL, "2026-02-08 18:30", "Kansas City Chiefs"))
        == [Unlinked.NO_ODDS_FOR_LEAGUE] * 2
    )


def test_baseballs_season_is_its_calendar_year() -> None:
    market = [MarketFacts("KXMLB-26-NYY", "KXMLB-26", "", "New York Y")]
    assert ids(market, outright("o", MLB, "2026-03-25 19:00", "New York Yankees")) == ["o"]
    assert ids(market, outright("o", MLB, "2026-10-28 20:00", "New York Yankees")) == ["o"]


# What karb does not link


@pytest.mark.parametrize(
    "ticker",
    ["KXNFLSPREAD-25DEC01NYGNE-NE10", "KXMVENFLSINGLEGAME-S2025A-B", "KXEPLGAME-25DEC03LEECFC-TIE"],
)
def test_other_series_are_unsupported(ticker: str) -> None:
    (answer,) = link([MarketFacts(ticker)], KC_DEN)
    assert isinstance(answer, NoLink)
    assert (answer.reason, answer.league) == (Unlinked.UNSUPPORTED_SERIES, None)


def test_a_ticker_of_unknown_shape_is_unreadable() -> None:
    assert ids([MarketFacts("KXNFLGAME-SOON-KC")], KC_DEN) == [Unlinked.UNREADABLE_TICKER]
