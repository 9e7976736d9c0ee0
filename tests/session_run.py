"""A session, the path of its texts and an exchange, with time and delivery in a test's hand."""

from kalshi_exchange import Exchange, Sent, Sides
from karb.adapters.kalshi.actions import Action, Alive, Close, Send, Stale, Tell
from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.session import TICK, Session
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.wire import Frame
from karb.domain.market.book import Book
from karb.domain.units import SECOND, Nanos
from karb.errors import DecodeError, KarbError


class Run:
    """Everything between two ends of a connection. `said` are the actions that were not sent."""

    def __init__(self, *tickers: str, exchange: Exchange | None = None) -> None:
        self.exchange = exchange or Exchange()
        self.now: Nanos = 1_000 * SECOND
        self.texts = 0
        self.said: list[Action] = []
        self.woken = False
        self.path = TextPath(
            on_quote=_nobody,
            on_gone=_nobody,
            on_book=_nobody,
            on_gap=self._on_gap,
            on_frame=self._on_frame,
            now=lambda: self.now,
            tape=_nobody,
        )
        self.session = Session(self.path.books, drop=self.path.drop_book, heard=self.path.heard)
        self.session.wake = self._wake
        self.session.want(tickers)
        self.connect()

    def connect(self) -> None:
        """A new connection."""
        self.exchange.connect()
        self.session.connected(self.now)

    def cut(self) -> None:
        """The connection breaks, and another one stands."""
        self.session.disconnected(self.now)
        self.path.lose()
        self.connect()

    def poll(self) -> list[Action]:
        """Ask the session, send what it says, and do what it asks for; what it said."""
        self.woken = False
        actions = self.session.poll(self.texts, self.now)
        for action in actions:
            if isinstance(action, Send):
                self.exchange.command(action.text)
            elif isinstance(action, Stale):
                self.path.lose()
            elif isinstance(action, Close):
                self.cut()
        self.said += [action for action in actions if not isinstance(action, Send | Alive)]
        return actions

    def deliver(self, sent: Sent) -> None:
        """One text arrives."""
        self.texts += 1
        try:
            self.path.on_text(sent.text)
        except DecodeError:
            self.session.on_unreadable()

    def deliver_all(self) -> None:
        """Everything arrives and is answered, until nobody has anything to say."""
        while self.exchange.out or self.woken:
            while self.exchange.out:
                self.deliver(self.exchange.out.pop(0))
            self.poll()

    def pass_time(self, span: Nanos) -> None:
        """Poll as often as is due, and let everything arrive."""
        end = self.now + span
        while self.now < end:
            self.now = min(end, self.now + TICK)
            self.poll()
            self.deliver_all()

    def start(self) -> "Run":
        """Until everything wanted is followed."""
        self.poll()
        self.deliver_all()
        return self

    def live(self, ticker: str) -> bool:
        """Whether a market may be decided on."""
        book = self.path.books.get(ticker)
        return book is not None and book.live

    def told(self) -> list[KarbError]:
        """What the user heard."""
        return [action.error for action in self.said if isinstance(action, Tell | Close)]

    def actions(self) -> list[str]:
        """The actions of all commands so far."""
        commands = self.exchange.commands
        return [each.get("params", {}).get("action", each["cmd"]) for each in commands]

    def _on_gap(self, sid: int) -> None:
        self.session.on_gap(sid)

    def _on_frame(self, frame: Frame | Ignored) -> None:
        self.session.on_frame(frame)

    def _wake(self) -> None:
        self.woken = True


def agrees(book: Book, true: Sides) -> bool:
    """Whether a book has exactly these levels; NO bids are YES asks."""
    return book.bids == dict(sorted(true["yes"].items())) and book.asks == {
        10_000 - price: count for price, count in true["no"].items()
    }


def _nobody(*_: object) -> None:
    """Nobody listens."""
