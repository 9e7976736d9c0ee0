"""`karb devig`, the calculator that people try first."""

import json
import subprocess
import sys

import pytest

from karb.errors import ExitCode


def karb(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "karb", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


def fair(*arguments: str) -> list[dict[str, float]]:
    answer = json.loads(karb("devig", *arguments, "--json").stdout)
    assert answer["schema"] == "karb.devig/1"
    return [outcome["fair"] for outcome in answer["outcomes"]]


@pytest.mark.parametrize(
    "odds", [("-150", "+130"), ("-150", "130"), ("--", "-150", "+130"), ("2/3", "2.3")]
)
def test_a_favourites_minus_sign_is_not_an_option(odds: tuple[str, ...]) -> None:
    done = karb("devig", *odds)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    for figure in ("58.26%", "57.98%", "58.40%", "-140", "+140", "hold 3.36%"):
        assert figure in done.stdout


@pytest.mark.parametrize("coin", [("-110", "-110"), ("1.91", "1.91"), ("10/11", "10/11")])
def test_a_coin_flip_is_a_half(coin: tuple[str, str]) -> None:
    for outcome in fair(*coin):
        assert set(outcome) == {"additive", "multiplicative", "power", "shin"}
        assert all(p == pytest.approx(0.5) for p in outcome.values())


def test_formats_may_be_mixed_and_outcomes_many() -> None:
    answers = fair("5/2", "+110", "3.2", "evens")
    assert len(answers) == 4
    assert sum(outcome["power"] for outcome in answers) == pytest.approx(1.0)


def test_a_minus_pasted_from_a_web_page_is_a_minus() -> None:
    assert fair("\N{MINUS SIGN}150", "+130") == fair("-150", "+130")


@pytest.mark.parametrize(("written", "odds"), [("130", 2.3), ("130.0", 130.0), ("99", 99.0)])
def test_a_whole_number_from_a_hundred_up_is_american(written: str, odds: float) -> None:
    answer = json.loads(karb("devig", written, "1.5", "--json").stdout)
    assert answer["outcomes"][0]["odds"] == pytest.approx(odds)


def test_a_method_without_an_answer_says_so() -> None:
    done = karb("devig", "1.2", "4", "501.0", "501.0", "501.0")
    assert done.returncode == ExitCode.OK
    assert "Additive has no answer" in done.stdout
    assert fair("1.2", "4", "501.0", "501.0", "501.0")[2]["additive"] is None


def test_odds_without_a_margin_are_questioned() -> None:
    assert "There is no margin" in karb("devig", "2.1", "2.1").stdout
    assert "is wide" in karb("devig", "1.5", "1.5").stdout
    assert "margin 4.7" in karb("devig", "1.91", "1.91").stdout
    assert "There is no margin" not in karb("devig", "1.91", "1.91").stdout


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        (("1.0", "2"), "'1.0'"),
        (("0", "2"), "'0'"),
        (("abc", "2"), "'abc'"),
        (("", "2"), "''"),
        (("-50", "2"), "'-50'"),
        (("-1.5", "2"), "'-1.5'"),
        (("1/0", "2"), "'1/0'"),
        (("0/5", "2"), "'0/5'"),
        (("nan", "2"), "'nan'"),
        (("1e9", "2"), "'1e9'"),
        (("--what", "2"), "'--what'"),
        (("-110",), "one outcome"),
    ],
)
def test_what_is_no_odds_is_one_clear_line(odds: tuple[str, ...], said: str) -> None:
    done = karb("devig", *odds)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_without_odds_it_says_what_is_missing() -> None:
    done = karb("devig")
    assert done.returncode == ExitCode.USAGE
    assert "ODDS" in done.stderr


def test_help_shows_how_to_write_odds() -> None:
    done = karb("devig", "--help")
    assert done.returncode == ExitCode.OK
    assert "karb devig -150 +130\n" in done.stdout


def test_an_error_for_programs_is_json() -> None:
    done = karb("devig", "abc", "2", "--json")
    assert done.returncode == ExitCode.USAGE
    assert json.loads(done.stderr)["error"] == "UsageError"


def test_the_calculator_starts_without_the_heavy_imports() -> None:
    code = (
        "import sys; sys.argv = ['karb', 'devig', '-110', '-110', '--json']\n"
        "from karb.cli.main import main\n"
        "try: main()\n"
        "finally:\n"
        "    heavy = {'pydantic', 'rapidfuzz', 'rich'} & set(sys.modules)\n"
        "    print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("odds", "hint"),
    [
        (("1,91", "1.91"), "write 1.91"),
        (("-110,+110",), "separate them with blanks, without quotes: karb devig -110 +110"),
        (("-150/+130",), "karb devig -150 +130"),
        (("-110 +110",), "karb devig -110 +110"),
        (("150,-170",), "karb devig 150 -170"),
    ],
)
def test_odds_in_one_word_get_a_hint(odds: tuple[str, ...], hint: str) -> None:
    done = karb("devig", *odds)
    assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert hint in done.stderr


def test_the_form_that_odds_were_read_in_is_shown() -> None:
    rows = karb("devig", "-150", "2.3", "5/2", "evens", "200").stdout.splitlines()[2:7]
    forms = [row.split()[:2] for row in rows]
    assert forms == [
        ["-150", "American"],
        ["2.3", "decimal"],
        ["5/2", "fraction"],
        ["evens", "evens"],
        ["200", "American"],
    ]
    assert "number of 100 and more" in karb("devig", "--help").stdout


@pytest.mark.parametrize(
    ("odds", "wide"),
    [
        (("1.8", "1.8"), False),
        (("1.78", "1.78"), True),
        (("2.6", "2.6", "2.6"), False),
        (("2.5", "2.5", "2.5"), True),
        (("7.3",) * 10, False),
        (("7.1",) * 10, True),
    ],
)
def test_a_margin_is_wide_by_the_number_of_outcomes(odds: tuple[str, ...], wide: bool) -> None:
    assert ("is wide" in karb("devig", *odds).stdout) is wide


def test_a_margin_below_nothing_is_said_with_its_sum() -> None:
    assert "adds up to only 95.24%" in karb("devig", "2.1", "2.1").stdout


@pytest.mark.parametrize(
    ("odds", "why"),
    [
        (("-150", "+130"), "additive method: karb's own for two outcomes"),
        (("2.5", "3.2", "3.4"), "power method: karb's own for more than two"),
        (("1.0001", "1.0001", "1000.0"), "multiplicative method: the usual one, power, has none"),
    ],
)
def test_the_method_of_the_fair_odds_is_explained(odds: tuple[str, ...], why: str) -> None:
    assert why in karb("devig", *odds).stdout
