"""What the process that decides and the one that writes say to each other, over a socket.

The writing one asks, the other answers, and neither says anything else:

    Wants   -> At, Stop               it has no connection: where is the server?
    Ready   -> Deliver, Idle, Stop    it has one: what next, and what came of the last piece

A message is a line of JSON. The password goes this way and no other, so that no command line,
environment or file has it. When either end is gone, the other finds the line closed.
"""

import socket
from typing import Self, TypeAlias, TypeVar

import msgspec

from karb.adapters.questdb.address import Address
from karb.errors import ConfigError, DataError, KarbError, StoreDownError

T = TypeVar("T")

_KINDS = {kind.__name__: kind for kind in (KarbError, ConfigError, DataError, StoreDownError)}


class Trouble(msgspec.Struct, frozen=True):
    """An error of karb's, as it crosses."""

    kind: str
    what: str
    means: str
    do: str

    @classmethod
    def of(cls, error: KarbError | None) -> Self | None:
        """An error, if there is one."""
        if error is None:
            return None
        return cls(type(error).__name__, error.what, error.means, error.do)

    def error(self) -> KarbError:
        """The same error."""
        return _KINDS.get(self.kind, KarbError)(self.what, means=self.means, do=self.do)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a piece: rows by table, and bytes that were none.

    `why` is what the server said of the last refused row, `foreign` bytes of another version
    of karb, which are kept.
    """

    written: dict[str, int]
    refused: dict[str, int]
    why: str
    torn: int
    foreign: int


class Wants(msgspec.Struct, frozen=True, tag=True):
    """Where is the server? `trouble` is why the last connection ended, or was none."""

    trouble: Trouble | None


class Ready(msgspec.Struct, frozen=True, tag=True):
    """What next? `outcome` is that of the piece before; `trouble` what is wrong all the same."""

    outcome: Outcome | None
    trouble: Trouble | None


class At(msgspec.Struct, frozen=True, tag=True):
    """An address."""

    http_host: str
    http_port: int
    pg_host: str
    pg_port: int
    user: str
    password: str

    def __repr__(self) -> str:
        return f"At({self.http_host}:{self.http_port}, {self.pg_host}:{self.pg_port})"

    @classmethod
    def of(cls, at: Address) -> Self:
        """Whatever holds one, as it crosses."""
        return cls(at.http_host, at.http_port, at.pg_host, at.pg_port, at.user, at.password)


class Deliver(msgspec.Struct, frozen=True, tag=True):
    """A piece of a file of the spool, named from the spool's folder on."""

    path: str
    begin: int
    end: int


class Idle(msgspec.Struct, frozen=True, tag=True):
    """Nothing for now."""


class Stop(msgspec.Struct, frozen=True, tag=True):
    """That was all."""


Question: TypeAlias = Wants | Ready
Answer: TypeAlias = At | Deliver | Idle | Stop


class LineClosed(Exception):  # noqa: N818 - it is how either end learns of the other's
    """The other end is gone."""


class Line:
    """One end. `with` closes it."""

    def __init__(self, end: socket.socket) -> None:
        self._end, self._lines = end, end.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is said or heard any more; again without harm."""
        self._lines.close()
        self._end.close()

    def ask(self, question: Question) -> Answer:
        """Ask, and wait for the answer. Raises `LineClosed`."""
        self._say(question)
        return self._heard(_ANSWER)

    def asked(self) -> Question:
        """Wait for a question. Raises `LineClosed`."""
        return self._heard(_QUESTION)

    def answer(self, answer: Answer) -> None:
        """Answer it. Raises `LineClosed`."""
        self._say(answer)

    def _say(self, message: Question | Answer) -> None:
        try:
            self._end.sendall(_ENCODER.encode(message) + b"\n")
        except OSError:
            raise LineClosed from None

    def _heard(self, decoder: msgspec.json.Decoder[T]) -> T:
        """The next message; one that is none comes from another version, which is hung up on."""
        try:
            return decoder.decode(self._lines.readline())
        except (OSError, msgspec.DecodeError):
            raise LineClosed from None


_ENCODER = msgspec.json.Encoder()
_QUESTION: msgspec.json.Decoder[Question] = msgspec.json.Decoder(Question)
_ANSWER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)
