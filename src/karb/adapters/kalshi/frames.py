"""From bytes to a frame: where everything that can be wrong with bytes becomes `DecodeError`."""

from typing import Final, get_args

import msgspec

from karb.adapters.kalshi.wire import FRAME_DECODER, Frame
from karb.errors import DecodeError

MAX_MESSAGE: Final = 1 << 20

BROKEN = (msgspec.DecodeError, UnicodeError, RecursionError)
_KNOWN = frozenset(kind.__struct_config__.tag for kind in get_args(Frame))


class Ignored(msgspec.Struct, frozen=True, gc=False):
    """A message of a kind karb does not read; it still takes its place in a sequence."""

    kind: str
    sid: int
    seq: int


class _Envelope(msgspec.Struct, gc=False):
    type: str
    sid: int = 0
    seq: int = 0


def read_frame(raw: bytes | str) -> Frame | Ignored:
    """Read one WebSocket text; `DecodeError` for whatever is not a message.

    A kind that is not known is a value, so that a new one breaks nothing.
    """
    if len(raw) > MAX_MESSAGE:
        raise DecodeError(f"a message of {len(raw):,} bytes is longer than {MAX_MESSAGE:,}")
    try:
        return FRAME_DECODER.decode(raw)
    except msgspec.ValidationError as error:
        return _ignored(raw, error)
    except BROKEN as error:
        raise not_a_message(error) from error


def _ignored(raw: bytes | str, error: msgspec.ValidationError) -> Ignored:
    """The message as one of an unknown kind, or the error if its kind is known."""
    try:
        envelope = msgspec.json.decode(raw, type=_Envelope)
    except BROKEN as deeper:
        raise not_a_message(error) from deeper
    if envelope.type in _KNOWN:
        raise not_a_message(error) from error
    return Ignored(kind=envelope.type, sid=envelope.sid, seq=envelope.seq)


def not_a_message(error: Exception) -> DecodeError:
    """What a parser's complaint means for whoever reads it."""
    return DecodeError(
        f"not a message of the exchange: {error}",
        means="nothing was taken from it; the state before it stands",
        do="if it comes again, the exchange may have changed its format: update karb",
    )
