"""What the bench reports, and how it reads times on a machine that does other things too."""

from perf.goals import GOALS, Row, table
from perf.harness import costing
from perf.latency_table import ROWS, Line, shown
from perf.spread import WINDOW, percentile, quietest

SPECIFIED = [
    "WebSocket message receive",
    "JSON parsing",
    "Redis consensus lookup",
    "Edge calculation",
    "Confidence scoring",
    "Circuit breaker check",
    "TOTAL DETECTION",
    "QuestDB ILP write",
    "Kalshi REST API call",
    "Order fill (network)",
    "TOTAL END-TO-END",
]


def test_a_neighbours_turn_does_not_count_and_the_programs_own_habits_do() -> None:
    calm = [1_000] * (WINDOW - 10) + [50_000] * 10
    disturbed = [4_000_000] * WINDOW
    assert quietest(disturbed + calm + disturbed, 0.5) == 1
    assert quietest(disturbed + calm + disturbed, 0.99) == 50


def test_a_run_shorter_than_a_window_is_one() -> None:
    assert quietest([3_000, 1_000, 2_000], 0.5) == 2


def test_the_last_percentile_is_the_greatest() -> None:
    assert percentile([1_000, 2_000], 1.0) == 2


def test_a_ratio_is_the_middle_of_the_rounds_ratios() -> None:
    slow_minute = costing([10.0, 1.0, 1.0]), costing([5.0, 0.5, 0.25])
    assert slow_minute[0].over(slow_minute[1]) == 2


def test_a_missed_goal_is_shown_as_missed_and_what_was_not_measured_as_skipped() -> None:
    report = table([Row("M5", 1.5), Row("M8", 100_000), Row("M16", note="no Valkey here")])
    _, missed, met, skipped = report.splitlines()
    assert "MISSED" in missed
    assert "100,000" in met
    assert "met" in met.split()
    assert "skipped" in skipped
    assert skipped.endswith("(no Valkey here)")


def test_the_bench_covers_the_goals_of_a_running_system() -> None:
    running = {"M5", "M6", "M7", "M8", "M9", "M10a", "M10b", "M13", "M16"}
    assert running <= GOALS.keys()


def test_the_latency_table_has_the_specifications_rows_with_their_targets() -> None:
    assert [component for component, _, _ in ROWS] == SPECIFIED
    assert all(target.startswith("<") for _, _, target in ROWS)


def test_a_row_that_was_not_measured_has_no_figure_and_says_why() -> None:
    lines = [
        Line("JSON parsing", "~0.01ms", "<1ms", 0.9, "typed"),
        Line("Circuit breaker check", "~0.01ms", "<1ms", None, "later"),
    ]
    _, measured, later = shown(lines).splitlines()
    assert measured.split() == ["JSON", "parsing", "~0.01ms", "<1ms", "0.0009ms", "typed"]
    assert later.split()[-2:] == ["-", "later"]
