"""What begins to be wrong is said once on stderr, and again when it begins anew."""

from karb.cli.screens.troubles import QUIET, Troubles


class World:
    """A list of problems as `Recent` words them, a clock, and what was said."""

    def __init__(self) -> None:
        self.at = 0.0
        self.said: list[str] = []
        self.troubles = Troubles(self.said.append, clock=lambda: self.at)

    def look(self, *problems: str, after: float = 1.0) -> list[str]:
        """What is said when these are the problems."""
        self.at += after
        self.said.clear()
        self.troubles.look(problems)
        return list(self.said)


def test_a_trouble_is_said_when_it_begins_and_not_while_it_goes_on() -> None:
    world = World()
    assert world.look("0s ago: odds: away; wait") == ["karb: odds: away; wait"]
    for times in range(2, 1_000):
        assert world.look(f"0s ago, {times} times: odds: away; wait", after=1.0) == []


def test_a_trouble_that_is_over_is_not_said_again() -> None:
    world = World()
    world.look("0s ago, 3 times: odds: away")
    assert world.look("1.5h ago, 3 times: odds: away", after=5_400) == []


def test_a_trouble_that_comes_back_after_a_quiet_time_is_said_again() -> None:
    world = World()
    world.look("0s ago, 3 times: odds: away")
    again = world.look("0s ago, 4 times: odds: away", after=QUIET + 1)
    assert again == ["karb: odds: away"]


def test_several_are_said_in_the_order_in_which_they_came() -> None:
    world = World()
    said = world.look("0s ago: feed: second", "5s ago: odds: first")
    assert said == ["karb: odds: first", "karb: feed: second"]
