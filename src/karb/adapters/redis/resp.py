"""Redis' protocol, the half that is written: a command is its words, each behind its length."""

from typing import Any, cast

from hiredis import pack_command

# Its stub declares a tuple of exactly one word.
_pack = cast("Any", pack_command)


def command(*parts: str | bytes) -> bytes:
    """One command, ready to be sent."""
    packed: bytes = _pack(parts)
    return packed


def words(*texts: str) -> bytes:
    """Words of a command that is put together by hand."""
    return b"".join(b"$%d\r\n%b\r\n" % (len(text.encode()), text.encode()) for text in texts)
