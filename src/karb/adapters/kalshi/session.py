"""The conversation with Kalshi over one WebSocket at a time, without the WebSocket.

It is told which markets are wanted, what answers came and how late it is, and says what to
do. On a connection it keeps a subscription to each channel, follows markets in batches, one
command a channel at a time, and sees answers, refusals and subscriptions that end. It asks
for the books that do not stand (`mending`) and watches whether texts come at all (`pulse`).
Prices do not pass through here: books are only looked at.

The shell around it (`stream`) connects, does what `poll` says, and polls again when `wake`
is called and `TICK` after the last time.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from karb.adapters.kalshi.actions import Action, Close
from karb.adapters.kalshi.dialog import Answer, Dialog
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.stream_errors import unreadable
from karb.adapters.kalshi.wire import Frame
from karb.domain.market.book import Book
from karb.domain.units import MILLISECOND, SECOND, Nanos

TICK: Nanos = 200 * MILLISECOND
"""How long after a poll the next one is due at the latest."""
MOST_UNREADABLE = 20
WINDOW: Nanos = 10 * SECOND
"""More unreadable texts than that in so long a time: the connection is given up."""


class Session:
    """What is wanted, and one connection at a time.

    `books` are those that the texts of the connection go into; `drop` takes away the book of
    a market, which happens when it begins to be followed: what stood there came from another
    subscription. `heard` is a number that grows with each message of a subscription. `gaps`
    counts missed messages by channel.
    """

    def __init__(
        self,
        books: Mapping[str, Book],
        *,
        drop: Callable[[str], object],
        heard: Callable[[int], int | None],
        use_yes_price: bool = False,
    ) -> None:
        self._books, self._drop, self._heard = books, drop, heard
        self._use_yes_price = use_yes_price
        self._wanted: dict[str, None] = {}
        self._inbox: list[Answer] = []
        self._missed: list[int] = []
        self._dialog: Dialog | None = None
        self._asked_before = 0
        self._unreadable, self._since = 0, 0
        self.gaps: Counter[str] = Counter()
        self.wake: Callable[[], object] = lambda: None

    @property
    def wanted(self) -> int:
        """How many markets are to be followed."""
        return len(self._wanted)

    @property
    def snapshots(self) -> int:
        """How many books were asked for because they did not stand."""
        return self._asked_before + (0 if self._dialog is None else self._dialog.asked)

    def want(self, tickers: Iterable[str]) -> None:
        """Follow these as well."""
        self._wanted.update(dict.fromkeys(tickers))
        self.wake()

    def unwant(self, tickers: Iterable[str]) -> None:
        """Follow these no longer."""
        for ticker in tickers:
            self._wanted.pop(ticker, None)
        self.wake()

    def connected(self, now: Nanos) -> None:
        """A connection stands."""
        self._unreadable, self._since = 0, now
        self._dialog = Dialog(
            self._books,
            self._wanted,
            drop=self._drop,
            heard=self._heard,
            use_yes_price=self._use_yes_price,
            now=now,
        )

    def disconnected(self, now: Nanos) -> Nanos | None:
        """The connection ended. How long it had lived; None when it never was of any use."""
        dialog, self._dialog = self._dialog, None
        self._inbox.clear()
        self._missed.clear()
        if dialog is None:
            return None
        self._asked_before += dialog.asked
        return now - dialog.began if dialog.worked else None

    def on_frame(self, frame: Frame | Ignored) -> None:
        """Take an answer to a command; frames of other kinds are not for here."""
        if isinstance(frame, Answer):
            self._inbox.append(frame)
            self.wake()

    def on_gap(self, sid: int) -> None:
        """Messages of this subscription were missed, or it ended: its books are lost."""
        self._missed.append(sid)
        self.wake()

    def on_unreadable(self) -> None:
        """A text could not be read."""
        self._unreadable += 1

    def poll(self, texts: int, now: Nanos) -> list[Action]:
        """What to do now; nothing without a connection. `texts` is how many have come so far."""
        dialog = self._dialog
        if dialog is None:
            return []
        if self._unreadable_for_long(now):
            return [Close(unreadable(MOST_UNREADABLE, WINDOW // SECOND))]
        self._count(dialog)
        answers, self._inbox = self._inbox, []
        actions = [action for answer in answers for action in dialog.hear(answer, now)]
        return [*actions, *dialog.go_on(texts, now)]

    def _count(self, dialog: Dialog) -> None:
        for sid in self._missed:
            self.gaps[dialog.channel_of(sid)] += 1
        if self._missed:
            self._missed.clear()
            dialog.gap()

    def _unreadable_for_long(self, now: Nanos) -> bool:
        if now - self._since > WINDOW:
            self._since, self._unreadable = now, 0
        return self._unreadable > MOST_UNREADABLE
