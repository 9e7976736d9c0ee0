"""Messages to a person: from a thread of their own, few enough to be read."""

from threading import Event

from karb.adapters.alerts.notifier import MINUTE, MOST, Notifier


class Phone:
    """Receives messages; busy until told otherwise."""

    def __init__(self, *, reachable: bool = True) -> None:
        self.got: list[tuple[str, str]] = []
        self.reachable = reachable
        self.answered = Event()
        self.answered.set()

    def __call__(self, title: str, text: str) -> bool:
        self.answered.wait(5)
        self.got.append((title, text))
        return self.reachable


def test_an_alarm_says_what_happened_what_it_means_and_what_to_do() -> None:
    phone = Phone()
    notifier = Notifier(phone, clock=lambda: 0)
    notifier.raise_alarm("the feed is gone", "no new orders", "look at karb run")
    notifier.close()
    assert phone.got == [("karb: the feed is gone", "no new orders\nlook at karb run")]


def test_telling_waits_for_nobody() -> None:
    phone = Phone()
    phone.answered.clear()
    notifier = Notifier(phone, clock=lambda: 0)
    notifier.tell("a", "b")
    assert phone.got == []
    phone.answered.set()
    notifier.close()
    assert phone.got == [("a", "b")]


def test_too_many_messages_are_held_back_and_the_next_one_says_so() -> None:
    phone, time = Phone(), [0]
    notifier = Notifier(phone, clock=lambda: time[0])
    for number in range(MOST + 3):
        notifier.tell(str(number), "")
    time[0] = MINUTE
    notifier.tell("later", "text")
    notifier.close()
    assert [title for title, _ in phone.got] == [*map(str, range(MOST)), "later"]
    assert phone.got[-1][1] == "text\n(3 messages before this one were held back)"
    assert notifier.held == 3


def test_what_was_not_delivered_is_counted() -> None:
    notifier = Notifier(Phone(reachable=False), clock=lambda: 0)
    notifier.tell("a", "b")
    notifier.close()
    assert notifier.failed == 1


def test_a_network_that_is_gone_costs_the_messages_and_not_the_ones_after() -> None:
    phone, gone = Phone(), [True, True, False]

    def send(title: str, text: str) -> bool:
        if gone.pop(0):
            raise OSError("no route to host")
        return phone(title, text)

    notifier = Notifier(send, clock=lambda: 0)
    for title in ("a", "b", "c"):
        notifier.tell(title, "")
    notifier.close()
    assert phone.got == [("c", "")]
    assert notifier.failed == 2
