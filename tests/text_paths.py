"""A `TextPath` whose news are written down in lists."""

from dataclasses import dataclass, field

from karb.adapters.kalshi.frames import Ignored
from karb.adapters.kalshi.texts import TextPath
from karb.adapters.kalshi.wire import Frame
from karb.domain.market.book import Book
from karb.domain.market.messages import Quote


@dataclass
class Heard:
    """What a path has handed on, in order."""

    quotes: list[Quote] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    books: list[Book] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    frames: list[Frame | Ignored] = field(default_factory=list)
    tape: list[bytes] = field(default_factory=list)


def text_path(*, now: int = 1, use_yes_price: bool = False) -> tuple[TextPath, Heard]:
    """A path, and what it will hand on."""
    heard = Heard()
    path = TextPath(
        on_quote=heard.quotes.append,
        on_gone=heard.gone.append,
        on_book=heard.books.append,
        on_gap=heard.gaps.append,
        on_frame=heard.frames.append,
        now=lambda: now,
        tape=heard.tape.append,
        use_yes_price=use_yes_price,
    )
    return path, heard
