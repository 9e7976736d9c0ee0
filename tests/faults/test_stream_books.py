"""Gaps, reorderings, duplicates, losses, cuts: a book is true, or it is not LIVE."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kalshi_exchange import Sent
from karb.domain.units import MILLISECOND, SECOND
from session_run import Run, agrees

TICKERS = ("KXNBAGAME-26NOV25LALBOS-LAL", "KXNBAGAME-26NOV25LALBOS-BOS", "KXNFL-27-BUF")

change = st.tuples(
    st.just("change"),
    st.sampled_from(TICKERS),
    st.sampled_from(["yes", "no"]),
    st.integers(1, 49).map(lambda cents: cents * 100),
    st.integers(0, 3).map(lambda count: count * 100),
)
fault = st.one_of(
    st.tuples(st.sampled_from(["drop", "twice", "swap", "mangle", "again", "cut", "wait"])),
    st.tuples(st.just("end"), st.sampled_from([10, 25])),
    st.tuples(st.sampled_from(["want", "unwant"]), st.sampled_from(TICKERS)),
)
step = st.one_of(change, change, change, st.just(("deliver",)), st.just(("deliver",)), fault)


class Line:
    """Delivers frames as a test says, and holds every live book against what was true."""

    def __init__(self) -> None:
        self.run = Run(*TICKERS)
        self.last: Sent | None = None
        self.delivered: dict[int, int] = {}

    def do(self, what: str, *how: object) -> None:
        """One step, and then the polls that it makes due."""
        out = self.run.exchange.out
        match what:
            case "change":
                self.run.exchange.change(*how)  # type: ignore[arg-type]
            case "drop" if out:
                out.pop(0)
            case "twice" if out:
                out.insert(0, out[0])
            case "swap" if len(out) > 1:
                out[0], out[1] = out[1], out[0]
            case "mangle" if out:
                out[0] = out[0]._replace(text=out[0].text[:-2])
            case "again" if self.last is not None:
                out.insert(0, self.last)
            case "cut":
                self.run.cut()
                self.last = None
                self.delivered.clear()
            case "end":
                self.run.exchange.end("orderbook_delta", *how)  # type: ignore[arg-type]
            case "want":
                self.run.session.want([str(how[0])])
            case "unwant":
                self.run.session.unwant([str(how[0])])
                self.run.path.drop_book(str(how[0]))
            case "deliver" if out:
                self.deliver(out.pop(0))
        self.run.now += (300 if what == "wait" else 3) * MILLISECOND
        self.run.poll()

    def deliver(self, sent: Sent) -> None:
        """One frame, and what must hold after it."""
        self.last = sent
        self.run.deliver(sent)
        if sent.seq:
            self.delivered[sent.sid] = sent.seq
        for ticker in TICKERS:
            if self.run.live(ticker):
                book, exchange = self.run.path.books[ticker], self.run.exchange
                true = [exchange.true_at(*told, ticker) for told in self.delivered.items()]
                assert any(sides is not None and agrees(book, sides) for sides in true), ticker


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=80))
def test_a_book_is_true_or_not_live_and_stands_again_when_the_faults_end(
    steps: list[tuple[object, ...]],
) -> None:
    line = Line()
    for what, *how in steps:
        line.do(str(what), *how)
    line.run.session.want(TICKERS)
    line.run.deliver_all()
    line.run.pass_time(12 * SECOND)
    for ticker in TICKERS:
        assert line.run.live(ticker)
        assert agrees(line.run.path.books[ticker], line.run.exchange.books[ticker])
